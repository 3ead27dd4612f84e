/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, all who wait for a group go on
 * when what it counts is done, and nobody does before, whoever gives up. */

#include "explored.h"

static struct green_waitgroup group;
static int done, early;

static void
begin(void)
{
	memset(&group, 0, sizeof(group));
	done = early = 0;
	if (green_waitgroup_add(&group, 2))
		exit(99);
}

static void *
end(void)
{
	if (early)
		return wrong("one went on too early");
	if (green_waitgroup_wait(&group, 0))
		return wrong("not done at the end");
	if (green_waitgroup_done(&group) != -EINVAL)
		return wrong("there is more to do than was added");
	return green_waitgroup_fini(&group) ? wrong("busy at the end") : NULL;
}

static void *
wait_until(void *deadline)
{
	int error = green_waitgroup_wait(&group, *(int64_t *)deadline);

	early |= !error && done != 2;
	return (void *)(intptr_t)error;
}

static void *
work(void *arg)
{
	done++;
	return green_waitgroup_done(&group) ? (void *)1 : arg;
}

static void *
two_wait(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b, c;

	begin();
	a = stoppable(wait_until, how);
	b = spawned(wait_until, &never);
	c = spawned(work, NULL);
	if (work(NULL))
		return wrong("not counted");
	if (gave_up(a, how) < 0)
		return wrong("neither waited for nor gave up");
	if (result_of(b) || result_of(c))
		return wrong("others failed");
	return end();
}

static void
all(void)
{
	explored_stops(two_wait, STOPS("two wait for two"));
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
