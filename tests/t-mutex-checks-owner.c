/* SPDX-License-Identifier: MIT */
/* Proves: only the thread that holds a mutex can unlock it, whether it is a
 * green thread, a main flow or an OS thread without a runtime, which stays the
 * owner when it becomes one; it cannot lock it again, unless it is recursive,
 * and then unlocks as often. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_mutex mutex = GREEN_MUTEX_INIT;

static void *
not_mine(void *arg)
{
	int error = green_mutex_unlock(&mutex);

	if (!error)
		error = 1;
	/* A free one would be locked now. */
	if (green_mutex_lock(&mutex, 0) != -EAGAIN)
		error = 2;
	*(int *)arg = error;
	return NULL;
}

/* Everybody else is refused, and it stays locked. */
static void
refused(const char *what)
{
	pthread_t thread;
	green_t id;
	int error = 0;

	green_spawn(&id, NULL, not_mine, &error);
	green_join(id, NULL, GREEN_NEVER);
	is(error, -EPERM, "%s: not by another green thread", what);
	pthread_create(&thread, NULL, not_mine, &error);
	pthread_join(thread, NULL);
	is(error, -EPERM, "%s: not by an OS thread", what);
}

static void
plain_mutex(const char *who)
{
	is(green_mutex_unlock(&mutex), -EPERM, "%s: unlock a free one", who);
	is(green_mutex_lock(&mutex, GREEN_NEVER), 0, "%s: lock", who);
	is(green_mutex_lock(&mutex, GREEN_NEVER), -EDEADLK, "%s: again", who);
	is(green_mutex_lock(&mutex, 0), -EDEADLK, "%s: try again", who);
	is(green_mutex_lock(&mutex, 1), -EDEADLK, "%s: past deadline", who);
	is(green_mutex_unlock(&mutex), 0, "%s: unlock", who);
	is(green_mutex_unlock(&mutex), -EPERM, "%s: twice", who);
}

static void
recursive_mutex(const char *who)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_RECURSIVE };

	is(green_mutex_init(&mutex, &attr), 0, "%s: a recursive one", who);
	is(green_mutex_lock(&mutex, GREEN_NEVER), 0, "%s: lock", who);
	is(green_mutex_lock(&mutex, GREEN_NEVER), 0, "%s: again", who);
	is(green_mutex_lock(&mutex, 0), 0, "%s: and again", who);
	is(green_mutex_unlock(&mutex), 0, "%s: unlock", who);
	is(green_mutex_unlock(&mutex), 0, "%s: again", who);
	is(green_mutex_fini(&mutex), -EBUSY, "%s: still held", who);
}

static void *
as_green_thread(void *arg)
{
	plain_mutex("green thread");
	recursive_mutex("green thread");
	refused("a green thread's");
	is(green_mutex_unlock(&mutex), 0, "for the last time");
	is(green_mutex_unlock(&mutex), -EPERM, "it is free");
	return arg;
}

static void *
as_pthread(void *arg)
{
	plain_mutex("pthread");
	recursive_mutex("pthread");
	refused("a pthread's"); /* which makes it a worker */
	ok(green_self() != 0, "now it is a worker");
	is(green_mutex_lock(&mutex, 0), 0, "and holds what it held");
	is(green_mutex_unlock(&mutex), 0, "unlock");
	is(green_mutex_unlock(&mutex), 0, "for the last time");
	is(green_mutex_unlock(&mutex), -EPERM, "it is free");
	is(green_mutex_lock(&mutex, 0), 0, "lock as a worker");
	is(green_mutex_unlock(&mutex), 0, "unlock");
	is(green_mutex_fini(&mutex), 0, "fini");
	return arg;
}

int
main(void)
{
	pthread_t thread;
	green_t id;

	plain_mutex("main flow");
	recursive_mutex("main flow");
	refused("a main flow's");
	is(green_mutex_unlock(&mutex), 0, "for the last time");
	is(green_mutex_fini(&mutex), 0, "fini: no longer recursive");

	green_spawn(&id, NULL, as_green_thread, NULL);
	green_join(id, NULL, GREEN_NEVER);
	is(green_mutex_fini(&mutex), 0, "fini");
	pthread_create(&thread, NULL, as_pthread, NULL);
	pthread_join(thread, NULL);
	return tap_done();
}
