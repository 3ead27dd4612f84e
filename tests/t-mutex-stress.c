/* SPDX-License-Identifier: MIT */
/* Proves: green threads of several workers and plain pthreads that lock the
 * same mutexes with every kind of deadline, while some of them are interrupted
 * and cancelled, exclude each other, and each of them gets through. */

#include "seeds.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define WORKERS 2
#define PTHREADS 2
#define THREADS 5 /* of each worker */
#define MUTEXES 2

static struct {
	struct green_mutex mutex;
	/* Plain: the mutex is all that protects them. */
	int inside, sum, wanted;
} things[MUTEXES];
static atomic_int wrong, locked, failed;
static int rounds;

static int64_t
some_deadline(unsigned kind)
{
	switch (kind) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return green_after(20 * GREEN_MICROSECOND);
	default:
		return GREEN_NEVER;
	}
}

static int
is_allowed(int error, unsigned kind)
{
	switch (error) {
	case -EAGAIN:
		return kind == 0;
	case -ETIMEDOUT:
		return kind == 1 || kind == 2;
	default:
		return error == -EINTR || error == -ECANCELED;
	}
}

static void
use(unsigned *seed, int yields)
{
	unsigned kind = next_random(seed) % 8;
	unsigned i = next_random(seed) % MUTEXES;
	int error = green_mutex_lock(&things[i].mutex, some_deadline(kind));
	int before;

	if (error) {
		failed++;
		wrong += !is_allowed(error, kind);
		return;
	}
	wrong += things[i].inside++ != 0;
	before = things[i].sum;
	if (yields && next_random(seed) % 2)
		green_yield();
	things[i].sum = before + 1;
	things[i].wanted++;
	things[i].inside--;
	locked++;
	wrong += green_mutex_unlock(&things[i].mutex) != 0;
}

static void *
work(void *arg)
{
	unsigned seed = stress_seed_of((unsigned)(uintptr_t)arg);

	for (int i = 0; i < rounds; i++) {
		use(&seed, 1);
		if (next_random(&seed) % 4 == 0)
			green_yield();
	}
	return NULL;
}

static void *
worker(void *arg)
{
	green_t ids[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		green_spawn(&ids[i], NULL, work,
			    (void *)((uintptr_t)arg * 100 + i));
	for (int i = 0; i < rounds; i++) {
		green_interrupt(ids[i % THREADS]);
		green_yield();
	}
	green_cancel(ids[0]);
	for (int i = 0; i < THREADS; i++)
		wrong += green_join(ids[i], NULL, GREEN_NEVER) != 0;
	return NULL;
}

static void *
plain(void *arg)
{
	unsigned seed = stress_seed_of((unsigned)(uintptr_t)arg);

	for (int i = 0; i < rounds; i++)
		use(&seed, 0);
	return NULL;
}

int
main(void)
{
	pthread_t threads[WORKERS + PTHREADS];
	int lost = 0;

	rounds = tap_scale(2000, 200);
	for (uintptr_t i = 0; i < WORKERS + PTHREADS; i++)
		pthread_create(&threads[i], NULL, i < WORKERS ? worker : plain,
			       (void *)(i + 1));
	for (int i = 0; i < WORKERS + PTHREADS; i++)
		pthread_join(threads[i], NULL);
	is(wrong, 0, "wrong results");
	is(locked + failed, rounds * (WORKERS * THREADS + PTHREADS),
	   "each call returned");
	for (int i = 0; i < MUTEXES; i++) {
		lost += things[i].sum != things[i].wanted;
		is(green_mutex_fini(&things[i].mutex), 0, "free at the end");
	}
	is(lost, 0, "nothing was overwritten");
	return tap_done();
}
