/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a connection, plain or through TLS.
 *
 * Sending has no time limit as a whole, because nobody knows how large a file
 * a peer may fetch over how slow a line. But each step must get on.
 */

#include "stream.h"

#include "options.h"
#include "tls.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <green.h>

/* A file goes through TLS in pieces of this size, that of TLS's records. */
#define PIECE 16384
/* How much, and how long, is read from a peer that does not stop. */
#define LINGER_BYTES 1048576
#define LINGER_TIME (2 * GREEN_SECOND)

int
stream_begin(struct stream *s, int fd, int64_t deadline)
{
	*s = (struct stream){ .fd = fd };
	return options.cert ? tls_begin(&s->tls, fd, deadline) : 0;
}

ssize_t
stream_recv(struct stream *s, void *buffer, size_t n, int64_t deadline)
{
	if (s->tls)
		return tls_recv(s->tls, buffer, n, deadline);
	return green_recv(s->fd, buffer, n, 0, deadline);
}

int
stream_send(struct stream *s, const void *bytes, size_t n, bool more)
{
	const char *at = bytes;
	ssize_t sent;

	if (s->tls)
		return tls_send(s->tls, bytes, n);
	while (n > 0) {
		sent = green_send(s->fd, at, n, more ? MSG_MORE : 0,
				  green_after(options.send_time));
		if (sent < 0)
			return (int)sent;
		at += sent;
		n -= (size_t)sent;
	}
	return 0;
}

/* The file may have become shorter since its length was promised; then the
 * connection must end, or the next answer would be taken for its rest. */
static int
send_plain(int fd, int file, int64_t from, int64_t count)
{
	ssize_t sent;

	while (count > 0) {
		sent = green_sendfile(fd, file, &from, (size_t)count,
				      green_after(options.send_time));
		if (sent <= 0)
			return sent < 0 ? (int)sent : -EIO;
		count -= sent;
	}
	return 0;
}

static int
send_encrypted(struct tls *tls, int file, int64_t from, int64_t count)
{
	char *piece = malloc(PIECE);
	int error = piece ? 0 : -ENOMEM;
	ssize_t n;

	while (count > 0 && error == 0) {
		n = green_pread(file, piece,
				count < PIECE ? (size_t)count : PIECE, from,
				green_after(options.send_time));
		if (n > 0)
			error = tls_send(tls, piece, (size_t)n);
		else
			error = n < 0 ? (int)n : -EIO;
		from += n;
		count -= n;
	}
	free(piece);
	return error;
}

int
stream_send_file(struct stream *s, int file, int64_t from, int64_t count)
{
	return s->tls ? send_encrypted(s->tls, file, from, count)
		      : send_plain(s->fd, file, from, count);
}

static void
linger(int fd)
{
	int64_t deadline = green_after(LINGER_TIME);
	size_t most = LINGER_BYTES;
	char rubbish[1024];
	ssize_t n;

	green_shutdown(fd, SHUT_WR);
	while (most > 0) {
		n = green_recv(fd, rubbish, sizeof(rubbish), 0, deadline);
		if (n <= 0)
			return;
		most -= (size_t)n < most ? (size_t)n : most;
	}
}

void
stream_end(struct stream *s, bool lingers)
{
	if (s->tls)
		tls_end(s->tls);
	if (lingers)
		linger(s->fd);
}
