/* SPDX-License-Identifier: MIT */
/* Proves: the pool has no OS thread before the first job, no more than it needs
 * or may have, uses the one that worked last, and lets go of those that have
 * had no work. */

#define _GNU_SOURCE /* sys/single_threaded.h */

#include "tap.h"

#include <pthread.h>
#include <sched.h>

#include "gate.h"
#include "offload.h"

#define LIMIT 4
#define JOBS 20

static struct gate gate;

static void *
who(void *arg)
{
	*(pthread_t *)arg = pthread_self();
	return arg;
}

static pthread_t
run_one(void)
{
	struct green_job *job;
	pthread_t thread;

	memset(&thread, 0, sizeof(thread));
	if (green_offload(&job, who, &thread) ||
	    green_offload_wait(job, NULL, GREEN_NEVER))
		abort();
	return thread;
}

static void
grows(struct green_job **jobs)
{
	int wrong = 0;

	for (int i = 0; i < JOBS; i++) {
		wrong += green_offload(&jobs[i], gate_pass, &gate) != 0;
		wrong += (int)green__pool_threads() !=
			 (i < LIMIT ? i + 1 : LIMIT);
	}
	is(wrong, 0, "an OS thread for each job, as long as there may be more");
	gate_reached(&gate, LIMIT);
	is(green_sem_wait(&gate.begun, 0), -EAGAIN, "the others wait");
	gate_open(&gate, JOBS);
	for (int i = 0; i < JOBS; i++)
		wrong += green_offload_wait(jobs[i], NULL, GREEN_NEVER) != 0;
	is(gate.passed, JOBS, "all were run");
	is(wrong, 0, "and collected");
	gate_reached(&gate, JOBS - LIMIT);
}

/* The one that has just become idle is asked first. */
static void
uses_the_warmest(void)
{
	pthread_t first = run_one();
	int others = 0;

	for (int i = 0; i < 10; i++)
		others += !pthread_equal(first, run_one());
	is(others, 0, "jobs one after the other are run by the same");
}

/* It is the number that is waited for: each idle one ends by itself. */
static void
shrinks(void)
{
	struct green_job *jobs[LIMIT];
	int wrong = 0;

	green__pool_linger(0);
	/* Those that are idle sleep for longer: wake all of them. */
	for (int i = 0; i < LIMIT; i++)
		wrong += green_offload(&jobs[i], gate_pass, &gate) != 0;
	gate_reached(&gate, LIMIT);
	is(green__pool_threads(), LIMIT, "busy ones stay");
	gate_open(&gate, LIMIT);
	for (int i = 0; i < LIMIT; i++)
		wrong += green_offload_wait(jobs[i], NULL, GREEN_NEVER) != 0;
	while (green__pool_threads())
		sched_yield();
	is(wrong, 0, "all have ended");
	run_one();
	green__pool_linger(GREEN_SECOND * 1000);
	ok(1, "and the next job finds a new one");
}

int
main(void)
{
	static struct green_job *jobs[JOBS];

	setenv("GREEN_OFFLOAD_THREADS", "4", 1);
	green__pool_linger(GREEN_SECOND * 1000);
	gate_init(&gate);
	is(green__pool_threads(), 0, "none at first");
	grows(jobs);
	is(green__pool_threads(), LIMIT, "they stay for a while");
	uses_the_warmest();
	is(green__pool_threads(), LIMIT, "no others were made");
	shrinks();
	gate_fini(&gate);
	return tap_done();
}
