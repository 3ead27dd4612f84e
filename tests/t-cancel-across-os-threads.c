/* SPDX-License-Identifier: MIT */
/* Proves: a thread is cancelled from another worker and from a plain pthread:
 * a green thread that is parked, a main flow that sleeps in the kernel, and one
 * that joins a thread of the canceller's. */

#include "tap.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include <green.h>

static _Atomic green_t to_join;
static green_t ids[3]; /* main flow, sleeper, joiner of to_join */
static int results[3];
static sem_t ready;

static void *
sleeps(void *arg)
{
	*(int *)arg = green_sleep_until(GREEN_NEVER);
	return NULL;
}

static void *
joins(void *arg)
{
	*(int *)arg = green_join(to_join, NULL, GREEN_NEVER);
	return NULL;
}

static void *
worker(void *arg)
{
	int shield;

	ids[0] = green_self();
	green_spawn(&ids[1], NULL, sleeps, &results[1]);
	green_spawn(&ids[2], NULL, joins, &results[2]);
	green_yield();
	sem_post(&ready);
	results[0] = green_sleep_until(GREEN_NEVER);
	shield = green_shield(1);
	green_join(ids[1], NULL, GREEN_NEVER);
	green_join(ids[2], NULL, GREEN_NEVER);
	green_shield(shield);
	return arg;
}

static void *
nothing(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

/* Cancel all three, and wait for them. */
static void *
canceller(void *arg)
{
	pthread_t thread;

	memset(results, 0, sizeof(results));
	pthread_create(&thread, NULL, worker, NULL);
	while (sem_wait(&ready) < 0)
		;
	for (int i = 2; i >= 0; i--)
		is(green_cancel(ids[i]), 0, "cancel %d", i);
	pthread_join(thread, NULL);
	is(results[0], -ECANCELED, "the main flow");
	is(results[1], -ECANCELED, "the sleeper");
	is(results[2], -ECANCELED, "the joiner");
	for (int i = 0; i < 3; i++)
		is(green_cancel(ids[i]), -ESRCH, "stale");
	return arg;
}

int
main(void)
{
	pthread_t thread;
	green_t id;

	sem_init(&ready, 0, 0);
	green_spawn(&id, NULL, nothing, NULL);
	to_join = id;
	green_yield();
	canceller(NULL);
	/* From one without a runtime. */
	pthread_create(&thread, NULL, canceller, NULL);
	pthread_join(thread, NULL);
	is(green_join(id, NULL, 0), -EAGAIN, "whom they joined still sleeps");
	green_cancel(id);
	is(green_join(id, NULL, GREEN_NEVER), 0, "until cancelled");
	return tap_done();
}
