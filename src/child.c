/* SPDX-License-Identifier: MIT */
/*
 * Children that are waited for.
 *
 * A pidfd can be read from when its process has ended, so waiting is for a
 * descriptor. Whether the child is there is asked of wait4(2), which takes this
 * one and no other: first, because most errors show there, and after each wait.
 *
 * Rejected: SIGCHLD, which belongs to the program, is one for all children, and
 * tells of none in particular. Rejected, where there is no pidfd: an OS thread
 * in waitid(2), which a caller who gives up leaves behind; looking every 10 ms
 * needs nothing, and is for old kernels only.
 */

#include "config.h"

#include "child.h"

#include "base.h"
#include "fd.h"
#include "os.h"
#include "select.h"

#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <green/child.h>

#define LOOK_EVERY (10 * GREEN_MILLISECOND)

_Atomic bool green__child_no_pidfd;

/* 0: it runs; its number: it has ended, and was collected; -errno. */
static int
collect(pid_t pid, int *ret_status, struct rusage *ret_usage)
{
	struct rusage usage;
	int status;
	pid_t got;

	do
		got = wait4(pid, &status, WNOHANG, &usage);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	if (got && ret_status)
		*ret_status = status;
	if (got && ret_usage)
		*ret_usage = usage;
	return got;
}

static int
open_pidfd(pid_t pid)
{
	int fd = -1;

	errno = ENOSYS;
#ifdef SYS_pidfd_open
	/* Relaxed: who does not know it yet finds it out. */
	if (!atomic_load_explicit(&green__child_no_pidfd, memory_order_relaxed))
		fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0 && errno == ENOSYS)
		atomic_store_explicit(&green__child_no_pidfd, true,
				      memory_order_relaxed);
#endif
	if (fd < 0)
		return -errno;
	green__fd_born(fd, FD_PIPE);
	return fd;
}

static void
close_pidfd(int fd)
{
	uint32_t closing = green__fd_closing(fd);

	close(fd);
	green__fd_closed(fd, closing);
}

/* Without a descriptor. */
static int
doze(int64_t deadline)
{
	int64_t soon = green_after(LOOK_EVERY);
	int error = green__deadline_check(deadline);

	if (error)
		return error;
	error = green_sleep_until(soon < deadline ? soon : deadline);
	return error == -ETIMEDOUT ? 0 : error;
}

int
green_child_wait(pid_t pid, int *ret_status, struct rusage *ret_usage,
		 int64_t deadline)
{
	struct worker *w = green__worker;
	int fd = -ENOSYS, error = 0, got;

	green__choice_point(w);
	if (pid <= 0 || deadline < 0)
		return -EINVAL;
	if (w && green__is_cancelled(w->current))
		return -ECANCELED;
	got = collect(pid, ret_status, ret_usage);
	if (!got && deadline)
		fd = open_pidfd(pid);
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return fd;
	while (!got && !error) {
		if (fd >= 0)
			error = green__fd_wait(fd, POLLIN, deadline);
		else
			error = doze(deadline);
		if (!error)
			got = collect(pid, ret_status, ret_usage);
	}
	if (fd >= 0)
		close_pidfd(fd);
	return got < 0 ? got : error;
}

/* ---- in a select --------------------------------------------------------- */

static int
check(const struct green_clause *c)
{
	return c->id > INT32_MAX ? -EINVAL : 0;
}

static int
clause_fd(const struct green_clause *c)
{
	int fd = open_pidfd((pid_t)c->id);

	/* A process that is not there is nobody's child. */
	return fd == -ESRCH ? -ECHILD : fd;
}

static bool
act(struct green_clause *c)
{
	int status, got = collect((pid_t)c->id, &status, NULL);

	if (!got)
		return false;
	c->result = got < 0 ? got : 0;
	if (got > 0)
		c->value = (void *)(uintptr_t)(unsigned)status;
	return true;
}

const struct clause_ops green__clause_child = {
	.fields = CLAUSE_ID,
	.check = check,
	.fd = clause_fd,
	.close = close_pidfd,
	.events = POLLIN,
	.act = act,
};
