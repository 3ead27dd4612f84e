/* SPDX-License-Identifier: MIT */
/* Proves: those who wait for a mutex get it in the order in which they came,
 * from the unlock itself, so that nobody who comes later can be faster; also
 * when some of them give up in between. */

#include "tap.h"

#include <green.h>

#define THREADS 20

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static int order[THREADS], got;
static int errors[THREADS];

static void *
lock(void *arg)
{
	int i = (int)(intptr_t)arg;

	errors[i] = green_mutex_lock(&mutex, GREEN_NEVER);
	if (errors[i])
		return NULL;
	order[got++] = i;
	green_yield();
	errors[i] = green_mutex_unlock(&mutex);
	if (green_mutex_lock(&mutex, 0) != -EAGAIN && got < THREADS)
		errors[i] = 1; /* overtook the next one */
	return NULL;
}

static void
start(green_t ids[THREADS])
{
	got = 0;
	for (int i = 0; i < THREADS; i++) {
		errors[i] = 77;
		green_spawn(&ids[i], NULL, lock, (void *)(intptr_t)i);
	}
	green_yield();
}

static void
all_wait(void)
{
	green_t ids[THREADS];
	int wrong = 0;

	is(green_mutex_lock(&mutex, GREEN_NEVER), 0, "lock");
	start(ids);
	is(got, 0, "nobody else has it");
	is(green_mutex_unlock(&mutex), 0, "unlock");
	is(green_mutex_lock(&mutex, 0), -EAGAIN,
	   "it is another's at once, though that did not run yet");
	is(green_mutex_unlock(&mutex), -EPERM, "and not the caller's");
	for (int i = 0; i < THREADS - 1; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	/* The last one has locked it again. */
	green_join(ids[THREADS - 1], NULL, GREEN_NEVER);
	for (int i = 0; i < THREADS; i++)
		wrong += order[i] != i || errors[i];
	is(got, THREADS, "all had it");
	is(wrong, 0, "in order");
}

static void
some_give_up(void)
{
	struct green_mutex fresh = GREEN_MUTEX_INIT;
	green_t ids[THREADS];
	int wrong = 0;

	mutex = fresh; /* the last one held it */
	green_mutex_lock(&mutex, GREEN_NEVER);
	start(ids);
	for (int i = 0; i < THREADS; i += 3)
		wrong += green_interrupt(ids[i]) != 0;
	is(wrong, 0, "interrupted every third");
	green_yield();
	green_mutex_unlock(&mutex);
	for (int i = 0; i < THREADS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	for (int i = 0, n = 0; i < THREADS; i++) {
		if (i % 3 == 0)
			wrong += errors[i] != -EINTR;
		else
			wrong += order[n++] != i;
	}
	is(got, THREADS - (THREADS + 2) / 3, "the others had it");
	is(wrong, 0, "in order");
}

int
main(void)
{
	all_wait();
	some_give_up();
	return tap_done();
}
