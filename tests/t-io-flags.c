/* SPDX-License-Identifier: MIT */
/* Proves: calls that differ from a plain read keep their meaning when libgreen
 * thinks that a connection is empty: MSG_DONTWAIT tries, MSG_PEEK leaves what
 * it has seen, urgent data hides none of what comes after it; and a read of
 * nothing returns at once and takes no datagram. */

#include "tap.h"
#include "tcp.h"

#include <poll.h>

#include <green.h>

static char buf[100];

static void *
reads(void *arg)
{
	return (void *)(intptr_t)green_read(*(int *)arg, buf, sizeof(buf),
					    GREEN_NEVER);
}

static void *
fills(void *arg)
{
	int fd = *(int *)arg;

	while (green_write(fd, buf, sizeof(buf), GREEN_NEVER) > 0)
		;
	return NULL;
}

/* A connection that libgreen watches, and has read empty. */
static void
emptied_pair(int fds[2])
{
	void *value;
	green_t id;

	tcp_pair(fds);
	green_spawn(&id, NULL, reads, &fds[0]);
	green_yield();
	is(send(fds[1], "x", 1, 0), 1, "one byte");
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, 1, "waited for");
}

static void
close_both(const int fds[2])
{
	green_close(fds[0]);
	green_close(fds[1]);
}

static void
not_waiting(void)
{
	int fds[2];

	emptied_pair(fds);
	is(green_recv(fds[0], buf, 10, MSG_DONTWAIT, GREEN_NEVER), -EAGAIN,
	   "MSG_DONTWAIT: empty");
	send(fds[1], "y", 1, 0);
	until_readable(fds[0]);
	is(green_recv(fds[0], buf, 10, MSG_DONTWAIT, GREEN_NEVER), 1,
	   "MSG_DONTWAIT tries after a short read");
	send(fds[1], "z", 1, 0);
	until_readable(fds[0]);
	is(green_recv(fds[0], buf, 10, MSG_PEEK, GREEN_NEVER), 1, "peek");
	is(green_recv(fds[0], buf, 10, MSG_PEEK, GREEN_NEVER), 1, "again");
	is(green_read(fds[0], buf, 10, GREEN_NEVER), 1, "and read");
	is(buf[0], 'z', "the same");
	close_both(fds);
}

/* The byte that is urgent is read before anybody watches the connection, and
 * then stops a read of what comes before it. */
static void
urgent(void)
{
	int fds[2];
	green_t id;

	tcp_pair(fds);
	send(fds[1], "abc", 3, 0);
	send(fds[1], "U", 1, MSG_OOB);
	send(fds[1], "def", 3, 0);
	until_readable(fds[0]);
	while (green_recv(fds[0], buf, 1, MSG_OOB, GREEN_NEVER) != 1)
		;
	is(buf[0], 'U', "the urgent byte");
	green_spawn(&id, NULL, fills, &fds[0]);
	green_yield();
	/* The filler waits for room: the connection is watched, and that it
	 * can be read has been reported when all are asleep. */
	green_sleep_until(green_after(GREEN_MILLISECOND));
	is(green_read(fds[0], buf, sizeof(buf), GREEN_NEVER), 3, "up to it");
	until_readable(fds[0]);
	is(green_read(fds[0], buf, sizeof(buf), green_after(GREEN_SECOND)), 3,
	   "and what comes after it");
	is(memcmp(buf, "def", 3), 0, "is there");
	green_cancel(id);
	green_join(id, NULL, GREEN_NEVER);
	close_both(fds);
}

static void
nothing(void)
{
	int fds[2];

	emptied_pair(fds);
	is(green_read(fds[0], buf, 0, GREEN_NEVER), 0, "0 bytes, of TCP");
	is(green_read_exactly(fds[0], buf, 0, GREEN_NEVER), 0, "exactly 0");
	close_both(fds);
	green_pipe(fds);
	is(green_read(fds[0], buf, 0, GREEN_NEVER), 0, "0 bytes, of a pipe");
	is(green_write(fds[1], buf, 0, GREEN_NEVER), 0, "0 bytes, to a pipe");
	close_both(fds);
	green_socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
	is(green_write(fds[0], "datagram", 8, GREEN_NEVER), 8, "a datagram");
	is(green_read(fds[1], buf, 0, GREEN_NEVER), 0, "0 bytes of it");
	is(green_read(fds[1], buf, 20, GREEN_NEVER), 8, "and it is there");
	is(green_write(fds[0], "", 0, GREEN_NEVER), 0, "an empty datagram");
	is(green_recv(fds[1], buf, 20, 0, GREEN_NEVER), 0, "arrives");
	close_both(fds);
}

int
main(void)
{
	green_clock_virtual(GREEN_SECOND);
	nothing();
	not_waiting();
	urgent();
	return tap_done();
}
