/* SPDX-License-Identifier: MIT */
/* Proves: a semaphore is handed to the thread that has waited longest and to
 * nobody who comes later; a wait ends at its deadline, at an interruption, and
 * takes nothing then; and who waits is busy until it has returned. */

#include "tap.h"

#include <green.h>

#define MS GREEN_MILLISECOND

static struct green_sem sem;
static char order[64];

static void *
waits(void *arg)
{
	if (green_sem_wait(&sem, GREEN_NEVER) == 0)
		strcat(order, arg);
	return NULL;
}

static void
first_come(void)
{
	static char names[][2] = { "a", "b", "c", "d" };
	green_t ids[4];

	for (int i = 0; i < 4; i++)
		green_spawn(&ids[i], NULL, waits, names[i]);
	green_yield();
	is(green_sem_fini(&sem), -EBUSY, "fini while four wait");
	is(green_sem_post(&sem), 0, "post");
	is(green_sem_post(&sem), 0, "post");
	is(green_sem_wait(&sem, 0), -EAGAIN, "it is theirs already");
	ok(!*order, "who have not run yet");
	green_yield();
	ok(!strcmp(order, "ab"), "the first two: %s", order);
	green_sem_post(&sem);
	green_sem_post(&sem);
	is(green_sem_fini(&sem), -EBUSY, "fini while two have not returned");
	for (int i = 0; i < 4; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	ok(!strcmp(order, "abcd"), "the others: %s", order);
	is(green_sem_wait(&sem, 0), -EAGAIN, "nothing is left");
}

static void
counts(void)
{
	is(green_sem_init(&sem, 2, NULL), 0, "two to begin with");
	is(green_sem_post(&sem), 0, "one more");
	is(green_sem_wait(&sem, GREEN_NEVER), 0, "one");
	is(green_sem_wait(&sem, 1), 0, "two, though the deadline has passed");
	is(green_sem_wait(&sem, 0), 0, "three");
	is(green_sem_wait(&sem, 0), -EAGAIN, "and no more");
	is(green_sem_wait(&sem, 1), -ETIMEDOUT, "with a passed deadline");
}

static void *
posts_later(void *arg)
{
	green_sleep_until(*(int64_t *)arg);
	green_sem_post(&sem);
	return NULL;
}

static void
deadlines(void)
{
	int64_t start = green_now(), later = start + 50 * MS;
	green_t id;

	is(green_sem_wait(&sem, start + 30 * MS), -ETIMEDOUT, "times out");
	is(green_now() - start, 30 * MS, "when it should");
	green_spawn(&id, NULL, posts_later, &later);
	is(green_sem_wait(&sem, start + 60 * MS), 0, "posted before");
	is(green_now() - start, 50 * MS, "at that time");
	green_join(id, NULL, GREEN_NEVER);
	/* A waiter that gave up is not in the way of the next. */
	is(green_sem_wait(&sem, start + 70 * MS), -ETIMEDOUT, "again");
	is(green_sem_post(&sem), 0, "post");
	is(green_sem_wait(&sem, 0), 0, "there it is");
}

static void *
result(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)green_sem_wait(&sem, GREEN_NEVER);
}

static void
interrupted(void)
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, result, NULL);
	green_yield();
	is(green_interrupt(id), 0, "interrupt");
	is(green_sem_post(&sem), 0, "and post before it has run");
	green_join(id, &value, GREEN_NEVER);
	if ((intptr_t)value == 0) {
		is(green_sem_wait(&sem, 0), -EAGAIN, "it took the one");
	} else {
		is((intptr_t)value, -EINTR, "it was interrupted");
		is(green_sem_wait(&sem, 0), 0, "and took nothing");
	}
	green_spawn(&id, NULL, result, NULL);
	green_yield();
	green_interrupt(id);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, -EINTR, "interrupted");
	is(green_sem_fini(&sem), 0, "nobody waits");
	ok(!memcmp(&sem, &(struct green_sem)GREEN_SEM_INIT, sizeof(sem)),
	   "all zero after fini");
}

int
main(void)
{
	green_clock_virtual(GREEN_SECOND);
	first_come();
	counts();
	deadlines();
	interrupted();
	return tap_done();
}
