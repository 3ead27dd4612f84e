/* SPDX-License-Identifier: MIT */
/* Proves: a call whose argument is a block of the job's own: its result is read
 * from there; after a time-out the block lives until the function has returned
 * and is forgotten then; what need not or cannot be run is not; a pthread
 * without a deadline runs it itself. */

#include "tap.h"

#include <pthread.h>

#include "gate.h"
#include "mem.h"
#include "offload.h"

#define SIZE 1000

struct block {
	struct gate *gate;
	pthread_t by;
	char text[SIZE];
};

static struct gate gate;
static struct green_sem forgotten;
static atomic_int forgets, refused, calls;

static void *
fill(void *arg)
{
	struct block *b = arg;

	calls++;
	b->by = pthread_self();
	if (b->gate)
		gate_pass(b->gate);
	memset(b->text, 'x', SIZE);
	return b;
}

static void
forget(void *block, void *value)
{
	struct block *b = block;

	if (!value) {
		refused++;
		return;
	}
	forgets += b == value && b->text[SIZE - 1] == 'x';
	green_sem_post(&forgotten);
}

static struct green_job *
prepare(struct gate *g)
{
	struct green_job *job = green__job_create(fill, sizeof(struct block));
	struct block *b = green__job_block(job);

	b->gate = g;
	ok(!b->text[0] && !b->text[SIZE - 1], "all zero");
	return job;
}

static void *
plain(void *arg)
{
	struct green_job *job = prepare(NULL);
	struct block *b = green__job_block(job);

	is(green__job_call(job, GREEN_NEVER, forget), 0, "a pthread");
	ok(pthread_equal(b->by, pthread_self()), "does it itself");
	green__job_free(job);
	is(green__job_call(prepare(NULL), 0, forget), -EAGAIN, "or not");
	job = prepare(NULL);
	b = green__job_block(job);
	/* As good as for ever. */
	is(green__job_call(job, GREEN_NEVER - 1, forget), 0, "a deadline");
	ok(!pthread_equal(b->by, pthread_self()), "takes another one");
	green__job_free(job);
	return arg;
}

static void *
cancelled(void *arg)
{
	green_cancel(green_self());
	is(green__job_call(prepare(NULL), GREEN_NEVER, forget), -ECANCELED,
	   "a cancelled caller");
	return arg;
}

int
main(void)
{
	struct green_job *job;
	struct block *b;
	pthread_t thread;
	green_t id;

	gate_init(&gate);
	green_clock_virtual(1);
	job = prepare(NULL);
	b = green__job_block(job);
	is(green__job_call(job, GREEN_NEVER, forget), 0, "a call");
	is(b->text[SIZE - 1], 'x', "has its result in the block");
	ok(!pthread_equal(b->by, pthread_self()), "from another OS thread");
	green__job_free(job);
	is(calls, 1, "one call");

	is(green__job_call(prepare(NULL), 0, forget), -EAGAIN, "no time");
	is(green__job_call(prepare(NULL), 1, forget), -ETIMEDOUT, "too late");
	green_spawn(&id, NULL, cancelled, NULL);
	green_join(id, NULL, GREEN_NEVER);
	is(calls, 1, "none of these was begun");
	is(refused, 3, "and all are forgotten");

	is(green__job_call(prepare(&gate), green_after(GREEN_SECOND), forget),
	   -ETIMEDOUT, "it blocks");
	gate_reached(&gate, 1);
	is(forgets, 0, "and goes on");
	gate_open(&gate, 1);
	is(green_sem_wait(&forgotten, GREEN_NEVER), 0, "until it is done");
	is(forgets, 1, "with its block in place");
	ok(!green__job_create(fill, SIZE_MAX - 8), "a block too large");

	pthread_create(&thread, NULL, plain, NULL);
	pthread_join(thread, NULL);
	is(forgets, 1, "what was collected is not forgotten");
	gate_fini(&gate);
	return tap_done();
}
