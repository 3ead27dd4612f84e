/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_H
#define CLIENT_H

/*
 * Connections of bench/load.c: one request at a time on each, 64 bytes to be
 * echoed or a GET of one file, and answers that are compared with what they
 * must be.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define ECHO_SIZE 64

static const char get[] = "GET /small.html HTTP/1.1\r\nHost: bench\r\n\r\n";

struct connection {
	int fd;
	unsigned sequence; /* of the request that is under way */
	size_t got;        /* bytes of its answer */
};

static struct connection *connections;
static struct sockaddr_in server;
static long answered;

/* What an answer is like: for http, as the first one was. */
static int http;
static char sample[65536];
static size_t sample_head, sample_size;

/* flags: SOCK_NONBLOCK to come back at once. */
static int
begin(struct connection *c, int flags)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (c->fd < 0)
		give_up("could not make a socket", errno);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	return connect(c->fd, (struct sockaddr *)&server, sizeof(server));
}

/* No two requests that are under way are alike. */
static void
echo_fill(const struct connection *c, char text[ECHO_SIZE])
{
	long i = c - connections;

	memset(text, 'e', ECHO_SIZE);
	memcpy(text, &i, sizeof(i));
	memcpy(text + sizeof(i), &c->sequence, sizeof(c->sequence));
}

static void
request(struct connection *c)
{
	char echo[ECHO_SIZE];
	const char *text = http ? get : echo;
	size_t size = http ? sizeof(get) - 1 : sizeof(echo);

	if (!http)
		echo_fill(c, echo);
	if (send(c->fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    (ssize_t)size)
		give_up("could not send", errno);
}

/* Of http, the first line and the body: dates change. */
static void
compare(const struct connection *c, const char *text, size_t n)
{
	char echo[ECHO_SIZE];
	const char *want = sample;
	size_t i, at;

	if (!http) {
		echo_fill(c, echo);
		want = echo;
	}
	for (i = 0; i < n; i++) {
		at = c->got + i;
		if (at >= sample_size)
			give_up("an answer too long", (long)at);
		if (text[i] != want[at] && (at < 12 || at >= sample_head))
			give_up("a wrong answer, at byte", (long)at);
	}
}

/* 1 when the answer is whole, 0 when it is not yet, -1 when there will be
 * none. */
static int
receive(struct connection *c)
{
	static char text[sizeof(sample)];
	ssize_t n = recv(c->fd, text, sizeof(text), MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && errno == EAGAIN ? 0 : -1;
	compare(c, text, (size_t)n);
	c->got += (size_t)n;
	if (c->got < sample_size)
		return 0;
	c->got = 0;
	c->sequence++;
	answered++;
	return 1;
}

/* Where the answer in sample ends, as far as it has come. */
static size_t
sample_end(void)
{
	const char *body = strstr(sample, "\r\n\r\n"), *length;

	if (!body)
		return sizeof(sample);
	length = strcasestr(sample, "\r\ncontent-length:");
	if (strncmp(sample, "HTTP/1.1 200", 12) || !length || length > body)
		give_up("not the file, but", atol(sample + 9));
	sample_head = (size_t)(body + 4 - sample);
	return sample_head + (size_t)atol(strchr(length, ':') + 1);
}

/* The first answer tells how long all are. */
static void
take_sample(void)
{
	struct connection c;
	ssize_t n;

	sample_size = http ? 0 : ECHO_SIZE;
	if (!http)
		return;
	if (begin(&c, 0))
		give_up("could not connect", errno);
	request(&c);
	do {
		n = recv(c.fd, sample + sample_size,
			 sizeof(sample) - 1 - sample_size, 0);
		if (n <= 0)
			give_up("no answer", n);
		sample_size += (size_t)n;
	} while (sample_size < sample_end());
	close(c.fd);
}

#endif
