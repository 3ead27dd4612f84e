/* SPDX-License-Identifier: MIT */
/* Proves: what the other side does to a connection reaches whoever waits, and
 * whoever comes after: a reset in the middle, an end of one direction, an end
 * with bytes unread; a socket without a reader gives -EPIPE and no signal, a
 * pipe the signal, too; and what is sent in many short pieces, over small
 * buffers and a network that loses a part of it, arrives whole. */

#define _GNU_SOURCE /* F_SETPIPE_SZ */

#include "tap.h"
#include "tcp.h"

#include <fcntl.h>
#include <stdbool.h>

#include <green.h>

#include "seeds.h"

#define MUCH 300000

static char big[65536];

/* ---- resets ---------------------------------------------------------------
 */

static void *
reads(void *arg)
{
	return (void *)(intptr_t)green_read(*(int *)arg, big, sizeof(big),
					    GREEN_NEVER);
}

static void *
writes(void *arg)
{
	ssize_t n;

	do
		n = green_write(*(int *)arg, big, sizeof(big), GREEN_NEVER);
	while (n > 0);
	return (void *)(intptr_t)n;
}

static void
reset(int fd)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	is(green_close(fd), 0, "reset");
}

static void
end(int fd)
{
	is(green_close(fd), 0, "end");
}

