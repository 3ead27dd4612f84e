/* SPDX-License-Identifier: MIT */
/* Proves: who begins to wait for a descriptor while green_close() is closing
 * it is sent away, though it is too late to be found when that begins, and
 * too early to be told by the kernel; who uses the number for another file
 * then is not. Here close() holds that moment. */

#include "tap.h"
#include "turns.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>

#include "fd.h"

#include <green.h>

static void (*before_close)(void), (*after_close)(void);
static int fds[2];

int
close(int fd)
{
	void (*before)(void) = before_close, (*after)(void) = after_close;
	int error;

	before_close = after_close = NULL;
	if (before)
		before();
	error = (int)syscall(SYS_close, fd);
	if (after)
		after();
	return error;
}

/* Somebody waits to read from fds[0]. */
static void
until_one_waits(void)
{
	struct fd_look look;
	uint64_t users = 0;

	while (!users) {
		turn();
		green__fd_look(fds[0], FD_IN, &look);
		if (!look.entry)
			continue;
		green__queue_lock(&look.entry->in);
		users = look.entry->in.users;
		green__queue_unlock(&look.entry->in);
	}
}

static pthread_t reader;

static void *
reads(void *arg)
{
	char c;

	(void)arg;
	return (void *)(intptr_t)green_read(fds[0], &c, 1, GREEN_NEVER);
}

static void
begin_to_read(void)
{
	pthread_create(&reader, NULL, reads, NULL);
	until_one_waits();
}

/* The number stands for another pipe, which libgreen knows nothing of. */
static int others[2];

static void
use_again(void)
{
	others[0] = -1;
	if (pipe(others) || others[0] != fds[0])
		return;
	begin_to_read();
}

static intptr_t
result(void)
{
	void *value;

	pthread_join(reader, &value);
	return (intptr_t)value;
}

static void
a_late_one(bool known)
{
	green_pipe(fds);
	if (!known) {
		/* A number that nothing is known of so far. */
		is(fcntl(fds[0], F_DUPFD_CLOEXEC, 1000), 1000, "a new number");
		close(fds[0]);
		fds[0] = 1000;
	}
	before_close = begin_to_read;
	is(green_close(fds[0]), 0, "close");
	is(result(), -EBADF, "who came in between is sent away");
	green_close(fds[1]);
}

static void
another_file(void)
{
	green_pipe(fds);
	after_close = use_again;
	is(green_close(fds[0]), 0, "close");
	is(others[0], fds[0], "the number is used again in between");
	is(write(others[1], "x", 1), 1, "something is written to it");
	is(result(), 1, "and read");
	green_close(others[0]);
	green_close(others[1]);
	green_close(fds[1]);
}

int
main(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	a_late_one(true);
	another_file();
	if (limit.rlim_cur > 1000)
		a_late_one(false);
	return tap_done();
}
