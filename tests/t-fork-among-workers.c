/* SPDX-License-Identifier: MIT */
/* Proves: fork() while other OS threads are busy workers gives a child with
 * one worker whose locks are all free, whichever moment it comes at: keys,
 * ids, spawns and OS threads work there; from a plain OS thread too. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define FORKS 30

static atomic_int stop;
static green_t sleeper;

static void *
nothing(void *arg)
{
	return arg;
}

static void *
sleeps(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

/* Takes every lock there is, all the time. */
static void *
busy(void *arg)
{
	struct green_stats s = { .size = sizeof(s) };
	green_key_t key;
	green_t id;

	green_spawn(&sleeper, NULL, sleeps, NULL);
	green_yield();
	while (!stop) {
		green_key_create(&key, NULL);
		green_key_delete(key);
		green_spawn(&id, NULL, nothing, NULL);
		green_join(id, NULL, GREEN_NEVER);
		green_stats_get(&s);
		sched_yield();
	}
	return arg;
}

static void *
works(void *arg)
{
	green_key_t key;
	green_t id;

	if (green_key_create(&key, NULL) || green_key_set(key, arg) ||
	    green_key_get(key) != arg || green_key_delete(key))
		return NULL;
	for (int i = 0; i < 100; i++)
		if (green_spawn(&id, NULL, nothing, NULL) ||
		    green_join(id, NULL, GREEN_NEVER))
			return NULL;
	green_sleep_until(green_after(GREEN_MICROSECOND));
	return arg;
}

static int
child(void)
{
	struct green_stats s = { .size = sizeof(s) };
	pthread_t thread;
	void *value = NULL;

	if (green_join(sleeper, NULL, GREEN_NEVER) != -ESRCH)
		return 1;
	green_stats_get(&s);
	if (s.workers > 1 || s.threads > 1)
		return 2;
	if (!works(&s))
		return 3;
	if (pthread_create(&thread, NULL, works, &s) ||
	    pthread_join(thread, &value) || value != &s)
		return 4;
	return 0;
}

static int
forks(int n)
{
	int bad = 0, status;

	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(child());
		waitpid(pid, &status, 0);
		if (status)
			printf("# status %#x\n", status);
		bad += status != 0;
	}
	return bad;
}

static void *
forks_green(void *arg)
{
	return (void *)(intptr_t)forks(*(int *)arg);
}

int
main(void)
{
	const char *emulator = getenv("TEST_EMULATOR");
	pthread_t others[2];
	int n = tap_scale(FORKS, 3);
	void *bad;
	green_t id;

	if (TAP_SANITIZED)
		skip_all("the sanitizers' own locks do not survive fork()");
	if (emulator && strstr(emulator, "qemu"))
		skip_all("qemu-user aborts in a child of several OS threads");

	for (int i = 0; i < 2; i++)
		pthread_create(&others[i], NULL, busy, NULL);
	while (!*(volatile green_t *)&sleeper)
		sched_yield();
	fflush(stdout);
	is(forks(n), 0, "children of an OS thread that is no worker");
	green_self();
	is(forks(n), 0, "children of a main flow");
	green_spawn(&id, NULL, forks_green, &n);
	green_join(id, &bad, GREEN_NEVER);
	is((intptr_t)bad, 0, "children of a green thread");
	stop = 1;
	for (int i = 0; i < 2; i++)
		is(pthread_join(others[i], NULL), 0, "the parent's go on");
	return tap_done();
}
