/* SPDX-License-Identifier: MIT */
/* Proves: a wait for a descriptor ends by its deadline, by cancellation, by an
 * interruption, and by green_close() or green_fd_forget(), each with its own
 * error; what was not read stays to be read; a virtual clock does not pass what
 * is ready; and no deadlock is reported while somebody waits for a descriptor.
 */

#include "tap.h"

#include <poll.h>
#include <pthread.h>

#include <green.h>

static int fds[2];

static void *
reads(void *arg)
{
	char c;

	(void)arg;
	return (void *)(intptr_t)green_read(fds[0], &c, 1, GREEN_NEVER);
}

/* What a reader that has begun to wait returns after `then`. */
static intptr_t
ended_by(void (*then)(green_t id))
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, reads, NULL);
	green_yield();
	then(id);
	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static void
cancel(green_t id)
{
	green_cancel(id);
}

static void
interrupt(green_t id)
{
	green_interrupt(id);
}

static void
close_it(green_t id)
{
	(void)id;
	is(green_close(fds[0]), 0, "close");
}

static void
forget_it(green_t id)
{
	(void)id;
	is(green_fd_forget(fds[0]), 0, "forget");
}

static void *
closes(void *arg)
{
	green_close(fds[0]);
	return arg;
}

static void
close_elsewhere(green_t id)
{
	pthread_t os_thread;

	(void)id;
	pthread_create(&os_thread, NULL, closes, NULL);
	pthread_join(os_thread, NULL);
}

static void
write_one(green_t id)
{
	(void)id;
	is(green_write(fds[1], "x", 1, GREEN_NEVER), 1, "write");
}

static void
ends(void)
{
	char c = 0;

	green_pipe(fds);
	is(ended_by(cancel), -ECANCELED, "cancelled");
	is(ended_by(interrupt), -EINTR, "interrupted");
	is(ended_by(forget_it), -EBADF, "forgotten");
	is(ended_by(write_one), 1, "and it works as before");
	is(ended_by(close_it), -EBADF, "closed");
	is(green_read(fds[0], &c, 1, GREEN_NEVER), -EBADF, "and stays so");
	green_close(fds[1]);
	green_pipe(fds);
	is(ended_by(write_one), 1, "the same numbers again");
	is(ended_by(close_elsewhere), -EBADF, "closed by another OS thread");
	green_close(fds[1]);
}

static void
deadlines(void)
{
	char c = 0;

	green_pipe(fds);
	is(green_read(fds[0], &c, 1, 0), -EAGAIN, "0");
	is(green_read(fds[0], &c, 1, 1), -ETIMEDOUT, "past");
	is(green_read(fds[0], &c, 1, -1), -EINVAL, "negative");
	is(green_read(fds[0], &c, 1, green_after(GREEN_MILLISECOND)),
	   -ETIMEDOUT, "soon");
	is(green_fd_wait(fds[0], POLLIN, 0), -EAGAIN, "not readable");
	is(green_fd_wait(fds[1], POLLOUT, 0), POLLOUT, "writable");
	green_write(fds[1], "y", 1, 0);
	is(green_fd_wait(fds[0], POLLIN, 0), POLLIN, "readable");
	is(green_read(fds[0], &c, 1, 1), 1, "past, and something is there");
	is(c, 'y', "which is it");
	green_close(fds[1]);
	is(green_fd_wait(fds[0], POLLIN, GREEN_NEVER), POLLHUP, "the end");
	is(green_read(fds[0], &c, 1, 0), 0, "and it is read");
	green_close(fds[0]);
}

/* A deadline that passes while the worker is busy loses to what is there. */
static void *
reads_until(void *arg)
{
	char c;

	(void)arg;
	return (void *)(intptr_t)green_read(fds[0], &c, 1,
					    green_after(GREEN_SECOND));
}

static void
virtual_time(void)
{
	void *value;
	green_t id;

	green_pipe(fds);
	green_clock_virtual(GREEN_SECOND);
	is(green_read(fds[0], &(char){ 0 }, 1, green_after(GREEN_SECOND)),
	   -ETIMEDOUT, "at once, though it takes a second");
	green_spawn(&id, NULL, reads_until, NULL);
	green_yield();
	is(write(fds[1], "z", 1), 1, "written behind libgreen's back");
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, 1, "what is ready comes before time passes");
	green_clock_real();
	green_close(fds[0]);
	green_close(fds[1]);
}

static void *
writes_outside(void *arg)
{
	if (write(fds[1], "o", 1) != 1)
		return arg;
	return NULL;
}

/* The last OS thread that could help is gone, but its byte is there. */
static void
no_deadlock(void)
{
	pthread_t os_thread;
	void *value;
	green_t id;

	green_pipe(fds);
	green_spawn(&id, NULL, reads, NULL);
	green_yield();
	pthread_create(&os_thread, NULL, writes_outside, NULL);
	pthread_join(os_thread, NULL);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, 1, "who waits for a descriptor is no deadlock");
	green_close(fds[0]);
	green_close(fds[1]);
}

int
main(void)
{
	deadlines();
	ends();
	virtual_time();
	no_deadlock();
	return tap_done();
}
