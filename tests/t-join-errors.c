/* SPDX-License-Identifier: MIT */
/* Proves: join and detach give each documented error, for ids that are zero,
 * garbage, stale, own, detached or being joined, and leave ret_value alone
 * when they fail. */

#include "tap.h"

#include <green.h>

static char untouched;
static green_t busy;

static int
join(green_t id, int64_t deadline)
{
	void *value = &untouched;
	int error = green_join(id, &value, deadline);

	if (error)
		ok(value == &untouched, "no value on failure");
	return error;
}

static void *
work(void *arg)
{
	green_yield();
	return arg;
}

static void *
join_self(void *arg)
{
	(void)arg;
	is(join(green_self(), GREEN_NEVER), -EDEADLK, "join oneself");
	is(join(green_self(), 0), -EDEADLK, "try to join oneself");
	is(green_detach(green_self()), 0, "but detach oneself");
	is(green_detach(green_self()), -EINVAL, "once");
	return NULL;
}

static void *
join_busy(void *arg)
{
	void *value = NULL;

	is(green_join(busy, &value, GREEN_NEVER), 0, "the first joiner");
	ok(value == arg, "gets the value");
	return NULL;
}

static void
bad_ids(void)
{
	green_t main_flow = green_self();

	is(join(0, GREEN_NEVER), -EINVAL, "join 0");
	is(green_detach(0), -EINVAL, "detach 0");
	is(join(UINT64_MAX, GREEN_NEVER), -ESRCH, "join garbage");
	is(join(1, GREEN_NEVER), -ESRCH, "join 1");
	is(join(UINT64_C(1) << 40, 0), -ESRCH, "join an unused place");
	is(join(main_flow + (UINT64_C(1) << 26), 0), -ESRCH,
	   "join a generation that is not there yet");
	is(green_detach(UINT64_MAX), -ESRCH, "detach garbage");
	is(join(main_flow, GREEN_NEVER), -EINVAL, "main flows are detached");
	is(green_detach(main_flow), -EINVAL, "already");
}

static void
deadlines(green_t id)
{
	is(join(id, -1), -EINVAL, "negative deadline");
	is(join(id, INT64_MIN), -EINVAL, "most negative deadline");
	is(join(id, 0), -EAGAIN, "deadline 0");
	is(join(id, 1), -ETIMEDOUT, "a deadline long past");
	is(join(id, green_now() - 1), -ETIMEDOUT, "a deadline just past");
}

int
main(void)
{
	green_t id, joiner;
	void *value;
	char arg;

	bad_ids();
	is(green_spawn(&id, NULL, work, &arg), 0, "spawn");
	deadlines(id);
	green_yield();
	deadlines(id);
	is(green_join(id, &value, 0), -EAGAIN, "not yet");
	green_yield();
	is(green_join(id, &value, 0), 0, "deadline 0 when it has ended");
	ok(value == &arg, "the value");
	is(join(id, GREEN_NEVER), -ESRCH, "join again");
	is(green_detach(id), -ESRCH, "detach after join");

	green_spawn(&id, NULL, work, &arg);
	green_yield();
	green_yield();
	is(green_join(id, NULL, 1), 0, "a past deadline when it has ended");
	green_spawn(&id, NULL, work, &arg);
	is(green_join(id, NULL, GREEN_NEVER), 0, "without a value");

	green_spawn(&id, NULL, join_self, NULL);
	green_yield();
	is(join(id, GREEN_NEVER), -ESRCH, "it is gone");

	green_spawn(&busy, NULL, work, &arg);
	green_spawn(&joiner, NULL, join_busy, &arg);
	green_yield();
	is(join(busy, GREEN_NEVER), -EBUSY, "while another joins it");
	is(join(busy, 0), -EBUSY, "with any deadline");
	is(green_detach(busy), -EBUSY, "no detach either");
	is(green_join(joiner, NULL, GREEN_NEVER), 0, "join the joiner");
	is(join(busy, GREEN_NEVER), -ESRCH, "stale for the second");
	return tap_done();
}
