/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, what is to be done once is
 * done by one thread at a time until it is done, by the next in turn when one
 * fails, whoever gives up waiting; and nobody goes on before. */

#include "explored.h"

static struct green_once once;
static int inside, intruded, failures, done, early;

static void
begin(int fail)
{
	memset(&once, 0, sizeof(once));
	inside = intruded = done = early = 0;
	failures = fail;
}

static void *
end(void)
{
	if (intruded)
		return wrong("two at a time");
	if (early)
		return wrong("one went on before it was done");
	if (done != 1)
		return wrong("not done once");
	return green_once_fini(&once) ? wrong("busy at the end") : NULL;
}

static int
work(void *arg)
{
	intruded |= inside++;
	green_yield();
	inside--;
	if (failures) {
		failures--;
		return -EIO;
	}
	(*(int *)arg)++;
	return 0;
}

static int
run(int64_t deadline)
{
	int error = green_once_run(&once, work, &done, deadline);

	early |= !error && done != 1;
	return error;
}

static void *
run_until(void *deadline)
{
	return (void *)(intptr_t)run(*(int64_t *)deadline);
}

static void *
succeeds(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b;

	begin(0);
	a = stoppable(run_until, how);
	b = spawned(run_until, &never);
	if (run(GREEN_NEVER))
		return wrong("ours failed");
	if (gave_up(a, how) < 0)
		return wrong("neither done nor gave up");
	if (result_of(b))
		return wrong("a wait without a limit failed");
	return end();
}

/* It fails: it must fail for one of them, and be done by another. */
static void *
fails_first(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	int error, failed = 0;
	green_t a, b;

	begin(1);
	a = stoppable(run_until, how);
	b = spawned(run_until, &never);
	error = run(GREEN_NEVER);
	if (bad(error, -EIO))
		return wrong("ours failed otherwise");
	failed += error == -EIO;
	if (how == STOP_BY_CANCEL)
		green_cancel(a);
	error = result_of(a);
	if (error != -EIO && bad(error, -ETIMEDOUT) && bad(error, -ECANCELED))
		return wrong("neither done, failed nor gave up");
	failed += error == -EIO;
	error = result_of(b);
	if (bad(error, -EIO))
		return wrong("a wait without a limit failed");
	failed += error == -EIO;
	if (failed != 1)
		return wrong("it did not fail for one");
	/* All others may have given up. */
	return run(0) ? wrong("not done at last") : end();
}

static void
all(void)
{
	explored_stops(succeeds, STOPS("it succeeds"));
	explored_stops(fails_first, STOPS("it fails first"));
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
