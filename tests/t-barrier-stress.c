/* SPDX-License-Identifier: MIT */
/* Proves: green threads of several workers and plain pthreads go through a
 * barrier in step, one of them the last each time, while others come and leave
 * again. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define SIDES 4 /* OS threads, half of them workers */
#define THREADS 3
#define COUNT (SIDES / 2 * THREADS + SIDES / 2)

static struct green_barrier barrier;
static atomic_int step, serials, wrong, left;
static int rounds;

static int
go_through(void)
{
	int result;

	do
		result = green_barrier_wait(&barrier, GREEN_NEVER);
	while (result == -EINTR);
	return result;
}

static void *
steps(void *arg)
{
	for (int i = 0; i < rounds; i++) {
		int result;

		wrong += step != i;
		result = go_through();
		wrong += result < 0;
		if (result == GREEN_BARRIER_SERIAL) {
			serials++;
			step++;
		}
		/* All have looked, and the last one has counted. */
		wrong += go_through() < 0;
	}
	return arg;
}

static void *
worker(void *arg)
{
	green_t ids[THREADS];

	for (int i = 0; i < THREADS; i++)
		green_spawn(&ids[i], NULL, steps, NULL);
	for (int n = 0; n < rounds; n++) {
		for (int i = 0; i < THREADS; i++)
			left += green_interrupt(ids[i]) == 0;
		green_yield();
	}
	for (int i = 0; i < THREADS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return arg;
}

int
main(void)
{
	pthread_t threads[SIDES];

	rounds = tap_scale(300, 30);
	green_barrier_init(&barrier, COUNT, NULL);
	for (int i = 0; i < SIDES; i++)
		pthread_create(&threads[i], NULL, i % 2 ? worker : steps, NULL);
	for (int i = 0; i < SIDES; i++)
		pthread_join(threads[i], NULL);
	is(wrong, 0, "out of step");
	is(serials, rounds, "one was the last each time; %d interruptions",
	   left);
	is(green_barrier_fini(&barrier), 0, "nobody waits");
	return tap_done();
}
