/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_STREAM_H
#define HTTPD_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tls;

/* A connection's bytes, plain or through TLS. */
struct stream {
	int fd;
	struct tls *tls; /* NULL: plain */
};

/* Begin, with TLS if the options say so. Returns 0, or -errno when the peer
 * does not speak it. May park, as all of these. */
int stream_begin(struct stream *s, int fd, int64_t deadline);

/* Returns the number of bytes, 0 at the end, or -errno. */
ssize_t stream_recv(struct stream *s, void *buffer, size_t n, int64_t deadline);

/* Send all of it. more: something follows at once. Returns 0, or -errno:
 * -ETIMEDOUT when nothing went out for options.send_time. */
int stream_send(struct stream *s, const void *bytes, size_t n, bool more);
int stream_send_file(struct stream *s, int file, int64_t from, int64_t count);

/* The end. lingers: the peer may still be sending what nobody wants to read;
 * closing at once would reset the connection, and with it our last answer. */
void stream_end(struct stream *s, bool lingers);

#endif
