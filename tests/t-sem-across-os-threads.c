/* SPDX-License-Identifier: MIT */
/* Proves: among several workers and pthreads that post and wait, with and
 * without deadlines and interruptions, each post lets exactly one wait
 * succeed. */

#include "seeds.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define GREEN_PER_WORKER 8

static struct green_sem sem, done;
static atomic_int posted, taken, given_up, wrong;
static int rounds;

static void
took(int error)
{
	if (error == 0)
		taken++;
	else
		given_up++;
	wrong += error && error != -ETIMEDOUT && error != -EAGAIN &&
		 error != -EINTR;
}

/* As many posts as waits that must succeed, and some that need not. */
static void
play(unsigned seed)
{
	for (int i = 0; i < rounds; i++) {
		seed = seed * 1664525u + 1013904223u;
		wrong += green_sem_post(&sem) != 0;
		posted++;
		if (seed >> 29 == 0)
			took(green_sem_wait(&sem, 0));
		else if (seed >> 29 < 3)
			took(green_sem_wait(&sem,
					    green_after(seed >> 8 & 0xffff)));
		else
			took(green_sem_wait(&sem, GREEN_NEVER));
	}
}

static void *
player(void *arg)
{
	play(stress_seed_of((unsigned)(uintptr_t)arg));
	return NULL;
}

static void *
worker(void *arg)
{
	green_t ids[GREEN_PER_WORKER];

	for (uintptr_t i = 0; i < GREEN_PER_WORKER; i++)
		green_spawn(&ids[i], NULL, player,
			    (void *)((uintptr_t)arg * 100 + i));
	for (int i = 0; i < GREEN_PER_WORKER; i++)
		while (green_join(ids[i], NULL,
				  green_after(50 * GREEN_MICROSECOND)) ==
		       -ETIMEDOUT)
			green_interrupt(ids[i]);
	green_sem_post(&done);
	return NULL;
}

static void *
plain(void *arg)
{
	play(stress_seed_of((unsigned)(uintptr_t)arg));
	green_sem_post(&done);
	return NULL;
}

int
main(void)
{
	pthread_t threads[4];
	int left = 0;

	rounds = tap_scale(2000, 200);
	for (uintptr_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, i < 2 ? worker : plain,
			       (void *)(i + 1));
	/* All posts so far are at least as many as the waits: so never do all
	 * of them wait in vain. */
	for (int i = 0; i < 4; i++)
		is(green_sem_wait(&done, GREEN_NEVER), 0, "one has ended");
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	while (green_sem_wait(&sem, 0) == 0)
		left++;
	is(wrong, 0, "wrong results");
	is(posted, rounds * (2 * GREEN_PER_WORKER + 2), "posts");
	is(taken + left, posted, "taken and left (%d in vain)", given_up);
	is(green_sem_fini(&sem), 0, "nobody waits");
	is(green_sem_fini(&done), 0, "nor here");
	return tap_done();
}
