/* SPDX-License-Identifier: MIT */
/* Proves: in the child of fork() nobody waits any more for what others waited
 * for in the parent: conditions, reader-writer locks, barriers, wait groups and
 * what is done once serve new threads there; and the parent does not notice. */

#include "tap.h"

#include <green.h>

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static struct green_cond cond = GREEN_COND_INIT;
static struct green_rwlock lock = GREEN_RWLOCK_INIT;
static struct green_barrier barrier;
static struct green_waitgroup group = GREEN_WAITGROUP_INIT;
static struct green_once once = GREEN_ONCE_INIT;
static int back, fails;

static void *
for_cond(void *arg)
{
	green_mutex_lock(&mutex, GREEN_NEVER);
	if (!green_cond_wait(&cond, &mutex, GREEN_NEVER))
		back++;
	green_mutex_unlock(&mutex);
	return arg;
}

static void *
for_lock(void *arg)
{
	if (!green_rwlock_write(&lock, GREEN_NEVER)) {
		back++;
		green_rwlock_unlock(&lock);
	}
	return arg;
}

static void *
for_barrier(void *arg)
{
	if (green_barrier_wait(&barrier, GREEN_NEVER) >= 0)
		back++;
	return arg;
}

static void *
for_group(void *arg)
{
	if (!green_waitgroup_wait(&group, GREEN_NEVER))
		back++;
	return arg;
}

static int
nothing(void *arg)
{
	(void)arg;
	return fails ? -ENOENT : 0;
}

static void *
for_once(void *arg)
{
	if (!green_once_run(&once, nothing, NULL, GREEN_NEVER))
		back++;
	return arg;
}

static green_t ids[5];

static void
start(void)
{
	static const green_fn fns[] = { for_cond, for_lock, for_barrier,
					for_group, for_once };

	back = 0;
	for (int i = 0; i < 5; i++)
		green_spawn(&ids[i], NULL, fns[i], NULL);
	green_yield();
}

/* One for each that waits, and no more. */
static int
finish(void)
{
	if (back || green_cond_signal(&cond) || green_rwlock_unlock(&lock) ||
	    green_barrier_wait(&barrier, 0) != GREEN_BARRIER_SERIAL ||
	    green_waitgroup_done(&group))
		return 2;
	return 0;
}

/* Called by the one that does it, which forks. */
static int
forks(void *arg)
{
	int status = -1;
	pid_t pid;

	start();
	pid = fork();
	if (!pid) {
		alarm(100);
		/* A barrier for two: who waited has not come here. */
		if (green_barrier_wait(&barrier, 0) != -EAGAIN)
			_exit(1);
		start();
		*(int *)arg = 1;
		return finish();
	}
	waitpid(pid, &status, 0);
	is(status, 0, "all is well in the child");
	return finish();
}

int
main(void)
{
	int child = 0, error;

	alarm(100);
	green_rwlock_read(&lock, GREEN_NEVER);
	green_barrier_init(&barrier, 2, NULL);
	green_waitgroup_add(&group, 1);
	error = green_once_run(&once, forks, &child, GREEN_NEVER);
	for (int i = 0; i < 5; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	if (child)
		_exit(error ? error : back == 5 ? 0 : 10 + back);
	is(error, 0, "and in the parent");
	is(back, 5, "where all got what they waited for");
	is(green_cond_fini(&cond), 0, "nobody waits for the condition");
	is(green_rwlock_fini(&lock), 0, "nor for the lock");
	is(green_barrier_fini(&barrier), 0, "nor at the barrier");
	is(green_waitgroup_fini(&group), 0, "nor for the group");
	is(green_once_fini(&once), 0, "nor for what is done once");
	return tap_done();
}
