/* SPDX-License-Identifier: MIT */
/* Proves: with GREEN_DEBUG=fds a program that closes a descriptor and uses its
 * number again behind libgreen's back is told at the next use, when that is a
 * file of another kind, or at the next wait, when it is not watched; one that
 * does as it should is left alone, and so is one that calls green_fd_forget().
 */

#include "tap.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <green.h>

static int fds[2];
static char c;

static void *
reads(void *arg)
{
	return (void *)(intptr_t)green_read(*(int *)arg, &c, 1,
					    green_after(GREEN_SECOND));
}

/* Waits for a byte that comes then. */
static intptr_t
waits(int from, int to)
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, reads, &from);
	green_sleep_until(green_after(GREEN_MILLISECOND));
	if (write(to, "x", 1) != 1)
		return -1;
	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static void
watched_and_closed(void)
{
	green_clock_virtual(GREEN_SECOND);
	if (pipe(fds) || waits(fds[0], fds[1]) != 1)
		_exit(90);
	close(fds[0]);
	close(fds[1]);
}

static void
another_pipe(void *arg)
{
	(void)arg;
	watched_and_closed();
	if (pipe(fds))
		_exit(91);
	/* Nothing would end this wait but the deadline. */
	_exit(waits(fds[0], fds[1]) == -ETIMEDOUT ? 92 : 93);
}

static void
another_kind(void *arg)
{
	(void)arg;
	watched_and_closed();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		_exit(91);
	_exit(green_write(fds[0], "x", 1, GREEN_NEVER) == 1 ? 92 : 93);
}

static void
as_it_should(void *arg)
{
	int copy;

	(void)arg;
	watched_and_closed();
	green_fd_forget(fds[0]);
	if (pipe(fds) || waits(fds[0], fds[1]) != 1)
		_exit(91);
	/* The same file under the same number is no other one. */
	copy = fcntl(fds[0], F_DUPFD, 0);
	close(fds[0]);
	if (dup2(copy, fds[0]) != fds[0] || waits(fds[0], fds[1]) != 1)
		_exit(92);
	for (int i = 0; i < 3; i++) {
		green_close(fds[0]);
		green_close(fds[1]);
		if (i == 1)
			green_pipe(fds);
		else
			green_socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
		if (waits(fds[0], fds[1]) != 1)
			_exit(93);
	}
	_exit(94);
}

static void
told(void (*fn)(void *), const char *want, const char *what)
{
	char text[4096];
	int status = dies(fn, NULL, text, sizeof(text));

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s: dies",
	   what);
	if (!ok(strstr(text, want), "%s: says why", what))
		printf("# %d %s\n", status, text);
}

static void
left_alone(void (*fn)(void *), int want, const char *what)
{
	char text[4096];
	int status = dies(fn, NULL, text, sizeof(text));

	ok(WIFEXITED(status) && WEXITSTATUS(status) == want, "%s: goes on",
	   what);
	is(strlen(text), 0, "%s: nothing is said", what);
}

int
main(void)
{
	setenv("GREEN_DEBUG", "fds", 1);
	told(another_pipe, "is watched for another file", "another pipe");
	told(another_kind, "was of another kind", "another kind");
	left_alone(as_it_should, 94, "as it should be");
	setenv("GREEN_DEBUG", "other,fdsx", 1);
	left_alone(another_pipe, 92, "without");
	setenv("GREEN_DEBUG", "other,fds", 1);
	told(another_pipe, "is watched for another file", "one of two");
	unsetenv("GREEN_DEBUG");
	left_alone(another_pipe, 92, "not asked for");
	return tap_done();
}
