/* SPDX-License-Identifier: MIT */
/* Proves: OS threads without a runtime that wait for a condition get the mutex
 * when they are signalled while it is held, though they sleep on one word at a
 * time. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

#define THREADS 3

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static struct green_cond turn = GREEN_COND_INIT;
static struct green_cond taken = GREEN_COND_INIT;
static int round_now, took, wrong, rounds;

static void *
follow(void *arg)
{
	green_mutex_lock(&mutex, GREEN_NEVER);
	for (int i = 1; i <= rounds; i++) {
		while (round_now < i)
			wrong += green_cond_wait(&turn, &mutex, GREEN_NEVER) !=
				 0;
		if (++took == THREADS)
			wrong += green_cond_signal(&taken) != 0;
	}
	green_mutex_unlock(&mutex);
	return arg;
}

int
main(void)
{
	pthread_t threads[THREADS];

	alarm(200);
	rounds = tap_scale(500, 50);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, follow, NULL);
	green_mutex_lock(&mutex, GREEN_NEVER);
	for (int i = 1; i <= rounds; i++) {
		took = 0;
		round_now = i;
		wrong += green_cond_broadcast(&turn) != 0;
		while (took < THREADS)
			wrong += green_cond_wait(&taken, &mutex, GREEN_NEVER) !=
				 0;
	}
	green_mutex_unlock(&mutex);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	is(wrong, 0, "errors in %d rounds", rounds);
	is(green_cond_fini(&turn), 0, "nobody waits");
	is(green_cond_fini(&taken), 0, "nor for the other");
	is(green_mutex_fini(&mutex), 0, "and the mutex is free");
	return tap_done();
}
