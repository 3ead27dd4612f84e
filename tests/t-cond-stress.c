/* SPDX-License-Identifier: MIT */
/* Proves: no signal is lost and none counts twice among green threads of
 * several workers and plain pthreads, some of which give up: what producers put
 * into a small buffer comes out of it exactly once, and everybody ends. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define SIDES 4 /* OS threads, half of them workers */
#define ROOM 3

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static struct green_cond not_full = GREEN_COND_INIT;
static struct green_cond not_empty = GREEN_COND_INIT;
static int buffer[ROOM], used, produced, consumed;
static char *taken;
static int total;
static atomic_int wrong;

static int64_t
some_deadline(int n)
{
	return n % 5 ? GREEN_NEVER : green_after(10 * GREEN_MICROSECOND);
}

static void
lock(void)
{
	while (green_mutex_lock(&mutex, GREEN_NEVER) == -EINTR)
		continue;
}

static void
await(struct green_cond *cond, int n)
{
	int error = green_cond_wait(cond, &mutex, some_deadline(n));

	wrong += error && error != -ETIMEDOUT && error != -EINTR;
}

static void *
produce(void *arg)
{
	int n = 0;

	lock();
	while (produced < total) {
		if (used == ROOM) {
			await(&not_full, ++n);
			continue;
		}
		buffer[used++] = produced++;
		green_cond_signal(&not_empty);
		if (produced == total)
			green_cond_broadcast(&not_full);
		green_mutex_unlock(&mutex);
		lock();
	}
	green_mutex_unlock(&mutex);
	return arg;
}

static void *
consume(void *arg)
{
	int n = 0;

	lock();
	while (consumed < total) {
		if (!used) {
			await(&not_empty, ++n);
			continue;
		}
		wrong += taken[buffer[--used]]++ != 0;
		if (++consumed == total)
			green_cond_broadcast(&not_empty);
		green_mutex_unlock(&mutex);
		/* Without the mutex. */
		green_cond_signal(&not_full);
		lock();
	}
	green_mutex_unlock(&mutex);
	return arg;
}

static void *
worker(void *arg)
{
	green_t ids[6];

	for (int i = 0; i < 6; i++)
		green_spawn(&ids[i], NULL, i % 2 ? produce : consume, NULL);
	for (int i = 0; i < 100; i++) {
		green_yield();
		green_interrupt(ids[i % 6]);
	}
	for (int i = 0; i < 6; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return arg;
}

int
main(void)
{
	void *(*const sides[SIDES])(void *) = { worker, produce, consume,
						worker };
	pthread_t threads[SIDES];

	total = tap_scale(20000, 1000);
	taken = calloc((size_t)total, 1);
	for (int i = 0; i < SIDES; i++)
		pthread_create(&threads[i], NULL, sides[i], NULL);
	for (int i = 0; i < SIDES; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < total; i++)
		wrong += taken[i] != 1;
	is(wrong, 0, "what was not taken exactly once, and wrong results");
	is(consumed, total, "all was consumed");
	is(green_cond_fini(&not_full), 0, "nobody waits");
	is(green_cond_fini(&not_empty), 0, "nor for the other");
	is(green_mutex_fini(&mutex), 0, "and the mutex is free");
	free(taken);
	return tap_done();
}
