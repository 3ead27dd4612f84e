/* SPDX-License-Identifier: MIT */
/* Proves: in every order of two and three threads, preempted in any call, a
 * mutex is held by one at a time, is handed on past waiters that time out or
 * are cancelled, and is free at the end. */

#include "explored.h"

static struct green_mutex mutex;
static int inside, intruded, locked;

static void
hold(void)
{
	intruded |= inside++;
	locked++;
	green_yield();
	inside--;
}

static void *
lock_until(void *deadline)
{
	int error = green_mutex_lock(&mutex, *(int64_t *)deadline);

	if (error)
		return (void *)(intptr_t)error;
	hold();
	return (void *)(intptr_t)green_mutex_unlock(&mutex);
}

static void
begin(void)
{
	memset(&mutex, 0, sizeof(mutex));
	inside = intruded = locked = 0;
}

/* What a run must not leave behind. */
static void *
end(int want_locked)
{
	if (intruded)
		return wrong("two at a time");
	if (locked != want_locked)
		return wrong("not as many locks as successes");
	if (green_mutex_lock(&mutex, 0))
		return wrong("not free at the end");
	if (green_mutex_unlock(&mutex) || green_mutex_fini(&mutex))
		return wrong("busy at the end");
	return NULL;
}

static void *
two(void *arg)
{
	green_t a, b;

	begin();
	a = spawned(lock_until, &never);
	b = spawned(lock_until, &never);
	if (result_of(a) || result_of(b))
		return wrong("a lock without a limit failed");
	return arg ? arg : end(2);
}

static void *
three(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b, c;
	int less;

	begin();
	a = spawned(lock_until, &never);
	b = stoppable(lock_until, how);
	c = spawned(lock_until, &never);
	less = gave_up(b, how);
	if (less < 0)
		return wrong("neither locked nor gave up");
	if (result_of(a) || result_of(c))
		return wrong("a lock without a limit failed");
	return end(3 - less);
}

static void
all(void)
{
	explored(two, NULL, 4, "two threads");
	explored_stops(three, STOPS("three threads"));
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
