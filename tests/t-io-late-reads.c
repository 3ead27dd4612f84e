/* SPDX-License-Identifier: MIT */
/* Proves: a read that the pool does for somebody who has given up, and has
 * closed the descriptor and got its number for something else, takes nothing
 * of that. Here read() holds that moment. */

#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>

#include <green.h>

static atomic_int hold = -1; /* a read of this descriptor, once */
static atomic_bool held, done;
static pthread_t ours; /* not one of the pool's */

ssize_t
read(int fd, void *buf, size_t n)
{
	bool late = !pthread_equal(pthread_self(), ours) &&
		    atomic_exchange(&hold, false);
	ssize_t got;

	if (late) {
		held = true;
		while (held)
			sched_yield();
	}
	got = syscall(SYS_read, fd, buf, n);
	if (late)
		done = true;
	return got;
}

static void *
reads(void *arg)
{
	char buf[100];

	return (void *)(intptr_t)green_read(*(int *)arg, buf, sizeof(buf),
					    GREEN_NEVER);
}

int
main(void)
{
	/* Of this one the kernel cannot say whether it is in memory. */
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC), fds[2];
	void *value;
	green_t id;
	char c = 0;

	ours = pthread_self();
	hold = fd;
	green_spawn(&id, NULL, reads, &fd);
	green_yield();
	while (!held)
		sched_yield();
	green_cancel(id);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, -ECANCELED, "given up");
	is(green_close(fd), 0, "closed");
	green_pipe(fds);
	is(fds[0], fd, "the same number");
	is(green_write(fds[1], "x", 1, GREEN_NEVER), 1, "for something else");
	held = false;
	while (!done)
		sched_yield();
	is(green_read(fds[0], &c, 1, 0), 1, "of which nothing is taken");
	is(c, 'x', "by the late one");
	return tap_done();
}
