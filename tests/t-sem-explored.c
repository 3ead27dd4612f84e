/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, no post of a semaphore is lost
 * or counted twice, whoever waits, times out or is cancelled. */

#include "explored.h"

#define MS GREEN_MILLISECOND

static struct green_sem sem;

static void *
wait_until(void *deadline)
{
	return (void *)(intptr_t)green_sem_wait(&sem, *(int64_t *)deadline);
}

static void *
post(void *arg)
{
	green_sem_post(&sem);
	return arg;
}

/* So many were waited for, of two. */
static void *
end(int waited)
{
	int left = 0;

	while (!green_sem_wait(&sem, 0))
		left++;
	if (waited + left < 2)
		return wrong("a post was lost");
	if (waited + left > 2)
		return wrong("a post was counted twice");
	return green_sem_fini(&sem) ? wrong("busy at the end") : NULL;
}

static int64_t never = GREEN_NEVER;

static void *
two_waits(void *arg)
{
	green_t a, b;

	memset(&sem, 0, sizeof(sem));
	a = spawned(wait_until, &never);
	b = spawned(wait_until, &never);
	green_sem_post(&sem);
	green_sem_post(&sem);
	if (result_of(a) || result_of(b))
		return wrong("a wait without a limit failed");
	return arg ? arg : end(2);
}

static void *
times_out(void *arg)
{
	int64_t soon = green_after(MS);
	green_t a, b, c;
	int error;

	memset(&sem, 0, sizeof(sem));
	a = spawned(wait_until, &soon);
	b = spawned(wait_until, &never);
	c = spawned(post, NULL);
	green_sem_post(&sem);
	error = result_of(a);
	if (result_of(b) || result_of(c))
		return wrong("others failed");
	if (error && error != -ETIMEDOUT)
		return wrong("neither waited for nor timed out");
	return arg ? arg : end(error ? 1 : 2);
}

static void *
cancelled(void *arg)
{
	green_t a, b, c;
	int error;

	memset(&sem, 0, sizeof(sem));
	a = spawned(wait_until, &never);
	b = spawned(wait_until, &never);
	c = spawned(post, NULL);
	green_cancel(a);
	green_sem_post(&sem);
	error = result_of(a);
	if (result_of(b) || result_of(c))
		return wrong("others failed");
	if (error && error != -ECANCELED)
		return wrong("neither waited for nor cancelled");
	return arg ? arg : end(error ? 1 : 2);
}

static void
all(void)
{
	explored(two_waits, NULL, 4, "two waits");
	explored(times_out, NULL, (uint64_t)tap_scale(2, 1), "a time-out");
	explored(cancelled, NULL, (uint64_t)tap_scale(2, 1), "a cancellation");
}

int
main(void)
{
	all();
	in_company();
	all();
	return tap_done();
}
