/* SPDX-License-Identifier: MIT */
/* Proves: after fork() the thread that forked holds the mutexes that it held,
 * and can hand them on to new threads; those who waited for them are not there
 * any more; what another thread held stays held. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

static struct green_mutex mine = GREEN_MUTEX_INIT, other = GREEN_MUTEX_INIT;
static pthread_barrier_t barrier;

static void *
lock(void *arg)
{
	*(int *)arg = green_mutex_lock(&mine, GREEN_NEVER);
	green_mutex_unlock(&mine);
	return NULL;
}

static void *
hold_other(void *arg)
{
	green_mutex_lock(&other, GREEN_NEVER);
	for (;;)
		green_yield();
	return arg;
}

/* A thread of another worker waits too. */
static void *
worker(void *arg)
{
	int error = 1;
	green_t id;

	green_spawn(&id, NULL, lock, &error);
	green_yield();
	pthread_barrier_wait(&barrier);
	green_join(id, NULL, GREEN_NEVER);
	return error ? NULL : arg;
}

static int
look_in_child(void)
{
	int error = 1;
	green_t id;

	alarm(100);
	if (green_mutex_lock(&mine, 0) != -EDEADLK)
		return 1;
	green_spawn(&id, NULL, lock, &error);
	green_yield();
	if (green_mutex_unlock(&mine) || green_join(id, NULL, GREEN_NEVER))
		return 2;
	if (error || green_mutex_lock(&mine, 0) || green_mutex_unlock(&mine))
		return 3;
	if (green_mutex_lock(&other, 0) != -EAGAIN ||
	    green_mutex_unlock(&other) != -EPERM)
		return 4;
	return green_mutex_fini(&mine) ? 5 : 0;
}

int
main(void)
{
	int errors[2] = { 1, 1 }, status = -1;
	pthread_t thread;
	void *value;
	green_t ids[2];
	pid_t pid;

	alarm(100);
	pthread_barrier_init(&barrier, NULL, 2);
	green_spawn(NULL, NULL, hold_other, NULL);
	green_mutex_lock(&mine, GREEN_NEVER);
	for (int i = 0; i < 2; i++)
		green_spawn(&ids[i], NULL, lock, &errors[i]);
	green_yield();
	pthread_create(&thread, NULL, worker, &errors);
	pthread_barrier_wait(&barrier);
	pid = fork();
	if (!pid)
		_exit(look_in_child());
	waitpid(pid, &status, 0);
	is(status, 0, "all is well in the child");
	is(green_mutex_unlock(&mine), 0, "unlock in the parent");
	for (int i = 0; i < 2; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		is(errors[i], 0, "where the others wait on");
	}
	pthread_join(thread, &value);
	ok(value == &errors, "also on another worker");
	return tap_done();
}
