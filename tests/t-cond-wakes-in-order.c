/* SPDX-License-Identifier: MIT */
/* Proves: a signal ends the wait of the one that waits longest, a broadcast
 * that of all, in order; none of them runs before it can have the mutex; a
 * signal that finds nobody leaves nothing behind, and none is lost to one that
 * has given up. */

#include "tap.h"

#include <green.h>

#define THREADS 10

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static struct green_cond cond = GREEN_COND_INIT;
static int order[THREADS], back, errors[THREADS], runs;

static void
enter(void *user)
{
	(void)user;
	runs++;
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.enter = enter,
};

static void *
waits(void *arg)
{
	int i = (int)(intptr_t)arg;

	green_mutex_lock(&mutex, GREEN_NEVER);
	errors[i] = green_cond_wait(&cond, &mutex, GREEN_NEVER);
	order[back++] = i;
	if (green_mutex_unlock(&mutex))
		errors[i] = 1;
	return NULL;
}

static void
start(green_t ids[THREADS])
{
	struct green_attr attr = { .size = sizeof(attr), .hooks = &hooks };

	back = 0;
	for (int i = 0; i < THREADS; i++) {
		errors[i] = 77;
		green_spawn(&ids[i], &attr, waits, (void *)(intptr_t)i);
	}
	green_yield();
	runs = 0;
}

static void
all_back(green_t ids[THREADS], const char *what)
{
	int wrong = 0;

	for (int i = 0; i < THREADS; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		wrong += errors[i] || order[i] != i;
	}
	is(back, THREADS, "%s: all are back", what);
	is(wrong, 0, "%s: in order", what);
	is(runs, THREADS, "%s: each ran once", what);
}

static void
one_by_one(void)
{
	green_t ids[THREADS];
	int wrong = 0;

	is(green_cond_signal(&cond), 0, "a signal for nobody");
	is(green_cond_broadcast(&cond), 0, "a broadcast for nobody");
	start(ids);
	is(back, 0, "all wait");
	for (int i = 0; i < THREADS; i++) {
		wrong += green_cond_signal(&cond) != 0;
		green_yield();
		green_yield();
		wrong += back != i + 1;
	}
	is(wrong, 0, "each signal ends one wait");
	all_back(ids, "signals");
}

static void
all_at_once(void)
{
	green_t ids[THREADS];

	start(ids);
	is(green_cond_broadcast(&cond), 0, "broadcast");
	is(green_mutex_lock(&mutex, 0), -EAGAIN,
	   "the first has the mutex already");
	all_back(ids, "broadcast");
	is(green_cond_fini(&cond), 0, "nobody waits");
}

static void
with_the_mutex_held(void)
{
	green_t ids[THREADS];

	start(ids);
	green_mutex_lock(&mutex, GREEN_NEVER);
	green_cond_broadcast(&cond);
	green_yield();
	is(runs, 0, "nobody runs while the mutex is held");
	is(green_mutex_unlock(&mutex), 0, "unlock");
	is(green_mutex_lock(&mutex, 0), -EAGAIN, "to the first of them");
	all_back(ids, "held");
}

/* The first two are interrupted: the signal is for the third. */
static void
not_lost(void)
{
	green_t ids[THREADS];

	start(ids);
	green_interrupt(ids[0]);
	green_interrupt(ids[1]);
	green_yield();
	is(back, 2, "two are back");
	is(errors[0], -EINTR, "interrupted");
	is(errors[1], -EINTR, "both");
	is(green_cond_signal(&cond), 0, "signal");
	green_yield();
	is(back, 3, "one more");
	is(order[2], 2, "the third");
	is(errors[2], 0, "by the signal");
	green_cond_broadcast(&cond);
	for (int i = 0; i < THREADS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	is(back, THREADS, "and all the others");
	is(green_mutex_fini(&mutex), 0, "the mutex is free");
}

int
main(void)
{
	one_by_one();
	all_at_once();
	with_the_mutex_held();
	not_lost();
	return tap_done();
}
