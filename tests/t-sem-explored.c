/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, no post of a semaphore is lost
 * or counted twice, whoever waits, times out or is cancelled. */

#include "explored.h"

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
two_posts(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b, c;
	int less;

	memset(&sem, 0, sizeof(sem));
	a = stoppable(wait_until, how);
	b = spawned(wait_until, &never);
	c = spawned(post, NULL);
	green_sem_post(&sem);
	less = gave_up(a, how);
	if (less < 0)
		return wrong("neither waited for nor gave up");
	if (result_of(b) || result_of(c))
		return wrong("others failed");
	return end(2 - less);
}

static void
all(void)
{
	explored(two_waits, NULL, 4, "two waits");
	explored_stops(two_posts, STOPS("two posts"));
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
