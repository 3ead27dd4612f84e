/* SPDX-License-Identifier: MIT */
/* Proves: pthread_exit() called on a green stack ends the OS thread, its value
 * arrives, all its green threads are abandoned, that one too, and nothing is
 * left; pthread_exit() in a main flow is the same. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static int destroyed;

static void
destroy(void *user)
{
	(void)user;
	destroyed++;
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.destroy = destroy,
};

static void *
exits(void *arg)
{
	green_yield();
	pthread_exit(arg);
}

static void *
sleeps(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

static void *
os_thread(void *arg)
{
	struct green_attr attr = { .size = sizeof(attr), .hooks = &hooks };
	green_t id;

	green_spawn(NULL, &attr, sleeps, arg);
	green_spawn(&id, &attr, exits, arg);
	green_join(id, NULL, GREEN_NEVER);
	return NULL; /* not reached */
}

static void *
os_main(void *arg)
{
	struct green_attr attr = { .size = sizeof(attr), .hooks = &hooks };

	green_spawn(NULL, &attr, sleeps, arg);
	green_spawn(NULL, &attr, sleeps, arg);
	green_yield();
	pthread_exit(arg);
}

static void
run(void *(*fn)(void *), const char *what)
{
	struct green_stats s = { .size = sizeof(s) };
	uint64_t before;
	pthread_t thread;
	void *value = NULL;

	green_stats_get(&s);
	before = s.abandoned;
	destroyed = 0;
	pthread_create(&thread, NULL, fn, &destroyed);
	is(pthread_join(thread, &value), 0, "%s", what);
	ok(value == &destroyed, "its value");
	green_stats_get(&s);
	is(s.workers, 0, "workers");
	is(s.threads, 0, "threads");
	is(s.stack_bytes, 0, "bytes of stack");
	is(s.abandoned - before, 2, "abandoned");
	is(destroyed, 2, "destroyed");
}

int
main(void)
{
	run(os_main, "in the main flow");
	if (TAP_TSAN)
		skip("on a green stack", "ThreadSanitizer cannot");
	else
		run(os_thread, "on a green stack");
	return tap_done();
}
