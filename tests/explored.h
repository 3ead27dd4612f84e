/* SPDX-License-Identifier: MIT */
#ifndef EXPLORED_H
#define EXPLORED_H

/*
 * Small programs in every order: with any call preempted, up to a number of
 * times per run, and deadlines that come at any time. fn returns a text that
 * says what went wrong, or NULL.
 */

#include "tap.h"

#include <green.h>
#include <pthread.h>

/* What a program returns. */
__attribute__((unused)) static void *
wrong(const char *what)
{
	return (void *)(uintptr_t)what;
}

__attribute__((unused)) static void
explored(green_fn fn, void *arg, uint64_t preemptions, const char *what)
{
	struct green_explore_attr attr = {
		.size = sizeof(attr),
		.flags = GREEN_EXPLORE_TIMEOUTS,
		.name = what,
	};
	struct green_explore_result r = { .size = sizeof(r) };
	int error;

	if (preemptions) {
		attr.flags |= GREEN_EXPLORE_PREEMPT;
		attr.max_preemptions = preemptions;
	}
	error = green_explore(&attr, fn, arg, &r);
	is(error, 0, "%s: right in every order", what);
	if (error == 1)
		printf("# %s\n", (const char *)r.value);
	ok(r.runs > 1, "of which there are several");
	printf("# %llu runs, %llu choices at most\n",
	       (unsigned long long)r.runs, (unsigned long long)r.choices);
	fflush(stdout);
}

/* Is the result of a call one that it may have? */
__attribute__((unused)) static int
bad(int error, int allowed)
{
	return error && error != allowed;
}

#define MS GREEN_MILLISECOND

__attribute__((unused)) static int64_t never = GREEN_NEVER;

/* A thread of a program; those that are there stay few. */
__attribute__((unused)) static green_t
spawned(green_fn fn, void *arg)
{
	green_t id = 0;

	if (green_spawn(&id, NULL, fn, arg))
		exit(99);
	return id;
}

__attribute__((unused)) static int
result_of(green_t id)
{
	void *value = NULL;

	if (green_join(id, &value, GREEN_NEVER))
		exit(99);
	return (int)(intptr_t)value;
}

/* ---- one of the threads may give up -------------------------------------- */

enum stop {
	STOP_NOT,
	STOP_BY_TIME,
	STOP_BY_CANCEL,
};

/* It gets a pointer to the deadline of its waits, and returns an error. */
__attribute__((unused)) static green_t
stoppable(green_fn fn, enum stop stop)
{
	static int64_t deadline;

	deadline = stop == STOP_BY_TIME ? green_after(MS) : GREEN_NEVER;
	return spawned(fn, &deadline);
}

/* Cancel it, if that is how it stops, and join it: did it give up? -1: it
 * failed otherwise. */
__attribute__((unused)) static int
gave_up(green_t id, enum stop stop)
{
	static const int allowed[] = { 0, -ETIMEDOUT, -ECANCELED };
	int error;

	if (stop == STOP_BY_CANCEL && green_cancel(id))
		exit(99);
	error = result_of(id);
	if (bad(error, allowed[stop]))
		return -1;
	return error != 0;
}

/* fn gets each of these ways to stop, as the number it is. */
__attribute__((unused)) static void
explored_stops(green_fn fn, const char *const what[3])
{
	uint64_t few = (uint64_t)tap_scale(2, 1);

	for (uintptr_t i = STOP_NOT; i <= STOP_BY_CANCEL; i++)
		explored(fn, (void *)i, few, what[i]);
}

/* The texts for that. */
#define STOPS(what) \
	(const char *const[]) \
	{ \
		what, what ", a time-out", what ", a cancellation" \
	}

/* ---- with locks and without -----------------------------------------------
 */

__attribute__((unused)) static void *
wait_for_signal(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* From now on the process has another OS thread, which does nothing: locks are
 * taken where there was no need before. */
__attribute__((unused)) static void
in_company(void)
{
	pthread_t pthread;

	if (pthread_create(&pthread, NULL, wait_for_signal, NULL))
		exit(99);
	pthread_detach(pthread);
	printf("# in company\n");
}

/* What a test's main does. */
__attribute__((unused)) static int
explored_alone_and_in_company(void (*all)(void))
{
	all();
	in_company();
	all();
	return tap_done();
}

#endif
