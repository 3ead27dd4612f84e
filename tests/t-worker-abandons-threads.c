/* SPDX-License-Identifier: MIT */
/* Proves: an OS thread that ends with green threads alive abandons them: they
 * are counted, their destroy hooks run once, their ids are stale, whoever
 * joined one of them is sent away with -ESRCH, what they themselves joined can
 * be joined by others, and their stacks are gone. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

static pthread_barrier_t barrier;
static atomic_int destroyed, left;

static void
destroy(void *user)
{
	(void)user;
	destroyed++;
}

static void
leave(void *user)
{
	(void)user;
	left++;
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.leave = leave,
	.destroy = destroy,
};

static green_t ids[6];

static void *
sleeps(void *arg)
{
	green_sleep_until(green_after(1000 * GREEN_SECOND));
	return arg;
}

static void *
joins(void *arg)
{
	green_join(*(green_t *)arg, NULL, GREEN_NEVER);
	return arg;
}

static void *
returns(void *arg)
{
	return arg;
}

/* A sleeper, one that joins it, one that joins another worker's, an ended one,
 * one that is ready and one that has not started. */
static void *
os_thread(void *arg)
{
	struct green_attr attr = { .size = sizeof(attr), .hooks = &hooks };

	attr.name = "abandoned";
	green_spawn(&ids[0], &attr, sleeps, NULL);
	green_spawn(&ids[1], &attr, joins, &ids[0]);
	green_spawn(&ids[2], &attr, joins, arg);
	green_spawn(&ids[3], &attr, returns, NULL);
	green_spawn(&ids[4], &attr, sleeps, NULL);
	green_yield();
	green_interrupt(ids[4]);
	green_spawn(&ids[5], &attr, returns, NULL);
	pthread_barrier_wait(&barrier); /* ids are known */
	pthread_barrier_wait(&barrier); /* and are being joined */
	return NULL;
}

static void *
join_inside(void *arg)
{
	return (void *)(intptr_t)green_join(*(green_t *)arg, NULL, GREEN_NEVER);
}

/* A worker, which is blocked while it joins. */
static void *
join_from_worker(void *arg)
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, join_inside, arg);
	green_join(id, &value, GREEN_NEVER);
	return value;
}

static struct green_stats
stats(void)
{
	struct green_stats s = { .size = sizeof(s) };

	green_stats_get(&s);
	return s;
}

/* Until the thread has a joiner. */
static void
wait_for_joiner(green_t id)
{
	while (green_join(id, NULL, 0) != -EBUSY)
		sched_yield();
}

static void *
sleeps_never(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

int
main(void)
{
	pthread_t other, joiner[2];
	green_t mine;
	void *value;
	int stale = 0;

	green_spawn(&mine, NULL, sleeps_never, NULL);
	green_yield();
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&other, NULL, os_thread, &mine);
	pthread_barrier_wait(&barrier);
	is(stats().threads, 2 + 6, "threads alive");
	is(green_join(mine, NULL, 0), -EBUSY, "mine is being joined");
	pthread_create(&joiner[0], NULL, join_inside, &ids[4]);
	pthread_create(&joiner[1], NULL, join_from_worker, &ids[5]);
	wait_for_joiner(ids[4]);
	wait_for_joiner(ids[5]);
	pthread_barrier_wait(&barrier);
	pthread_join(other, NULL);

	is(destroyed, 6, "destroy hooks");
	is(left, 4, "leave hooks: only those that ran");
	for (int i = 0; i < 6; i++)
		stale += green_join(ids[i], NULL, 0) == -ESRCH;
	is(stale, 6, "stale ids");
	pthread_join(joiner[0], &value);
	is((intptr_t)value, -ESRCH, "a pthread that joined one");
	pthread_join(joiner[1], &value);
	is((intptr_t)value, -ESRCH, "a green thread that did");

	is(stats().abandoned, 5, "abandoned: all but the ended one");
	is(stats().threads, 2, "threads alive");
	is(stats().workers, 1, "workers");
	green_interrupt(mine);
	is(green_join(mine, NULL, GREEN_NEVER), 0, "mine can be joined");
	is(stats().stacks_free,
	   stats().stacks_guard_install + stats().stacks_guard_mprotect +
		   stats().stacks_guard_none,
	   "no other stacks are left");
	return tap_done();
}
