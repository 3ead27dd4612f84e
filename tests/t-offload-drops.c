/* SPDX-License-Identifier: MIT */
/* Proves: what is dropped is forgotten once: at once if it has returned, after
 * it has if it runs, and without having been called if it has not begun; jobs
 * begin in the order in which they came. The pool has one OS thread. */

#include "tap.h"

#include "gate.h"

#define JOBS 10

static struct gate gate;
static struct green_sem forgotten;
static void *forgot_arg, *forgot_value;
static int forgets;

static void
forget(void *arg, void *value)
{
	forgets++;
	forgot_arg = arg;
	forgot_value = value;
	green_sem_post(&forgotten);
}

static void
forgot(int n, void *arg, void *value)
{
	is(green_sem_wait(&forgotten, GREEN_NEVER), 0, "forgotten");
	is(forgets, n, "once");
	is((intptr_t)forgot_arg, (intptr_t)arg, "with its argument");
	is((intptr_t)forgot_value, (intptr_t)value, "and its value");
}

static int order[JOBS], begun;

static void *
note(void *arg)
{
	order[begun++] = (int)(intptr_t)arg;
	return arg;
}

/* All but some of them are collected. */
static void
in_order(void)
{
	struct green_job *busy, *jobs[JOBS];
	int wrong = 0;

	is(green_offload(&busy, gate_pass, &gate), 0, "the OS thread is busy");
	for (intptr_t i = 0; i < JOBS; i++)
		wrong += green_offload(&jobs[i], note, (void *)i) != 0;
	for (int i = 0; i < JOBS; i += 3) {
		wrong += green_offload_drop(jobs[i], forget) != 0;
		forgot(i / 3 + 1, (void *)(intptr_t)i, NULL);
	}
	gate_open(&gate, 1);
	is(green_offload_wait(busy, NULL, GREEN_NEVER), 0, "it is free");
	for (int i = 0; i < JOBS; i++)
		if (i % 3)
			wrong += green_offload_wait(jobs[i], NULL,
						    GREEN_NEVER) != 0;
	for (int i = 0, k = 0; i < JOBS; i++)
		if (i % 3)
			wrong += order[k++] != i;
	is(begun, JOBS - (JOBS + 2) / 3, "what was dropped never began");
	is(wrong, 0, "the rest did in order");
}

int
main(void)
{
	struct green_job *job;
	int n = (JOBS + 2) / 3;

	setenv("GREEN_OFFLOAD_THREADS", "1", 1);
	gate_init(&gate);
	is(green_offload_drop(NULL, forget), 0, "NULL");
	in_order();
	gate_reached(&gate, 1);

	is(green_offload(&job, gate_pass, &gate), 0, "one that runs");
	gate_reached(&gate, 1);
	is(green_offload_drop(job, forget), 0, "drop");
	is(forgets, n, "it is not forgotten yet");
	gate_open(&gate, 1);
	forgot(n + 1, &gate, &gate);

	is(green_offload(&job, gate_pass, &gate), 0, "one that is done");
	gate_open(&gate, 1);
	is(green_offload(NULL, gate_pass, &gate), 0, "the next has begun");
	gate_reached(&gate, 2);
	is(green_offload_drop(job, forget), 0, "drop");
	is(forgets, n + 2, "it is forgotten by then");
	forgot(n + 2, &gate, &gate);
	gate_open(&gate, 1);

	is(green_offload(&job, gate_pass, &gate), 0, "with no function");
	gate_reached(&gate, 1);
	is(green_offload_drop(job, NULL), 0, "to forget it");
	gate_open(&gate, 1);
	begun = 0;
	is(green_offload(&job, note, &job), 0, "the next one");
	is(green_offload_wait(job, NULL, GREEN_NEVER), 0, "follows");
	is(gate.passed, 5, "what had begun went on");
	gate_fini(&gate);
	return tap_done();
}
