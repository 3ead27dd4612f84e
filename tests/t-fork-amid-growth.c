/* SPDX-License-Identifier: MIT */
/* Proves: the child of a fork() is well when another OS thread was just
 * growing something at that moment: an old array freed, and the new one not
 * yet known. Here, realloc() holds that moment until the child is there. */

#include "tap.h"

#include "config.h"
#include "valgrind.h"

#include <green.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

static atomic_bool grows, stopped, forked;
static void *stale; /* is free, and nobody may free it again */

static bool
was_freed_again(void)
{
	for (int i = 0; i < 100; i++)
		if (malloc(malloc_usable_size(stale)) == stale)
			return true;
	return false;
}

void *
realloc(void *old, size_t size)
{
	void *p = malloc(size);
	size_t had = old ? malloc_usable_size(old) : 0;

	if (!p || !old)
		return p;
	memcpy(p, old, had < size ? had : size);
	if (!grows) {
		free(old);
		return p;
	}
	/* Kept, so that it can be seen if it is freed. */
	stale = old;
	grows = false;
	stopped = true;
	while (!forked)
		sched_yield();
	return p;
}

static void *
nothing(void *arg)
{
	return arg;
}

static void *
grow_keys(void *arg)
{
	green_key_t key = 0;

	green_key_create(&key, NULL);
	green_key_set(key, arg);
	for (int i = 0; i < 100; i++)
		green_key_create(&key, NULL);
	grows = true;
	green_key_set(key, arg);
	return arg;
}

static void *
grow_keys_of_a_thread(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, grow_keys, &arg);
	green_join(id, NULL, GREEN_NEVER);
	return arg;
}

static void *
grow_stacks(void *arg)
{
	green_spawn(NULL, NULL, nothing, NULL);
	grows = true;
	for (int i = 0; i < 1000; i++)
		green_spawn(NULL, NULL, nothing, NULL);
	green_yield();
	return arg;
}

static void
fork_amid(void *(*grow)(void *), const char *what)
{
	pthread_t thread;
	int status = -1;
	pid_t pid;

	stopped = forked = false;
	pthread_create(&thread, NULL, grow, NULL);
	while (!stopped)
		sched_yield();
	pid = fork();
	if (!pid) {
		green_t id;

		alarm(100);
		if (was_freed_again())
			_exit(3);
		if (green_spawn(&id, NULL, nothing, NULL))
			_exit(1);
		_exit(green_join(id, NULL, GREEN_NEVER) ? 2 : 0);
	}
	forked = true;
	waitpid(pid, &status, 0);
	is(status, 0, "the child is well amid growing %s", what);
	pthread_join(thread, NULL);
	free(stale);
}

int
main(void)
{
	if (TAP_TSAN)
		skip_all("TSan's runtime does not survive such a fork");
	if (RUNNING_ON_VALGRIND)
		skip_all("Valgrind has a realloc() of its own");
	alarm(100);
	green_self();
	fork_amid(grow_keys_of_a_thread, "keys");
	fork_amid(grow_stacks, "stacks");
	return tap_done();
}
