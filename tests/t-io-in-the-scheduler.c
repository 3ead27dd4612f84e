/* SPDX-License-Identifier: MIT */
/* Proves: that others wait for descriptors makes no cancellation point of
 * pthread_cancel() of what is none otherwise; and a program that closes the
 * descriptors of libgreen under its feet is told. */

#include "tap.h"

#include <pthread.h>
#include <stdbool.h>

#include <green.h>

static bool survived;

static void *
reads(void *arg)
{
	char c;

	return (void *)(intptr_t)green_read(*(int *)arg, &c, 1, GREEN_NEVER);
}

static void *
is_cancelled(void *arg)
{
	int fds[2], state;
	green_t id;

	green_pipe(fds);
	green_spawn(&id, NULL, reads, fds);
	green_yield();
	pthread_cancel(pthread_self());
	for (int i = 0; i < 1000; i++)
		green_yield();
	green_sleep_until(green_after(GREEN_MILLISECOND));
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	survived = true;
	green_cancel(id);
	green_join(id, NULL, GREEN_NEVER);
	green_close(fds[0]);
	green_close(fds[1]);
	return arg;
}

static void
closes_all(void *arg)
{
	int fds[2];

	(void)arg;
	green_pipe(fds);
	green_spawn(NULL, NULL, reads, fds);
	green_yield();
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	green_exit(NULL);
}

int
main(void)
{
	char text[4096];
	pthread_t os_thread;
	int status;

	pthread_create(&os_thread, NULL, is_cancelled, NULL);
	pthread_join(os_thread, NULL);
	ok(survived, "no cancellation point");
	status = dies(closes_all, NULL, text, sizeof(text));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	   "without its descriptor it aborts");
	ok(strstr(text, "libgreen: cannot wait with epoll"), "and says why");
	return tap_done();
}
