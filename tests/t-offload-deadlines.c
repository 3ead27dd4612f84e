/* SPDX-License-Identifier: MIT */
/* Proves: a deadline, an interruption and a cancellation end the wait for a
 * job, which stays whose it was and can be waited for again; one thread waits
 * at a time. */

#include "tap.h"

#include <pthread.h>

#include "gate.h"

static struct gate gate;
static struct green_job *job;

static void *
waits(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)green_offload_wait(job, NULL, GREEN_NEVER);
}

static int
result_of(green_t id)
{
	void *value = NULL;

	is(green_join(id, &value, GREEN_NEVER), 0, "join");
	return (int)(intptr_t)value;
}

static void
deadlines(void)
{
	int64_t begin = green_now();

	is(green_offload_wait(job, NULL, -1), -EINVAL, "a negative deadline");
	is(green_offload_wait(job, NULL, 0), -EAGAIN, "not done yet");
	is(green_offload_wait(job, NULL, 1), -ETIMEDOUT, "nor in the past");
	is(green_offload_wait(job, NULL, green_after(GREEN_SECOND)), -ETIMEDOUT,
	   "nor within a second");
	is(green_now() - begin, GREEN_SECOND, "which has passed");
}

static void
others(void)
{
	green_t id, second;

	green_spawn(&id, NULL, waits, NULL);
	green_spawn(&second, NULL, waits, NULL);
	green_yield();
	is(result_of(second), -EBUSY, "another one waits already");
	is(green_offload_wait(job, NULL, 0), -EBUSY, "at once, too");
	is(green_offload_drop(job, NULL), -EBUSY, "no drop behind its back");
	is(green_interrupt(id), 0, "interrupt");
	is(result_of(id), -EINTR, "interrupted");
	green_spawn(&id, NULL, waits, NULL);
	green_yield();
	is(green_cancel(id), 0, "cancel");
	is(result_of(id), -ECANCELED, "cancelled");
}

/* The clock of a pthread is the real one. */
static void *
plain(void *arg)
{
	is(green_offload_wait(job, NULL, 0), -EAGAIN, "a pthread: not yet");
	is(green_offload_wait(job, NULL, 1), -ETIMEDOUT, "in the past");
	is(green_offload_wait(job, NULL, green_after(GREEN_MILLISECOND)),
	   -ETIMEDOUT, "in a while");
	return arg;
}

int
main(void)
{
	pthread_t thread;
	void *value = NULL;

	gate_init(&gate);
	green_clock_virtual(1);
	is(green_offload(&job, gate_pass, &gate), 0, "offload");
	deadlines();
	others();
	pthread_create(&thread, NULL, plain, NULL);
	pthread_join(thread, NULL);
	gate_open(&gate, 1);
	is(green_offload_wait(job, &value, GREEN_NEVER), 0, "done at last");
	ok(value == &gate, "with its value");
	is(gate.passed, 1, "called once");
	gate_fini(&gate);
	return tap_done();
}
