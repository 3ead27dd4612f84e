/* SPDX-License-Identifier: MIT */
/* Proves: fork() in a scope leaves the child one thread in it, the one that
 * forked: its creator waits for nobody, can use the scope on, and destroy it; a
 * member that forks is still a member; and another OS thread that is changing
 * the scope just then leaves nothing locked. In the parent nothing changes. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

static struct green_scope *scope, *other;
static int ended;
static atomic_int stop;

static void *
sleeps(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	ended++;
	return arg;
}

static void *
naps(void *arg)
{
	green_sleep_until(green_after(1));
	return arg;
}

static int
status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Of the creator, which has entered the scope. */
static int
child(void)
{
	if (green_scope_wait(scope, 0))
		return 1;
	if (green_scope_spawn(scope, NULL, NULL, sleeps, NULL) ||
	    green_scope_wait(scope, 0) != -EAGAIN)
		return 2;
	green_yield();
	if (green_scope_cancel(scope) || !green_cancelled())
		return 3;
	if (green_scope_destroy(scope) != -EBUSY || green_scope_leave(scope))
		return 4;
	if (green_scope_destroy(scope) || ended != 1)
		return 5;
	/* And one that this thread was not in. */
	if (green_scope_wait(other, 0) || green_scope_destroy(other))
		return 6;
	return 0;
}

static void
of_the_creator(void)
{
	pid_t pid;

	green_scope_create(&scope, NULL);
	green_scope_create(&other, NULL);
	green_scope_enter(scope);
	for (int i = 0; i < 3; i++) {
		green_scope_spawn(scope, NULL, NULL, sleeps, NULL);
		green_scope_spawn(other, NULL, NULL, sleeps, NULL);
	}
	green_yield();
	pid = fork();
	if (pid == 0)
		_exit(child());
	is(status_of(pid), 0, "the child");
	is(green_scope_leave(scope), 0, "leave, in the parent");
	is(green_scope_wait(scope, 0), -EAGAIN, "where all are alive");
	is(green_scope_destroy(scope), 0, "destroy");
	is(green_scope_destroy(other), 0, "the other");
	is(ended, 6, "ended");
}

static void *
forks(void *arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (green_scope_destroy(scope) != -EPERM ||
		    green_sleep_until(green_after(1)))
			_exit(1);
		green_scope_cancel(scope);
		if (green_sleep_until(1) != -ECANCELED)
			_exit(2);
		green_exit(NULL); /* the last thread: exit(0) */
	}
	*(int *)arg = status_of(pid);
	return NULL;
}

static void
of_a_member(void)
{
	int status = -1;

	green_scope_create(&scope, NULL);
	green_scope_spawn(scope, NULL, NULL, sleeps, NULL);
	green_scope_spawn(scope, NULL, NULL, forks, &status);
	green_yield();
	is(status, 0, "the child of a member");
	is(green_scope_wait(scope, 0), -EAGAIN, "the parent goes on");
	is(green_scope_destroy(scope), 0, "destroy");
}

/* Changes the scope all the time. */
static void *
busy(void *arg)
{
	while (!stop) {
		green_scope_spawn(scope, NULL, NULL, naps, NULL);
		green_scope_fail(scope, -EIO);
		green_sleep_until(green_after(1));
	}
	green_exit(arg);
}

static void
amid_changes(void)
{
	pthread_t threads[2];
	int bad = 0;

	green_scope_create(&scope, NULL);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, busy, NULL);
	for (int i = tap_scale(50, 10); i > 0; i--) {
		pid_t pid = fork();

		if (pid == 0) {
			int error = green_scope_wait(scope, GREEN_NEVER);

			_exit((error && error != -EIO) ||
			      green_scope_destroy(scope));
		}
		bad += status_of(pid) != 0;
	}
	stop = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	is(bad, 0, "children that did not end well");
	is(green_scope_wait(scope, GREEN_NEVER), -EIO, "the parent's");
	is(green_scope_destroy(scope), 0, "destroy");
}

int
main(void)
{
	of_the_creator();
	of_a_member();
	if (TAP_TSAN)
		skip("amid changes", "TSan does not survive such a fork");
	else
		amid_changes();
	return tap_done();
}
