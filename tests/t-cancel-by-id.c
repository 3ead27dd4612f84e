/* SPDX-License-Identifier: MIT */
/* Proves: green_cancel() takes the id of any thread: the caller's own, one that
 * has not started (it starts), one that has ended, the main flow; and answers
 * for those that are none. Nothing of it is left for the next thread in the
 * same control block. Key destructors run shielded. */

#include "tap.h"

#include <green.h>

static green_t main_flow;
static green_key_t key;
static int destroyed;

static void *
sleeps(void *arg)
{
	*(int *)arg = green_sleep_until(GREEN_NEVER);
	return arg;
}

static void *
naps(void *arg)
{
	return (void *)(intptr_t)(green_cancelled() ? 1 : green_sleep_until(1));
	(void)arg;
}

static void *
cancels_itself(void *arg)
{
	is(green_cancelled(), 0, "not yet");
	is(green_cancel(green_self()), 0, "cancel oneself");
	is(green_cancelled(), 1, "cancelled");
	green_yield();
	is(green_sleep_until(1), -ECANCELED, "an own sleep");
	return arg;
}

static void *
cancels_main(void *arg)
{
	is(green_cancel(main_flow), 0, "cancel the main flow");
	return arg;
}

static void
destroy(void *value)
{
	is(green_cancelled(), 0, "a destructor is shielded");
	is(green_sleep_until(green_after(1)), 0, "and may sleep");
	destroyed++;
	(void)value;
}

static void *
has_a_key(void *arg)
{
	green_key_set(key, &key);
	return sleeps(arg);
}

static void *
exits(void *arg)
{
	green_key_set(key, &key);
	green_sleep_until(GREEN_NEVER);
	green_exit(arg);
}

static void
errors(void)
{
	green_t id;
	int result = 0;

	is(green_cancel(0), -EINVAL, "id 0");
	is(green_cancel(~(green_t)0), -ESRCH, "garbage");
	is(green_shield(2), -EINVAL, "no shield");
	is(green_shield(-1), -EINVAL, "nor an error for one");
	green_spawn(&id, NULL, naps, NULL);
	green_sleep_until(green_after(1));
	green_yield();
	is(green_cancel(id), 0, "one that has ended");
	is(green_join(id, NULL, GREEN_NEVER), 0, "which is joined");
	is(green_cancel(id), -ESRCH, "and stale");
	green_spawn(&id, NULL, sleeps, &result);
	is(green_cancel(id), 0, "one that has not started");
	is(green_join(id, NULL, GREEN_NEVER), 0, "starts");
	is(result, -ECANCELED, "and cannot sleep");
	green_spawn(&id, NULL, sleeps, &result);
	green_detach(id);
	green_yield();
	is(green_cancel(id), 0, "a detached one");
	result = 0;
	green_yield();
	is(result, -ECANCELED, "was woken");
	is(green_cancel(id), -ESRCH, "and is gone");
}

/* The blocks of cancelled threads are used again. */
static void
nothing_left(void)
{
	int result, left = 0;
	void *value;
	green_t id;

	for (int i = 0; i < 100; i++) {
		green_spawn(&id, NULL, sleeps, &result);
		if (i % 2)
			green_yield();
		green_cancel(id);
		green_join(id, NULL, GREEN_NEVER);
		green_spawn(&id, NULL, naps, NULL);
		green_join(id, &value, GREEN_NEVER);
		left += value != NULL;
	}
	is(left, 0, "threads that were cancelled by what was before");
}

static void
with_keys(void)
{
	green_t id, exiting;
	int result = 0;

	green_spawn(&id, NULL, has_a_key, &result);
	green_spawn(&exiting, NULL, exits, &result);
	green_yield();
	green_cancel(id);
	green_cancel(exiting);
	green_join(id, NULL, GREEN_NEVER);
	green_join(exiting, NULL, GREEN_NEVER);
	is(destroyed, 2, "destructors ran");
}

int
main(void)
{
	green_t id;

	is(green_cancelled(), 0, "no runtime yet");
	is(green_key_create(&key, destroy), 0, "a key");
	errors();
	nothing_left();
	with_keys();
	green_spawn(&id, NULL, cancels_itself, NULL);
	is(green_join(id, NULL, GREEN_NEVER), 0, "joined");
	main_flow = green_self();
	green_spawn(&id, NULL, cancels_main, NULL);
	is(green_sleep_until(GREEN_NEVER), -ECANCELED, "sleeps no more");
	is(green_join(id, NULL, GREEN_NEVER), -ECANCELED, "cannot join");
	is(green_shield(1), 0, "shielded");
	is(green_join(id, NULL, GREEN_NEVER), 0, "it can");
	return tap_done();
}
