/* SPDX-License-Identifier: MIT */
/* Proves: a signal that comes at the first moment at which the mutex is free
 * ends the wait for a condition. The wait goes by single steps, and another OS
 * thread signals between the two in question. */

#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "steps.h"

#include <green.h>

#include "mutex.h"

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static struct green_cond cond = GREEN_COND_INIT;
static void *inside = &mutex;
static atomic_int go, signalled;

static void
signal_at_once(void)
{
	struct mutex *m = inside;

	if (go || m->state != MUTEX_FREE)
		return;
	go = 1;
	while (!signalled)
		sched_yield();
}

static void *
other(void *arg)
{
	while (!go)
		sched_yield();
	green_cond_signal(&cond);
	signalled = 1;
	return arg;
}

int
main(void)
{
	pthread_t thread;
	int error = -1;

	/* If the signal is lost, nothing else will come. */
	alarm(100);
	green_self();
	pthread_create(&thread, NULL, other, NULL);
	green_mutex_lock(&mutex, GREEN_NEVER);
	if (steps_begin(signal_at_once)) {
		if (steps_count)
			error = green_cond_wait(&cond, &mutex, GREEN_NEVER);
		steps_end();
	}
	go = 1;
	pthread_join(thread, NULL);
	if (steps_seen()) {
		is(error, 0, "the signal was seen");
		is(green_mutex_unlock(&mutex), 0, "and the mutex is held");
	} else {
		skip("a signal in between", "no single steps here");
	}
	return tap_done();
}
