/* SPDX-License-Identifier: MIT */
/* Proves: in an exploration a job is run at once and by the green thread that
 * gives it away, so that all there is are the orders of the threads. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static pthread_t main_thread;
static int elsewhere, wrong, nobodys;

static void *
fn(void *arg)
{
	elsewhere += !pthread_equal(pthread_self(), main_thread);
	return arg;
}

static void *
counts(void *arg)
{
	nobodys++;
	return arg;
}

static void *
uses(void *arg)
{
	struct green_job *job;
	void *value = NULL;

	wrong += green_offload(&job, fn, arg) != 0;
	green_yield();
	wrong += green_offload_wait(job, &value, 0) || value != arg;
	wrong += green_offload(&job, fn, arg) != 0;
	wrong += green_offload_drop(job, NULL) != 0;
	wrong += green_offload(NULL, counts, NULL) != 0;
	return arg;
}

static void *
program(void *arg)
{
	green_t ids[2];

	for (int i = 0; i < 2; i++)
		green_spawn(&ids[i], NULL, uses, &ids[i]);
	for (int i = 0; i < 2; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return arg;
}

int
main(void)
{
	struct green_explore_attr attr = { .size = sizeof(attr) };
	struct green_explore_result r = { .size = sizeof(r) };

	main_thread = pthread_self();
	is(green_explore(&attr, program, NULL, &r), 0, "an exploration");
	ok(r.complete && r.runs > 1, "has seen all orders");
	is(nobodys, 2 * (int)r.runs, "nobody's jobs, too");
	attr.flags = GREEN_EXPLORE_PREEMPT;
	is(green_explore(&attr, program, NULL, &r), 0, "with preemption");
	ok(r.complete && r.runs > 1, "as well");
	is(wrong, 0, "all calls did what they should");
	is(elsewhere, 0, "on this OS thread");
	return tap_done();
}
