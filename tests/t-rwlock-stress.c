/* SPDX-License-Identifier: MIT */
/* Proves: among green threads of several workers and plain pthreads, some of
 * which give up, a writer of a reader-writer lock is alone, readers see what
 * writers did as a whole, and everybody gets through. */

#include "seeds.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define SIDES 4 /* OS threads, half of them workers */
#define THREADS 4

static struct green_rwlock lock = GREEN_RWLOCK_INIT;
static int one, other, inside; /* plain: the lock is all that protects them */
static atomic_int wrong, written, failed;
static int rounds;

static int64_t
some_deadline(unsigned *seed)
{
	switch (next_random(seed) % 8) {
	case 0:
		return 0;
	case 1:
		return green_after(10 * GREEN_MICROSECOND);
	default:
		return GREEN_NEVER;
	}
}

static void
use(unsigned *seed, int yields)
{
	int writes = next_random(seed) % 3 == 0;
	int64_t deadline = some_deadline(seed);
	int error = writes ? green_rwlock_write(&lock, deadline)
			   : green_rwlock_read(&lock, deadline);

	if (error) {
		failed++;
		wrong += deadline == GREEN_NEVER && error != -EINTR;
		return;
	}
	if (writes) {
		wrong += inside++ != 0;
		one++;
	} else {
		wrong += inside != 0 || one != other;
	}
	if (yields)
		green_yield();
	if (writes) {
		other++;
		written++;
		inside--;
	} else {
		wrong += one != other;
	}
	wrong += green_rwlock_unlock(&lock) != 0;
}

static void *
work(void *arg)
{
	unsigned seed = stress_seed_of((unsigned)(uintptr_t)arg);

	for (int i = 0; i < rounds; i++)
		use(&seed, next_random(&seed) % 2);
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
	for (int i = 0; i < THREADS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
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
	pthread_t threads[SIDES];

	rounds = tap_scale(1000, 100);
	for (uintptr_t i = 0; i < SIDES; i++)
		pthread_create(&threads[i], NULL, i % 2 ? worker : plain,
			       (void *)(i + 1));
	for (int i = 0; i < SIDES; i++)
		pthread_join(threads[i], NULL);
	is(wrong, 0, "overlaps, halves and wrong errors");
	ok(one == other && one == written, "written %d times, %d gave up", one,
	   failed);
	is(green_rwlock_fini(&lock), 0, "free at the end");
	return tap_done();
}
