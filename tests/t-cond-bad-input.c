/* SPDX-License-Identifier: MIT */
/* Proves: what is wrong in a call for conditions is told by the documented
 * error and changes nothing. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static struct green_cond cond = GREEN_COND_INIT;

static void *
use(void *arg)
{
	int error = green_cond_signal(&cond);

	if (error != green_cond_broadcast(&cond) ||
	    error != green_cond_wait(&cond, &mutex, 0) ||
	    error != green_cond_fini(&cond))
		error = 1;
	*(int *)arg = error;
	return NULL;
}

static void *
waits(void *arg)
{
	green_mutex_lock(&mutex, GREEN_NEVER);
	*(int *)arg = green_cond_wait(&cond, &mutex, GREEN_NEVER);
	green_mutex_unlock(&mutex);
	return NULL;
}

static void
arguments(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_RECURSIVE };

	is(green_cond_init(NULL, NULL), -EINVAL, "init of NULL");
	is(green_cond_init(&cond, &attr), -EINVAL, "recursive");
	attr.size = 1;
	is(green_cond_init(&cond, &attr), -EINVAL, "a short attr");
	is(green_cond_init(&cond, NULL), 0, "no attr");
	is(green_cond_fini(NULL), 0, "fini of NULL");
	is(green_cond_signal(NULL), -EINVAL, "signal NULL");
	is(green_cond_broadcast(NULL), -EINVAL, "broadcast NULL");
	is(green_cond_wait(NULL, &mutex, 0), -EINVAL, "wait for NULL");
	is(green_cond_wait(&cond, NULL, 0), -EINVAL, "wait without a mutex");
	is(green_cond_wait(&cond, &mutex, GREEN_NEVER), -EPERM,
	   "with a mutex that is free");
	green_mutex_lock(&mutex, GREEN_NEVER);
	is(green_cond_wait(&cond, &mutex, -1), -EINVAL, "negative deadline");
	is(green_cond_wait(&cond, &mutex, 0), -EAGAIN, "deadline 0");
	is(green_cond_wait(&cond, &mutex, 1), -ETIMEDOUT, "in the past");
	is(green_mutex_unlock(&mutex), 0, "the mutex is held throughout");
}

static void
busy(void)
{
	green_t id;
	int error = 77;

	green_spawn(&id, NULL, waits, &error);
	green_yield();
	is(green_cond_fini(&cond), -EBUSY, "somebody waits");
	green_mutex_lock(&mutex, GREEN_NEVER);
	is(green_cond_wait(&cond, &mutex, 0), -EAGAIN, "with one's own");
	green_mutex_unlock(&mutex);
	green_cond_signal(&cond);
	is(green_cond_fini(&cond), -EBUSY, "and has not returned");
	green_join(id, NULL, GREEN_NEVER);
	is(error, 0, "it did not suffer");
	is(green_cond_fini(&cond), 0, "now it may go");
}

static void
private_to_a_worker(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_PRIVATE };
	pthread_t thread;
	green_t id;
	int error = 0;

	is(green_mutex_init(&mutex, &attr), 0, "a private mutex");
	green_mutex_lock(&mutex, GREEN_NEVER);
	is(green_cond_wait(&cond, &mutex, GREEN_NEVER), -EINVAL,
	   "with a condition that anybody can signal");
	green_mutex_unlock(&mutex);
	is(green_cond_init(&cond, &attr), 0, "a private condition");
	pthread_create(&thread, NULL, use, &error);
	pthread_join(thread, NULL);
	is(error, -EPERM, "is not for others");
	error = 77;
	green_spawn(&id, NULL, waits, &error);
	green_yield();
	green_cond_signal(&cond);
	green_join(id, NULL, GREEN_NEVER);
	is(error, 0, "but works for this worker");
	is(green_cond_fini(&cond), 0, "fini");
	is(green_mutex_fini(&mutex), 0, "fini");
}

int
main(void)
{
	arguments();
	busy();
	private_to_a_worker();
	return tap_done();
}
