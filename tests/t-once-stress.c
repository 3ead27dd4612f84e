/* SPDX-License-Identifier: MIT */
/* Proves: among workers and pthreads that come at the same time, one does what
 * is to be done once, and all see what it did. */

#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <green.h>

#define SIDES 4 /* OS threads, half of them workers */
#define THREADS 3
#define ROUNDS 300

/* Plain: once is all that orders them. */
static struct {
	struct green_once once;
	int made, calls;
} things[ROUNDS];
static pthread_barrier_t barrier;
static int rounds;
static atomic_int wrong;

/* The first that comes fails in each third thing. */
static int
make(void *arg)
{
	int i = (int)(intptr_t)arg;

	things[i].calls++;
	if (i % 3 == 0 && things[i].calls == 1)
		return -ENOENT;
	sched_yield();
	things[i].made++;
	return 0;
}

static void *
use(void *arg)
{
	intptr_t i = (intptr_t)arg;
	int error;

	do
		error = green_once_run(&things[i].once, make, arg, GREEN_NEVER);
	while (error == -ENOENT);
	wrong += error != 0 || things[i].made != 1;
	return NULL;
}

static void
all_use(intptr_t i)
{
	green_t ids[THREADS];

	for (int t = 0; t < THREADS; t++)
		green_spawn(&ids[t], NULL, use, (void *)i);
	for (int t = 0; t < THREADS; t++)
		green_join(ids[t], NULL, GREEN_NEVER);
}

static void *
side(void *arg)
{
	for (intptr_t i = 0; i < rounds; i++) {
		pthread_barrier_wait(&barrier);
		if ((intptr_t)arg % 2)
			all_use(i);
		else
			use((void *)i);
	}
	return NULL;
}

int
main(void)
{
	pthread_t threads[SIDES];

	rounds = tap_scale(ROUNDS, ROUNDS / 10);
	pthread_barrier_init(&barrier, NULL, SIDES);
	for (intptr_t i = 0; i < SIDES; i++)
		pthread_create(&threads[i], NULL, side, (void *)i);
	for (int i = 0; i < SIDES; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < rounds; i++)
		wrong += things[i].made != 1 ||
			 things[i].calls != (i % 3 ? 1 : 2);
	is(wrong, 0, "not done, or not once");
	return tap_done();
}
