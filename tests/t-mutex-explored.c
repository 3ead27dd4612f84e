/* SPDX-License-Identifier: MIT */
/* Proves: in every order of two and three threads, preempted in any call, a
 * mutex is held by one at a time, is handed on past waiters that time out or
 * are cancelled, and is free at the end. */

#include "explored.h"

#define MS GREEN_MILLISECOND

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

static int64_t never = GREEN_NEVER;

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
three(void *arg)
{
	int64_t soon = green_after(MS);
	green_t a, b, c;
	int error;

	begin();
	a = spawned(lock_until, &never);
	b = spawned(lock_until, &soon);
	c = spawned(lock_until, &never);
	error = result_of(b);
	if (result_of(a) || result_of(c))
		return wrong("a lock without a limit failed");
	if (error && error != -ETIMEDOUT)
		return wrong("neither locked nor timed out");
	return arg ? arg : end(error ? 2 : 3);
}

static void *
cancelled(void *arg)
{
	green_t a, b, c;
	int error;

	begin();
	a = spawned(lock_until, &never);
	b = spawned(lock_until, &never);
	c = spawned(lock_until, &never);
	if (green_cancel(b))
		return wrong("cannot be cancelled");
	error = result_of(b);
	if (result_of(a) || result_of(c))
		return wrong("others failed");
	if (error && error != -ECANCELED)
		return wrong("neither locked nor cancelled");
	return arg ? arg : end(error ? 2 : 3);
}

static void
all(void)
{
	explored(two, NULL, 4, "two threads");
	explored(three, NULL, (uint64_t)tap_scale(2, 1), "a time-out");
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
