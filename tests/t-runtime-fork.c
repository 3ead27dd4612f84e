/* SPDX-License-Identifier: MIT */
/* Proves: the child of a fork() has no runtime left, whether a plain pthread
 * forks or a thread of the runtime, amid the spawns of others: ids are stale,
 * spawning into the runtime gives -ESRCH, destroying it gives its memory back,
 * and a new one works. The parent goes on. */

#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <green.h>

static struct green_runtime *rt;
static struct green_attr in = { .size = sizeof(in) };
static green_t parked;
static atomic_int stop;

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

static void *
many(void *arg)
{
	green_t ids[20];
	intptr_t bad = 0;

	for (int i = 0; i < 20; i++)
		bad += green_spawn(&ids[i], NULL, nothing, arg) != 0;
	for (int i = 0; i < 20; i++)
		bad += green_join(ids[i], NULL, GREEN_NEVER) != 0;
	return (void *)bad;
}

static int
child(void)
{
	struct green_stats s = { .size = sizeof(s) };
	struct green_runtime_attr of = { .size = sizeof(of), .workers = 2 };
	struct green_runtime *fresh;
	void *value = &s;
	green_t id;

	if (green_join(parked, NULL, GREEN_NEVER) != -ESRCH)
		return 1;
	if (green_spawn(&id, &in, nothing, NULL) != -ESRCH ||
	    green_runtime_run(rt, nothing, NULL, NULL) != -ESRCH)
		return 2;
	green_stats_get(&s);
	if (s.workers > 1 || s.threads > 1)
		return 3;
	if (many(NULL))
		return 4;
	if (green_runtime_destroy(rt))
		return 5;
	if (green_runtime_create(&fresh, &of) ||
	    green_runtime_run(fresh, many, NULL, &value) || value ||
	    green_runtime_destroy(fresh))
		return 6;
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

/* Returns from its function in the child, which then ends. */
static void *
forks_and_returns(void *arg)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		return arg;
	waitpid(pid, &status, 0);
	return (void *)(intptr_t)status;
}

/* Blocks move between workers all the time. */
static void *
spawner(void *arg)
{
	while (!stop) {
		green_runtime_run(rt, many, NULL, NULL);
		sched_yield();
	}
	return arg;
}

int
main(void)
{
	const char *emulator = getenv("TEST_EMULATOR");
	struct green_runtime_attr of = { .size = sizeof(of), .workers = 2 };
	int n = 30;
	pthread_t other;
	void *value;

	if (TAP_SANITIZED)
		skip_all("the sanitizers' own locks do not survive fork()");
	if (emulator && strstr(emulator, "qemu"))
		skip_all("qemu-user aborts in a child of several OS threads");

	green_runtime_create(&rt, &of);
	in.runtime = rt;
	green_spawn(&parked, &in, sleeps, NULL);
	pthread_create(&other, NULL, spawner, NULL);
	fflush(stdout);
	is(forks(n), 0, "children of a plain pthread");
	is(green_runtime_run(rt, forks_green, &n, &value), 0, "run");
	is((intptr_t)value, 0, "children of a thread of the runtime");
	is(green_runtime_run(rt, forks_and_returns, NULL, &value), 0, "run");
	is((intptr_t)value, 0, "one that returns ends its process");
	stop = 1;
	pthread_join(other, NULL);
	is(green_runtime_run(rt, many, NULL, &value), 0, "the parent goes on");
	ok(!value, "all is well there");
	is(green_runtime_destroy(rt), -EBUSY, "one thread is still parked");
	return tap_done();
}
