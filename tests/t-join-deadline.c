/* SPDX-License-Identifier: MIT */
/* Proves: a join with a deadline ends at exactly that time, can be made again
 * afterwards, and loses against a thread that ends before; green_interrupt()
 * ends it with -EINTR, and no such end loses the value. */

#include "tap.h"

#include <green.h>

#define MS GREEN_MILLISECOND

static char untouched;

static void *
sleeper(void *arg)
{
	green_sleep_until(*(int64_t *)arg);
	return arg;
}

static void
times_out(void)
{
	int64_t until = green_after(100 * MS), start = green_now();
	void *value = &untouched;
	green_t id;

	green_spawn(&id, NULL, sleeper, &until);
	is(green_join(id, &value, green_after(30 * MS)), -ETIMEDOUT,
	   "the deadline comes first");
	is(green_now() - start, 30 * MS, "at exactly that time");
	ok(value == &untouched, "no value");
	is(green_join(id, &value, 0), -EAGAIN, "try again");
	is(green_join(id, &value, green_after(1)), -ETIMEDOUT,
	   "and again, for a nanosecond");
	is(green_now() - start, 30 * MS + 1, "that passed");
	is(green_join(id, &value, until + 1), 0, "the thread ends first");
	is(green_now(), until, "when it ends");
	ok(value == &until, "with its value");
	is(green_join(id, &value, until + 1), -ESRCH, "and is gone");
}

/* The thread ends at the very time of the deadline: either may win, but the
 * value is handed over exactly once. */
static void
at_once(void)
{
	int64_t until = green_after(10 * MS);
	void *value = &untouched;
	green_t id;
	int error;

	green_spawn(&id, NULL, sleeper, &until);
	error = green_join(id, &value, until);
	if (error) {
		is(error, -ETIMEDOUT, "a tie");
		ok(value == &untouched, "no value yet");
		is(green_join(id, &value, GREEN_NEVER), 0, "join again");
	}
	ok(value == &until, "the value");
}

static void *
joiner(void *arg)
{
	void *value = &untouched;
	int error = green_join(*(green_t *)arg, &value, GREEN_NEVER);

	if (error && value != &untouched)
		return &untouched;
	return (void *)(intptr_t)error;
}

static intptr_t
result_of(green_t id)
{
	void *value = &untouched;

	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static void
interrupted(void)
{
	int64_t until = green_after(50 * MS);
	green_t id, waiter;
	void *value = NULL;

	green_spawn(&id, NULL, sleeper, &until);
	green_spawn(&waiter, NULL, joiner, &id);
	is(green_interrupt(waiter), -EALREADY, "it has not started");
	green_yield();
	is(green_interrupt(waiter), 0, "interrupt the joiner");
	is(green_interrupt(waiter), -EALREADY, "it is awake already");
	is(green_interrupt(green_self()), -EALREADY, "so is the caller");
	is(result_of(waiter), -EINTR, "its join returned that");
	is(green_interrupt(waiter), -ESRCH, "stale id");
	is(green_interrupt(0), -EINVAL, "id 0");
	green_spawn(&waiter, NULL, joiner, &id);
	is(result_of(waiter), 0, "another join works");
	is(green_join(id, &value, GREEN_NEVER), -ESRCH, "and took it");

	/* Interrupted and ended before the joiner runs: it has its value. */
	until = green_after(1);
	green_spawn(&id, NULL, sleeper, &until);
	green_spawn(&waiter, NULL, joiner, &id);
	green_yield();
	green_sleep_until(until);
	green_yield();
	is(green_interrupt(waiter), -EALREADY, "woken by the end already");
	is(result_of(waiter), 0, "joined");
}

/* The joiner was interrupted, and before it ran, the thread ended. */
static void *
quick(void *arg)
{
	green_yield();
	green_yield();
	return arg;
}

static void
interrupted_too_late(void)
{
	green_t id, waiter;

	green_spawn(&id, NULL, quick, NULL);
	green_spawn(&waiter, NULL, joiner, &id);
	green_yield();
	green_yield();
	/* The queue is now: id (about to end), main. */
	is(green_interrupt(waiter), 0, "interrupt");
	is(result_of(waiter), 0, "the end came before it ran: joined");
	is(green_join(id, NULL, 0), -ESRCH, "it is gone");
}

int
main(void)
{
	green_clock_virtual(GREEN_SECOND);
	times_out();
	at_once();
	interrupted();
	interrupted_too_late();
	return tap_done();
}
