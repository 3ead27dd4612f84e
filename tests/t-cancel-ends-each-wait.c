/* SPDX-License-Identifier: MIT */
/* Proves: each call that can block returns -ECANCELED in a thread that is
 * cancelled, at once and every time: parked in it, cancelled before it, with
 * deadline 0, and where it could succeed; a shield holds that off; and what was
 * waited for is intact afterwards. */

#include "tap.h"

#include <green.h>

static green_t sleeper, ended;

static void *
sleeps(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

static void *
nothing(void *arg)
{
	return arg;
}

/* ---- the calls: each blocks for ever, unless told otherwise ------------ */

static int
join(int64_t deadline)
{
	return green_join(sleeper, NULL, deadline);
}

static int
join_ended(int64_t deadline)
{
	return green_join(ended, NULL, deadline);
}

static int
sleep_until(int64_t deadline)
{
	return green_sleep_until(deadline);
}

static int
park(int64_t deadline)
{
	return green_park(deadline);
}

static const struct call {
	const char *name;
	int (*fn)(int64_t deadline);
	int now;    /* what it returns with deadline 0 */
	int blocks; /* does it, with GREEN_NEVER? */
} calls[] = {
	{ "join", join, -EAGAIN, 1 },
	{ "sleep", sleep_until, 0, 1 },
	{ "park", park, -EAGAIN, 1 },
	/* The last one: it can succeed once. */
	{ "join of one that has ended", join_ended, 0, 0 },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static intptr_t
result_of(green_t id)
{
	void *value = &sleeper;

	is(green_join(id, &value, GREEN_NEVER), 0, "joined");
	return (intptr_t)value;
}

static void *
blocks(void *arg)
{
	const struct call *c = arg;
	int error = c->fn(GREEN_NEVER);

	if (error != -ECANCELED)
		return (void *)(intptr_t)error;
	is(c->fn(GREEN_NEVER), -ECANCELED, "%s: again", c->name);
	is(c->fn(0), -ECANCELED, "%s: with deadline 0", c->name);
	is(c->fn(1), -ECANCELED, "%s: with one that has passed", c->name);
	is(green_cancelled(), 1, "%s: the thread knows", c->name);
	return (void *)(intptr_t)error;
}

static void *
shielded(void *arg)
{
	const struct call *c = arg;
	int error;

	is(green_shield(1), 0, "%s: shield", c->name);
	is(green_cancelled(), 0, "%s: nothing to be seen", c->name);
	is(c->fn(0), c->now, "%s: works", c->name);
	error = c->fn(green_after(1));
	ok(error == (c->blocks ? -ETIMEDOUT : -ESRCH) ||
		   (error == 0 && c->fn == sleep_until),
	   "%s: with a deadline", c->name);
	is(green_shield(1), 1, "%s: another one inside", c->name);
	is(green_shield(1), 1, "%s: ends", c->name);
	is(green_shield(0), 1, "%s: the shield ends", c->name);
	return (void *)(intptr_t)c->fn(0);
}

/* A shield that is up when the cancellation comes: the call goes on. */
static void *
not_now(void *arg)
{
	const struct call *c = arg;
	int64_t until = green_after(GREEN_MILLISECOND);
	int error, shield = green_shield(1);

	error = c->fn(until);
	ok(error == -ETIMEDOUT || (error == 0 && c->fn == sleep_until),
	   "%s: until its deadline", c->name);
	ok(green_now() >= until, "%s: which has come", c->name);
	green_shield(shield);
	return (void *)(intptr_t)c->fn(GREEN_NEVER);
}

/* A green thread for the call, cancelled when it has begun, or before. */
static void
cancelled(const struct call *c, green_fn fn, int begun)
{
	green_t id;

	green_spawn(&id, NULL, fn, (void *)c);
	if (begun)
		green_yield();
	is(green_cancel(id), 0, "%s: cancel", c->name);
	is(green_cancel(id), 0, "%s: twice", c->name);
	is(result_of(id), -ECANCELED, "%s: it returned that", c->name);
}

int
main(void)
{
	green_spawn(&sleeper, NULL, sleeps, &sleeper);
	green_spawn(&ended, NULL, nothing, &ended);
	green_yield();
	for (size_t i = 0; i < CALLS; i++) {
		if (calls[i].blocks)
			cancelled(&calls[i], blocks, 1);
		cancelled(&calls[i], blocks, 0);
		if (calls[i].blocks)
			cancelled(&calls[i], not_now, 1);
	}
	is(result_of(ended), (intptr_t)&ended, "nobody took its value");
	for (size_t i = 0; i < CALLS; i++) {
		green_spawn(&ended, NULL, nothing, NULL);
		green_yield();
		cancelled(&calls[i], shielded, 0);
		green_join(ended, NULL, 0);
	}
	is(green_join(sleeper, NULL, 0), -EAGAIN, "the sleeper slept");
	is(green_cancel(sleeper), 0, "until now");
	is(result_of(sleeper), (intptr_t)&sleeper, "the value it returned");
	return tap_done();
}
