/* SPDX-License-Identifier: MIT */
/* Proves: a join of another OS thread's green thread returns only when that
 * OS thread is through with the joiner: nothing arrives in the inbox of the
 * joiner's worker afterwards, and nobody touches the worker. The joiner is
 * interrupted at each instruction of the other thread's end in turn. */

#include "tap.h"

#include "sched.h"

#include "steps.h"
#include "turns.h"

#include <green.h>
#include <pthread.h>

#define ASLEEP WORKER_ON_FUTEX /* a state that a notifier would change */

static pthread_barrier_t barrier;
static atomic_bool parked, go, returned, over;
static _Atomic green_t target;
static struct worker *theirs;
static long chosen; /* the step at which the joiner is interrupted */

/* What was seen, over all rounds. */
static long rounds, interrupted, joined, late, touched, lost;

static void *
interrupt_joiner(void *arg)
{
	parked = true;
	while (!go)
		turn();
	green_interrupt(*(green_t *)arg);
	return NULL;
}

static void
join_once(void)
{
	green_t self = green_self();
	void *value = NULL;
	int error;

	green_spawn(NULL, NULL, interrupt_joiner, &self);
	error = green_join(target, &value, GREEN_NEVER);
	theirs->sleeping = ASLEEP;
	returned = true;
	pthread_barrier_wait(&barrier);
	/* The other thread has ended now. */
	late += theirs->inbox != NULL;
	touched += theirs->sleeping != ASLEEP;
	theirs->sleeping = WORKER_AWAKE;
	interrupted += error == -EINTR;
	joined += error == 0;
	if (error == -EINTR)
		error = green_join(target, &value, GREEN_NEVER);
	lost += error || value != &target;
}

static void *
joiner(void *arg)
{
	theirs = green__worker_get();
	for (;;) {
		pthread_barrier_wait(&barrier);
		if (over)
			return arg;
		join_once();
		pthread_barrier_wait(&barrier);
	}
}

static void
between(void)
{
	if (steps_count != chosen)
		return;
	turns_begin();
	go = true;
	turns_until(returned);
}

static void *
end_in_steps(void *arg)
{
	while (!parked)
		turn();
	steps_begin(between);
	return arg;
}

/* False when the thread ended before the chosen step. */
static bool
play(void)
{
	green_t id;

	rounds++;
	parked = go = returned = false;
	steps_count = 0;
	green_spawn(&id, NULL, end_in_steps, &target);
	target = id;
	pthread_barrier_wait(&barrier);
	green_yield();
	steps_end();
	go = true;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return steps_count >= chosen;
}

int
main(void)
{
	pthread_t other;

	alarm(100);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&other, NULL, joiner, NULL);
	for (chosen = 1; play(); chosen++)
		;
	over = true;
	pthread_barrier_wait(&barrier);
	pthread_join(other, NULL);
	is(interrupted + joined, rounds, "joins that ended in either way");
	is(lost, 0, "values that were lost");
	is(late, 0, "wake-ups that came when the join had returned");
	is(touched, 0, "notifications that did");
	if (steps_seen())
		ok(interrupted && joined, "%ld interrupted, %ld joined",
		   interrupted, joined);
	else
		skip("interrupted at each instruction", "no single steps");
	pthread_barrier_destroy(&barrier);
	return tap_done();
}
