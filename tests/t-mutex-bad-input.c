/* SPDX-License-Identifier: MIT */
/* Proves: what is wrong in a call for mutexes is told by the documented error
 * and changes nothing; a private one is refused to whoever is not its worker;
 * one that is held or waited for cannot be ended. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_mutex mutex = GREEN_MUTEX_INIT;

static void
attributes(void)
{
	struct {
		struct green_sync_attr attr;
		uint64_t tail;
	} big = { { sizeof(big), 0 }, 1 };
	struct green_sync_attr attr = { sizeof(attr) - 1, 0 };
	struct green_mutex m;

	is(green_mutex_init(NULL, NULL), -EINVAL, "init of NULL");
	is(green_mutex_init(&m, &attr), -EINVAL, "a short attr");
	attr.size = 0;
	is(green_mutex_init(&m, &attr), -EINVAL, "an attr without size");
	attr.size = sizeof(attr);
	attr.flags = 4;
	is(green_mutex_init(&m, &attr), -EINVAL, "an unknown flag");
	attr.flags = UINT64_C(1) << 32;
	is(green_mutex_init(&m, &attr), -EINVAL, "a high flag");
	is(green_mutex_init(&m, &big.attr), -E2BIG, "an unknown field");
	big.tail = 0;
	is(green_mutex_init(&m, &big.attr), 0, "which is zero");
	is(green_mutex_init(&m, NULL), 0, "no attr");
	is(green_mutex_fini(&m), 0, "fini");
	is(green_mutex_fini(NULL), 0, "fini of NULL");
	is(green_mutex_lock(NULL, GREEN_NEVER), -EINVAL, "lock NULL");
	is(green_mutex_lock(NULL, 0), -EINVAL, "try to lock NULL");
	is(green_mutex_unlock(NULL), -EINVAL, "unlock NULL");
}

static void *
use(void *arg)
{
	int error = green_mutex_lock(&mutex, GREEN_NEVER);

	if (error != green_mutex_lock(&mutex, 0) ||
	    error != green_mutex_unlock(&mutex) ||
	    error != green_mutex_fini(&mutex))
		error = 1;
	*(int *)arg = error;
	return NULL;
}

static void *
use_as_worker(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, use, arg);
	green_join(id, NULL, GREEN_NEVER);
	return NULL;
}

static void *
lock(void *arg)
{
	*(int *)arg = green_mutex_lock(&mutex, GREEN_NEVER);
	if (!*(int *)arg)
		*(int *)arg = green_mutex_unlock(&mutex);
	return NULL;
}

static void
private_to_a_worker(void)
{
	void *(*const kinds[])(void *) = { use, use_as_worker };
	struct green_sync_attr attr = { sizeof(attr), GREEN_PRIVATE };
	pthread_t thread;
	green_t id;
	int error;

	is(green_mutex_init(&mutex, &attr), 0, "a private one");
	for (int i = 0; i < 2; i++) {
		error = 0;
		pthread_create(&thread, NULL, kinds[i], &error);
		pthread_join(thread, NULL);
		is(error, -EPERM,
		   i ? "not for another worker" : "not for a pthread");
	}
	is(green_mutex_lock(&mutex, 0), 0, "for this one it is free");
	green_spawn(&id, NULL, lock, &error);
	green_yield();
	is(green_mutex_unlock(&mutex), 0, "unlock");
	green_join(id, NULL, GREEN_NEVER);
	is(error, 0, "another thread of this worker waits for it");
	is(green_mutex_fini(&mutex), 0, "fini");
}

static void
busy(void)
{
	green_t id;
	int error;

	green_mutex_lock(&mutex, GREEN_NEVER);
	is(green_mutex_fini(&mutex), -EBUSY, "held");
	green_spawn(&id, NULL, lock, &error);
	green_yield();
	is(green_mutex_fini(&mutex), -EBUSY, "waited for");
	green_mutex_unlock(&mutex);
	is(green_mutex_fini(&mutex), -EBUSY, "handed over");
	green_join(id, NULL, GREEN_NEVER);
	is(error, 0, "which did not suffer");
	is(green_mutex_fini(&mutex), 0, "free");
	is(green_mutex_lock(&mutex, 0), 0, "all zero again: usable");
	is(green_mutex_unlock(&mutex), 0, "unlock");
}

int
main(void)
{
	attributes();
	private_to_a_worker();
	busy();
	return tap_done();
}
