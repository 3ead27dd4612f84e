/* SPDX-License-Identifier: MIT */
/* Proves: one that gives up at a barrier at the very moment when the last one
 * comes has come, if that one counted it. The wait goes by single steps, and
 * another OS thread comes when it has given up, and is in the queue still. */

#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "steps.h"

#include <green.h>

#include "wait.h"

static struct green_barrier barrier;
static atomic_int go, came;
static int result;

static void
come_at_once(void)
{
	const struct thread *t = green__worker->current;

	if (go || !t->waits || t->waits->done != WAITER_GIVEN_UP)
		return;
	go = 1;
	while (!came)
		sched_yield();
}

static void *
other(void *arg)
{
	while (!go)
		sched_yield();
	result = green_barrier_wait(&barrier, 0);
	came = 1;
	return arg;
}

int
main(void)
{
	pthread_t thread;
	int mine = 77;

	alarm(100);
	green_clock_virtual(GREEN_SECOND);
	green_barrier_init(&barrier, 2, NULL);
	pthread_create(&thread, NULL, other, NULL);
	if (steps_begin(come_at_once)) {
		if (steps_count)
			mine = green_barrier_wait(&barrier, green_after(1));
		steps_end();
	}
	go = 1;
	pthread_join(thread, NULL);
	if (steps_seen()) {
		is(result, GREEN_BARRIER_SERIAL, "the last one came");
		is(mine, 0, "and the other had not left");
		is(green_barrier_fini(&barrier), 0, "nobody waits");
	} else {
		skip("to come in between", "no single steps here");
	}
	return tap_done();
}
