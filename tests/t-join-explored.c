/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, a thread's value is handed to
 * exactly one join, whichever of them times out, is interrupted or cancelled,
 * or comes second. */

#include "explored.h"

static green_t ended;
static int values;
static char value;

static void *
run_out(void *arg)
{
	green_yield();
	return arg;
}

static void *
join_until(void *deadline)
{
	void *got = NULL;
	int error = green_join(ended, &got, *(int64_t *)deadline);

	values += !error && got == &value;
	if (!error && got != &value)
		return (void *)1;
	return (void *)(intptr_t)error;
}

/* who may have failed as allowed. */
static void *
end(int first, int allowed, int second)
{
	void *got = NULL;

	if (first == 1 || second == 1)
		return wrong("joined without the value");
	if (first && first != allowed && first != -EBUSY && first != -ESRCH)
		return wrong("the first join failed");
	if (second && second != -EBUSY && second != -ESRCH)
		return wrong("the second join failed");
	if (!green_join(ended, &got, GREEN_NEVER))
		values += got == &value;
	return values == 1 ? NULL : wrong("not exactly one has it");
}

static void *
times_out(void *arg)
{
	int64_t soon = green_after(MS);
	green_t a, b;

	(void)arg;
	values = 0;
	ended = spawned(run_out, &value);
	a = spawned(join_until, &soon);
	b = spawned(join_until, &never);
	return end(result_of(a), -ETIMEDOUT, result_of(b));
}

static void *
interrupted(void *arg)
{
	green_t a, b;

	(void)arg;
	values = 0;
	ended = spawned(run_out, &value);
	a = spawned(join_until, &never);
	b = spawned(join_until, &never);
	green_interrupt(a);
	return end(result_of(a), -EINTR, result_of(b));
}

static void *
cancelled(void *arg)
{
	green_t a, b;

	(void)arg;
	values = 0;
	ended = spawned(run_out, &value);
	a = spawned(join_until, &never);
	b = spawned(join_until, &never);
	green_cancel(a);
	return end(result_of(a), -ECANCELED, result_of(b));
}

static void
all(void)
{
	uint64_t few = (uint64_t)tap_scale(3, 1);

	explored(times_out, NULL, few, "a time-out");
	explored(interrupted, NULL, few, "an interruption");
	explored(cancelled, NULL, few, "a cancellation");
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
