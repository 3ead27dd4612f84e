/* SPDX-License-Identifier: MIT */
/* Proves: green_after() saturates both ways; green_sleep_until() yields once
 * for 0 and the past, refuses negative deadlines, and with GREEN_NEVER sleeps
 * until it is interrupted. */

#include "tap.h"

#include <green.h>

static int turns;

static void *
count(void *arg)
{
	for (;;) {
		turns++;
		green_yield();
	}
	return arg;
}

static void *
sleep_for_ever(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)green_sleep_until(GREEN_NEVER);
}

static void *
sleep_long(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)green_sleep_until(
		green_after(1000000 * GREEN_SECOND));
}

static void
interrupted(green_fn fn, const char *what)
{
	void *value = NULL;
	green_t id;

	green_spawn(&id, NULL, fn, NULL);
	is(green_interrupt(id), -EALREADY, "%s: not yet", what);
	green_yield();
	is(green_interrupt(id), 0, "%s: interrupted", what);
	is(green_join(id, &value, GREEN_NEVER), 0, "joined");
	is((intptr_t)value, -EINTR, "it returned that");
}

int
main(void)
{
	int64_t now = green_now();

	ok(now > 0, "now is positive");
	ok(green_now() >= now, "and does not go back");
	is(green_after(GREEN_NEVER), GREEN_NEVER, "after for ever");
	is(green_after(GREEN_NEVER - 1), GREEN_NEVER, "after nearly so");
	ok(green_after(0) >= now, "after 0 is now");
	ok(green_after(GREEN_SECOND) >= now + GREEN_SECOND, "after a second");
	is(green_after(INT64_MIN), 1, "after the most negative: the past");
	is(green_after(-GREEN_NEVER), 1, "never negative, never 0");
	ok(green_after(-1) <= green_now() && green_after(-1) > 0,
	   "after -1 is the past");

	is(green_sleep_until(-1), -EINVAL, "negative deadline");
	is(green_sleep_until(INT64_MIN), -EINVAL, "the most negative");
	is(green_sleep_until(0), 0, "0, alone");
	green_spawn(NULL, NULL, count, NULL);
	is(green_sleep_until(0), 0, "0");
	is(turns, 1, "yields once");
	is(green_sleep_until(1), 0, "the past");
	is(turns, 2, "yields once");
	is(green_sleep_until(green_after(-5)), 0, "the near past");
	is(turns, 3, "yields once");
	is(green_sleep_until(-5), -EINVAL, "an error");
	is(turns, 3, "does not yield");

	interrupted(sleep_for_ever, "never");
	interrupted(sleep_long, "a long sleep");

	/* The counter never lets the worker go idle. */
	now = green_now();
	is(green_sleep_until(now + GREEN_MILLISECOND), 0, "sleep among yields");
	ok(green_now() >= now + GREEN_MILLISECOND, "is not woken early");
	return tap_done();
}