/* What one that waits for fds[0] gets when the other side does that. */
static intptr_t
after(void *(*wait)(void *), int fds[2], void (*what)(int fd))
{
	void *value;
	green_t id;

	tcp_pair(fds);
	green_spawn(&id, NULL, wait, &fds[0]);
	green_yield();
	what(fds[1]);
	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static void
resets(void)
{
	intptr_t n;
	int fds[2];

	is(after(reads, fds, reset), -ECONNRESET, "who reads is told");
	is(green_read(fds[0], big, 1, GREEN_NEVER), 0, "once: then the end");
	is(green_write(fds[0], big, 1, GREEN_NEVER), -EPIPE, "nobody there");
	green_close(fds[0]);
	is(after(writes, fds, reset), -ECONNRESET, "who writes is told");
	is(green_write(fds[0], big, 1, GREEN_NEVER), -EPIPE, "nobody there");
	green_close(fds[0]);
	/* Bytes that nobody will read are a reset, too. */
	n = after(writes, fds, end);
	ok(n == -ECONNRESET || n == -EPIPE, "an end with bytes unread");
	green_close(fds[0]);
	is(after(reads, fds, end), 0, "the end");
	is(green_read(fds[0], big, 1, GREEN_NEVER), 0, "which stays");
	green_close(fds[0]);
}

/* What was sent before the reset was read in part. */
static void
reset_amid_bytes(void)
{
	struct pollfd p = { .events = POLLHUP };
	int fds[2];

	tcp_pair(fds);
	is(green_write(fds[1], "abc", 3, GREEN_NEVER), 3, "three bytes");
	until_readable(fds[0]);
	is(green_read(fds[0], big, 2, GREEN_NEVER), 2, "two are read");
	reset(fds[1]);
	p.fd = fds[0];
	poll(&p, 1, -1);
	is(green_read_exactly(fds[0], big, 5, GREEN_NEVER), -ECONNRESET,
	   "no short count, after which there would be an end");
	green_close(fds[0]);
}

/* A part is told where nothing is lost by that. */
static void
parts(void)
{
	int fds[2];

	green_clock_virtual(GREEN_SECOND);
	green_pipe(fds);
	is(green_write(fds[1], "abc", 3, GREEN_NEVER), 3, "three bytes");
	is(green_read_exactly(fds[0], big, 5, green_after(GREEN_SECOND)), 3,
	   "are there when it is too late");
	is(green_read_exactly(fds[0], big, 5, green_after(GREEN_SECOND)),
	   -ETIMEDOUT, "and none the next time");
	green_close(fds[0]);
	green_close(fds[1]);
	green_clock_real();
}

static void
halves(void)
{
	int fds[2];

	tcp_pair(fds);
	is(green_shutdown(fds[1], SHUT_WR), 0, "one direction ends");
	is(green_read(fds[0], big, 1, GREEN_NEVER), 0, "it is read");
	is(green_write(fds[0], "x", 1, GREEN_NEVER), 1, "the other goes on");
	is(green_read(fds[1], big, 1, GREEN_NEVER), 1, "and on");
	is(green_write(fds[1], "x", 1, GREEN_NEVER), -EPIPE,
	   "but for who ended it");
	green_close(fds[1]);
	is(green_read(fds[0], big, 1, GREEN_NEVER), 0, "both have ended");
	green_close(fds[0]);
}

/* ---- nobody reads -----------------------------------------------------------
 */

static int signals;

static void
handler(int number)
{
	(void)number;
	signals++;
}

static void
broken_pipes(void)
{
	struct sigaction action = { .sa_handler = handler };
	int fds[2];

	sigaction(SIGPIPE, &action, NULL);
	green_socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	green_close(fds[1]);
	is(green_write(fds[0], "x", 1, GREEN_NEVER), -EPIPE, "write");
	is(green_send(fds[0], "x", 1, 0, GREEN_NEVER), -EPIPE, "send");
	is(green_write_all(fds[0], "x", 1, GREEN_NEVER), -EPIPE, "write all");
	is(signals, 0, "no signals for sockets");
	green_close(fds[0]);
	green_pipe(fds);
	green_close(fds[0]);
	is(green_write(fds[1], "x", 1, GREEN_NEVER), -EPIPE, "a pipe");
	is(signals, 1, "one signal");
	green_close(fds[1]);
}

/* ---- short pieces -----------------------------------------------------------
 */

struct flow {
	int fd;
	size_t size;
	bool good;
};

static char
nth(size_t i)
{
	return (char)(i * 31 + i / 251);
}

static void *
sends(void *arg)
{
	struct flow *f = arg;
	char *all = malloc(f->size);

	for (size_t i = 0; i < f->size; i++)
		all[i] = nth(i);
	f->good = green_write_all(f->fd, all, f->size, GREEN_NEVER) ==
		  (ssize_t)f->size;
	green_close(f->fd);
	free(all);
	return NULL;
}

static void
over(int fds[2], const char *what)
{
	struct flow f = { .fd = fds[1], .size = MUCH };
	char *all = malloc(f.size + 1);
	size_t wrong = 0;
	green_t id;

	green_spawn(&id, NULL, sends, &f);
	is(green_read_exactly(fds[0], all, f.size + 1, GREEN_NEVER), f.size,
	   "%s: all of it, and the end", what);
	green_join(id, NULL, GREEN_NEVER);
	for (size_t i = 0; i < f.size; i++)
		wrong += all[i] != nth(i);
	is(wrong, 0, "%s: and nothing else", what);
	ok(f.good, "%s: written whole", what);
	green_close(fds[0]);
	free(all);
}

static void
short_pieces(void)
{
	int fds[2], least = 1;

	green_pipe(fds);
	fcntl(fds[1], F_SETPIPE_SZ, 4096);
	over(fds, "a small pipe");
	if (pipe(fds))
		perror("pipe");
	fcntl(fds[1], F_SETPIPE_SZ, 4096);
	over(fds, "one in blocking mode");
	green_socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	over(fds, "a small socket");
	tcp_pair(fds);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	over(fds, "a small connection");
}

/* ---- loss -------------------------------------------------------------------
 */

/* Datagrams, one after the other, each sent until it is answered, through a
 * relay that loses some of both. The clock jumps when all wait. */
#define DATAGRAMS 200

static int near[2], far[2];
static unsigned lots;

static void *
relays(void *arg)
{
	const int *way = arg;
	char d[16];
	ssize_t n;

	while ((n = green_recv(way[0], d, sizeof(d), 0, GREEN_NEVER)) > 0)
		if (next_random(&lots) % 3)
			green_send(way[1], d, (size_t)n, 0, GREEN_NEVER);
	return NULL;
}

static void *
answers(void *arg)
{
	int got, *next = arg;

	while (green_recv(far[1], &got, sizeof(got), 0, GREEN_NEVER) ==
	       sizeof(got)) {
		*next += got == *next;
		green_send(far[1], &got, sizeof(got), 0, GREEN_NEVER);
	}
	return NULL;
}

static void
loss(void)
{
	int there[2], back[2], arrived = 0, sent = 0, i = 0, got;
	green_t ids[3];

	lots = stress_seed();
	green_socketpair(AF_UNIX, SOCK_DGRAM, 0, near);
	green_socketpair(AF_UNIX, SOCK_DGRAM, 0, far);
	there[0] = back[1] = near[1];
	there[1] = back[0] = far[0];
	green_clock_virtual(GREEN_SECOND);
	green_spawn(&ids[0], NULL, relays, there);
	green_spawn(&ids[1], NULL, relays, back);
	green_spawn(&ids[2], NULL, answers, &arrived);
	while (i < DATAGRAMS) {
		green_send(near[0], &i, sizeof(i), 0, GREEN_NEVER);
		sent++;
		if (green_recv(near[0], &got, sizeof(got), 0,
			       green_after(GREEN_SECOND)) == sizeof(got) &&
		    got == i)
			i++;
	}
	is(arrived, DATAGRAMS, "each one arrives, of %d sent", sent);
	ok(sent > DATAGRAMS, "some were lost");
	for (i = 0; i < 3; i++)
		green_cancel(ids[i]);
	for (i = 0; i < 3; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	for (i = 0; i < 2; i++) {
		green_close(near[i]);
		green_close(far[i]);
	}
	green_clock_real();
}

int
main(void)
{
	resets();
	reset_amid_bytes();
	parts();
	halves();
	broken_pipes();
	short_pieces();
	loss();
	return tap_done();
}
