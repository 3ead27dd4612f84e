/* SPDX-License-Identifier: MIT */
/* Proves: a job is a clause of a select: chosen at once when it is done, and
 * after a while; it is collected by that, and only by that. */

#include "tap.h"

#include <pthread.h>

#include "gate.h"

static struct gate gate;
static struct green_event event;

static struct green_clause
clause(struct green_job *job)
{
	struct green_clause c = { .kind = GREEN_CLAUSE_JOB, .object = job };

	c.result = 4711;
	return c;
}

static void
at_once(void)
{
	struct green_clause c[2] = { { 0 } };
	struct green_job *job;

	is(green_select(c, 2, 0), -EAGAIN, "nothing");
	c[0].kind = GREEN_CLAUSE_JOB;
	is(green_select(c, 2, 0), -EINVAL, "no job");
	is(green_offload(&job, gate_pass, &gate), 0, "offload");
	c[0] = clause(job);
	is(green_select(c, 2, 0), -EAGAIN, "it runs");
	is(green_select(c, 2, 1), -ETIMEDOUT, "it runs");
	is(c[0].result, 4711, "and nothing has happened");
	gate_open(&gate, 1);
	is(green_select(c, 1, GREEN_NEVER), 0, "it is done");
	is(c[0].result, 0, "with this result");
	ok(c[0].value == &gate, "and its value");
}

/* Several, of which one is let go; the others are waited for again. */
static void
after_a_while(void)
{
	struct gate gates[3];
	struct green_clause c[5];
	struct green_job *job;
	int wrong = 0;

	for (int i = 0; i < 3; i++) {
		gate_init(&gates[i]);
		wrong += green_offload(&job, gate_pass, &gates[i]) != 0;
		c[i] = clause(job);
	}
	c[3] = (struct green_clause){ .kind = GREEN_CLAUSE_EVENT,
				      .object = &event };
	c[4] = c[2]; /* the same twice */
	for (int i = 1; i >= 0; i--) {
		gate_open(&gates[i], 1);
		is(green_select(c, 5, GREEN_NEVER), i, "job %d", i);
		ok(c[i].value == &gates[i] && !c[i].result, "and its value");
		c[i].kind = GREEN_CLAUSE_NONE;
	}
	green_event_set(&event);
	is(green_select(c, 5, GREEN_NEVER), 3, "an event instead");
	ok(!c[2].value && !c[4].value, "the jobs are as they were");
	c[3].kind = GREEN_CLAUSE_NONE;
	gate_open(&gates[2], 1);
	wrong += green_select(c, 5, GREEN_NEVER) % 2; /* 2 or 4 */
	ok((c[2].value == &gates[2]) != (c[4].value == &gates[2]),
	   "one of two clauses has it");
	is(wrong, 0, "all went well");
	for (int i = 0; i < 3; i++)
		gate_fini(&gates[i]);
}

static void *
waits(void *job)
{
	return (void *)(intptr_t)green_offload_wait(job, NULL, GREEN_NEVER);
}

static void
another_waits(void)
{
	struct green_job *job;
	struct green_clause c;
	void *value = NULL;
	green_t id;

	green_offload(&job, gate_pass, &gate);
	green_spawn(&id, NULL, waits, job);
	green_yield();
	c = clause(job);
	is(green_select(&c, 1, GREEN_NEVER), 0, "chosen");
	is(c.result, -EBUSY, "because another one waits for it");
	gate_open(&gate, 1);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, 0, "who has it");
}

static void *
plain(void *arg)
{
	struct green_clause c = clause(arg);

	is(green_select(&c, 1, GREEN_NEVER), 0, "a pthread");
	return c.value;
}

int
main(void)
{
	struct green_job *job;
	pthread_t thread;
	void *value;

	gate_init(&gate);
	at_once();
	after_a_while();
	another_waits();
	green_offload(&job, gate_pass, &gate);
	pthread_create(&thread, NULL, plain, job);
	gate_open(&gate, 1);
	pthread_join(thread, &value);
	ok(value == &gate, "has its value");
	gate_fini(&gate);
	return tap_done();
}
