/* SPDX-License-Identifier: MIT */
/* Proves: whoever sends to a UNIX socket, or connects to one, whose queue
 * others have filled waits until there is room, though the kernel does not tell
 * him; and no longer than his deadline says. */

#include "tap.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <green.h>

static struct sockaddr_un addr;
static socklen_t len;

/* A name that the kernel chooses, in no folder. */
static int
receiver(int type)
{
	int fd = green_socket(AF_UNIX, type, 0);

	memset(&addr, 0, sizeof(addr));
	addr.sun_family = AF_UNIX;
	len = sizeof(addr);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(sa_family_t)) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		perror("bind");
	return fd;
}

static ssize_t
send_until(int fd, int64_t deadline)
{
	return green_sendto(fd, "x", 1, 0, (struct sockaddr *)&addr, len,
			    deadline);
}

static ssize_t
connect_until(int fd, int64_t deadline)
{
	return green_connect(fd, (struct sockaddr *)&addr, len, deadline);
}

static ssize_t (*call)(int fd, int64_t deadline);

static void *
waits(void *arg)
{
	return (void *)(intptr_t)call(*(int *)arg, GREEN_NEVER);
}

static void
drain_datagrams(int fd)
{
	char c;

	while (green_recv(fd, &c, 1, 0, 0) == 1)
		;
}

static void
accept_all(int fd)
{
	int new;

	while ((new = green_accept(fd, NULL, NULL, 0)) >= 0)
		green_close(new);
}

/* fd's own has nothing in the queue. */
static void
queue(int type, int in, void (*make_room)(int fd), const char *what)
{
	int others[64], n = 0, fd = green_socket(AF_UNIX, type, 0);
	void *value;
	green_t id;

	do
		others[n] = green_socket(AF_UNIX, type, 0);
	while (call(others[n++], 0) >= 0 && n < 64);
	ok(n < 64, "%s: full of %d", what, n - 1);
	is(call(fd, 0), -EAGAIN, "%s: no room", what);
	is(call(fd, green_after(GREEN_MILLISECOND)), -ETIMEDOUT, "%s: in time",
	   what);
	green_spawn(&id, NULL, waits, &fd);
	green_sleep_until(green_after(GREEN_MILLISECOND));
	make_room(in);
	green_join(id, &value, GREEN_NEVER);
	ok((intptr_t)value >= 0, "%s: room", what);
	green_spawn(&id, NULL, waits, &others[n - 1]);
	green_sleep_until(green_after(GREEN_MILLISECOND));
	green_cancel(id);
	green_join(id, &value, GREEN_NEVER);
	ok((intptr_t)value >= 0, "%s: and more", what);
	while (n)
		green_close(others[--n]);
	green_close(fd);
	green_close(in);
}

int
main(void)
{
	int in = receiver(SOCK_DGRAM);

	call = send_until;
	queue(SOCK_DGRAM, in, drain_datagrams, "datagrams");
	in = receiver(SOCK_STREAM);
	listen(in, 2);
	call = connect_until;
	queue(SOCK_STREAM, in, accept_all, "connections");
	return tap_done();
}
