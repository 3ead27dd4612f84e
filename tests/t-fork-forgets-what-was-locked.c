/* SPDX-License-Identifier: MIT */
/* Proves: a green thread that another OS thread was about to change at the
 * moment of a fork() is not touched in the child, in whichever state it is; its
 * id is stale there. The one that forks stays known, even if it was being
 * looked up. */

#include "tap.h"

#include "thread.h"

#include <green.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

static atomic_bool locked, over;
static green_t forks, half;

static void *
nothing(void *arg)
{
	return arg;
}

/* As if in the middle of letting a thread go. */
static void *
hold(void *arg)
{
	struct id_entry *e = NULL, *other = NULL;
	struct thread *t;

	green_spawn(&half, NULL, nothing, NULL);
	green_yield();
	t = green__id_lock(half, &e);
	t->keys = (void *)16;
	green__id_lock(forks, &other);
	locked = true;
	while (!over)
		sched_yield();
	t->keys = NULL;
	green__id_unlock(other);
	green__id_unlock(e);
	return arg;
}

static int
look_in_child(void)
{
	green_t again;

	alarm(100);
	if (green_join(half, NULL, 0) != -ESRCH)
		return 1;
	if (green_self() != forks || green_detach(forks) != -EINVAL)
		return 2;
	if (green_spawn(&again, NULL, nothing, NULL))
		return 3;
	return green_join(again, NULL, GREEN_NEVER) ? 4 : 0;
}

int
main(void)
{
	pthread_t thread;
	int status = -1;
	pid_t pid;

	alarm(100);
	forks = green_self();
	pthread_create(&thread, NULL, hold, NULL);
	while (!locked)
		sched_yield();
	pid = fork();
	if (!pid)
		_exit(look_in_child());
	over = true;
	waitpid(pid, &status, 0);
	is(status, 0, "all is well in the child");
	pthread_join(thread, NULL);
	is(green_join(half, NULL, 0), -ESRCH, "and in the parent");
	return tap_done();
}
