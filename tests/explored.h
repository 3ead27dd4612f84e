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

#endif
