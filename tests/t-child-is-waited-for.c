/* SPDX-License-Identifier: MIT */
/* Proves: a child that has ended, or ends later, is collected once, with its
 * status, by one of those who wait for it, and no other child is; deadlines,
 * cancellation and interruptions leave it as it was; a select waits for
 * children among other things; all of it on a kernel without pidfd_open(), too,
 * but for the select; and no descriptor is left. */

#include "config.h"

#include "tap.h"

#include <poll.h>

#include <fcntl.h>
#include <pthread.h>

#include <green.h>

#include "child.h"

static int gate[2];

/* It ends with a status when the gate is closed. */
static pid_t
make(int status)
{
	pid_t pid;
	char c;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(gate[1]);
		_exit(read(gate[0], &c, 1) == 0 ? status : 99);
	}
	return pid;
}

static void
shut(void)
{
	if (pipe2(gate, O_CLOEXEC))
		ok(0, "pipe");
}

static void
open_gate(void)
{
	close(gate[0]);
	close(gate[1]);
}

static void
errors(void)
{
	int status = 4711;
	struct rusage usage;
	pid_t pid;

	is(green_child_wait(0, NULL, NULL, 0), -EINVAL, "pid 0");
	is(green_child_wait(-1, NULL, NULL, 0), -EINVAL, "any child");
	is(green_child_wait(getpid(), NULL, NULL, 0), -ECHILD, "myself");
	is(green_child_wait(getppid(), NULL, NULL, GREEN_NEVER), -ECHILD,
	   "my parent");
	shut();
	pid = make(7);
	is(green_child_wait(pid, &status, NULL, -1), -EINVAL, "deadline");
	is(green_child_wait(pid, &status, NULL, 0), -EAGAIN, "it runs");
	is(green_child_wait(pid, &status, NULL, 1), -ETIMEDOUT, "still");
	is(green_child_wait(pid, &status, NULL, green_after(GREEN_MILLISECOND)),
	   -ETIMEDOUT, "for a while");
	is(status, 4711, "nothing is written");
	open_gate();
	is(green_child_wait(pid, &status, &usage, GREEN_NEVER), 0, "ended");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 7, "its status");
	ok(usage.ru_maxrss >= 0, "what it used");
	is(green_child_wait(pid, &status, NULL, GREEN_NEVER), -ECHILD,
	   "it is gone");
}

static pid_t target;

static void *
waits(void *arg)
{
	return (void *)(intptr_t)green_child_wait(target, arg, NULL,
						  GREEN_NEVER);
}

/* Some wait for one, and another child has ended before. */
static void
several(void)
{
	int statuses[3] = { -1, -1, -1 }, status, sum = 0, gone = 0;
	pid_t other, last;
	green_t ids[3];
	void *value;

	shut();
	target = make(1);
	other = fork();
	if (other == 0)
		_exit(2);
	for (int i = 0; i < 3; i++)
		green_spawn(&ids[i], NULL, waits, &statuses[i]);
	green_yield();
	green_cancel(ids[0]);
	green_join(ids[0], &value, GREEN_NEVER);
	is((intptr_t)value, -ECANCELED, "cancelled");
	green_spawn(&ids[0], NULL, waits, &statuses[0]);
	green_yield();
	while (green_interrupt(ids[0]) == -EALREADY)
		green_yield(); /* it may be looking */
	green_join(ids[0], &value, GREEN_NEVER);
	is((intptr_t)value, -EINTR, "and says so");
	open_gate();
	for (int i = 1; i < 3; i++) {
		green_join(ids[i], &value, GREEN_NEVER);
		gone += (intptr_t)value == -ECHILD;
		sum += statuses[i];
	}
	is(gone, 1, "one of two does not get it");
	is(WEXITSTATUS(sum + 1), 1, "the other one does");
	is(green_child_wait(other, &status, NULL, GREEN_NEVER), 0,
	   "another child was nobody's affair");
	is(WEXITSTATUS(status), 2, "its status");
	shut();
	last = make(0);
	kill(last, SIGTERM);
	is(green_child_wait(last, &status, NULL, GREEN_NEVER), 0, "killed");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "by a signal");
	open_gate();
}

static void *
waits_outside(void *arg)
{
	int status = -1;

	if (green_child_wait(*(pid_t *)arg, &status, NULL, GREEN_NEVER))
		return NULL;
	return (void *)(intptr_t)WEXITSTATUS(status);
}

static void
os_thread(void)
{
	pthread_t other;
	void *status;
	pid_t pid;

	shut();
	pid = make(5);
	pthread_create(&other, NULL, waits_outside, &pid);
	open_gate();
	pthread_join(other, &status);
	is((intptr_t)status, 5, "another OS thread");
}

static void
selects(void)
{
	struct green_clause c[3] = { { 0 } };
	pid_t pids[2];

	shut();
	for (int i = 0; i < 2; i++) {
		pids[i] = make(10 + i);
		c[i].kind = GREEN_CLAUSE_CHILD;
		c[i].id = (uint64_t)pids[i];
	}
	if (!green_select(c, 1, 0) && c[0].result == -ENOSYS) {
		skip("a select for children", "no pidfd_open()");
		open_gate();
		for (int i = 0; i < 2; i++)
			waitpid(pids[i], NULL, 0);
		return;
	}
	c[2].kind = GREEN_CLAUSE_TIMER;
	c[2].time = green_now();
	is(green_select(c, 3, GREEN_NEVER), 2, "neither has ended");
	c[2].time = GREEN_NEVER;
	is(green_select(c, 3, 0), -EAGAIN, "still");
	is(green_select(c, 3, green_after(GREEN_MILLISECOND)), -ETIMEDOUT,
	   "for a while");
	kill(pids[1], SIGKILL);
	is(green_select(c, 3, GREEN_NEVER), 1, "one has");
	is(c[1].result, 0, "and was collected");
	is(WTERMSIG((int)(uintptr_t)c[1].value), SIGKILL, "killed");
	open_gate();
	c[1].kind = GREEN_CLAUSE_NONE;
	is(green_select(c, 3, GREEN_NEVER), 0, "then the other one");
	is(WEXITSTATUS((int)(uintptr_t)c[0].value), 10, "its status");
	is(green_select(c, 1, GREEN_NEVER), 0, "once more");
	is(c[0].result, -ECHILD, "it is gone");
	c[0].id = (uint64_t)getpid();
	is(green_select(c, 1, 0), -EAGAIN, "no child, and it runs");
	c[0].id = 0;
	is(green_select(c, 1, 0), -EINVAL, "pid 0");
	c[0].id = (uint64_t)-1;
	is(green_select(c, 1, 0), -EINVAL, "any child");
}

static int
lowest(void)
{
	int fd = fcntl(0, F_DUPFD, 0);

	close(fd);
	return fd;
}

int
main(void)
{
	int fd;

	green_fd_wait(0, POLLIN, 1); /* the poller */
	shut();
	open_gate();
	for (int round = 0; round < 3; round++) {
		green__child_no_pidfd = round == 2;
		fd = lowest();
		errors();
		several();
		selects();
		if (round)
			is(lowest(), fd, "no descriptor is left");
	}
	os_thread();
	green__child_no_pidfd = false;
	os_thread();
	return tap_done();
}
