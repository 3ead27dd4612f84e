/* SPDX-License-Identifier: MIT */
/* Proves: while several workers and a plain pthread spawn, end, join with and
 * without deadlines, interrupt and detach each other's threads in random
 * order, each value is handed over exactly once and none is lost. */

#include "seeds.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <green.h>

#define WORKERS 3
#define PER_WORKER 600
#define THREADS (WORKERS * PER_WORKER)

/* Threads by their place; the id is 0 before, and taken by who lets go. */
static _Atomic green_t ids[THREADS];
static atomic_int handed[THREADS], joined, detached, ended, wrong;
static pthread_barrier_t barrier;

static void *
work(void *arg)
{
	unsigned seed = stress_seed_of((unsigned)(uintptr_t)arg * 7919u);

	for (unsigned n = next_random(&seed) % 4; n > 0; n--)
		green_yield();
	if (next_random(&seed) % 4 == 0)
		green_sleep_until(green_after(next_random(&seed) % 50000));
	ended++;
	return arg;
}

/* Join the thread at place i. Somebody else may do the same. */
static void
join(unsigned i, int64_t deadline)
{
	void *value = &wrong;
	green_t id = ids[i];
	int error;

	if (!id)
		return;
	error = green_join(id, &value, deadline);
	if (error == 0) {
		wrong += value != (void *)(uintptr_t)i;
		handed[i]++;
		joined++;
		ids[i] = 0;
	} else {
		wrong += value != &wrong;
		wrong += error != -EAGAIN && error != -ETIMEDOUT &&
			 error != -EBUSY && error != -ESRCH &&
			 error != -EINTR && error != -EINVAL;
	}
}

static void
detach(unsigned i)
{
	green_t id = ids[i];

	if (id && green_detach(id) == 0) {
		handed[i]++;
		detached++;
		ids[i] = 0;
	}
}

static void
act(unsigned *seed)
{
	unsigned i = next_random(seed) % THREADS;

	switch (next_random(seed) % 8) {
	case 0:
		detach(i);
		break;
	case 1:
		join(i, 0);
		break;
	case 2:
		join(i, green_after(next_random(seed) % 20000));
		break;
	case 3:
		if (ids[i])
			green_interrupt(ids[i]);
		break;
	default:
		join(i, green_after(GREEN_MILLISECOND));
		break;
	}
}

static void *
actor(void *arg)
{
	unsigned seed = stress_seed_of((unsigned)(uintptr_t)arg);

	for (int n = 0; n < 100; n++) {
		act(&seed);
		green_yield();
	}
	return NULL;
}

static void *
worker(void *arg)
{
	unsigned first = (unsigned)(uintptr_t)arg * PER_WORKER;
	green_t actors[4];

	pthread_barrier_wait(&barrier);
	for (uintptr_t i = 0; i < 4; i++)
		green_spawn(&actors[i], NULL, actor, (void *)(first + i));
	for (unsigned i = first; i < first + PER_WORKER; i++) {
		green_t id;

		wrong += green_spawn(&id, NULL, work, (void *)(uintptr_t)i) !=
			 0;
		ids[i] = id;
		if (i % 8 == 0)
			green_yield();
	}
	for (int i = 0; i < 4; i++)
		green_join(actors[i], NULL, GREEN_NEVER);
	/* Whatever is left of ours; ids[] is stale where others were. */
	for (unsigned i = first; i < first + PER_WORKER; i++)
		while (ids[i]) {
			join(i, green_after(GREEN_SECOND));
			green_yield();
		}
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void *
plain(void *arg)
{
	unsigned seed = stress_seed_of(4711);

	pthread_barrier_wait(&barrier);
	for (int n = 0; n < 500; n++) {
		join(next_random(&seed) % THREADS,
		     n % 3 ? green_after(100 * GREEN_MICROSECOND) : 0);
		if (n % 5 == 0)
			detach(next_random(&seed) % THREADS);
	}
	pthread_barrier_wait(&barrier);
	return arg;
}

int
main(void)
{
	pthread_t threads[WORKERS + 1];
	int not_once = 0;

	pthread_barrier_init(&barrier, NULL, WORKERS + 1);
	for (uintptr_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, worker, (void *)i);
	pthread_create(&threads[WORKERS], NULL, plain, NULL);
	for (int i = 0; i <= WORKERS; i++)
		pthread_join(threads[i], NULL);

	for (int i = 0; i < THREADS; i++)
		not_once += handed[i] != 1;
	is(not_once, 0, "threads that were not let go of exactly once");
	is(wrong, 0, "wrong values and errors");
	is(joined + detached, THREADS, "joined and detached");
	ok(ended <= THREADS && ended >= joined, "%d ended, %d were joined",
	   ended, joined);
	return tap_done();
}
