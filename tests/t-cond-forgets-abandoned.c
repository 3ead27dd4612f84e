/* SPDX-License-Identifier: MIT */
/* Proves: threads that are abandoned with their OS thread do not get a mutex,
 * neither those that wait for a condition nor those that were signalled and
 * wait for the mutex already. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static struct green_cond cond = GREEN_COND_INIT;
static pthread_barrier_t barrier;

static void *
waits(void *arg)
{
	green_mutex_lock(&mutex, GREEN_NEVER);
	green_cond_wait(&cond, &mutex, GREEN_NEVER);
	green_mutex_unlock(&mutex);
	return arg;
}

static void *
worker(void *arg)
{
	for (int i = 0; i < 3; i++)
		green_spawn(NULL, NULL, waits, NULL);
	green_yield();
	pthread_barrier_wait(&barrier); /* all wait for the condition */
	pthread_barrier_wait(&barrier); /* two of them for the mutex */
	return arg;
}

int
main(void)
{
	pthread_t thread;

	alarm(100);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_barrier_wait(&barrier);
	is(green_mutex_lock(&mutex, GREEN_NEVER), 0, "lock");
	is(green_cond_signal(&cond), 0, "signal");
	is(green_cond_signal(&cond), 0, "signal");
	is(green_cond_fini(&cond), -EBUSY, "they are there");
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	is(green_cond_fini(&cond), 0, "they are not there any more");
	is(green_mutex_unlock(&mutex), 0, "unlock");
	is(green_mutex_lock(&mutex, 0), 0, "nobody else has got it");
	is(green_mutex_unlock(&mutex), 0, "unlock");
	is(green_mutex_fini(&mutex), 0, "free");
	return tap_done();
}
