/* SPDX-License-Identifier: MIT */
#ifndef SERVE_H
#define SERVE_H

/*
 * What httpd and proxy have in common: a TCP server that listens, gives each
 * connection a green thread, and stops gracefully on SIGTERM or SIGINT.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer; /* a connection, as the server knows it */

struct service {
	const char *name;     /* of the program, for messages */
	const char *address;  /* to listen on */
	const char *port;     /* a number; "0": any that is free */
	const char *scheme;   /* "http://", or "": for a message */
	unsigned workers;     /* OS threads that run connections */
	unsigned connections; /* at most so many at a time */
	size_t stack_size;    /* of a connection's thread, 0: the default */
	int64_t grace;        /* nanoseconds that a stop gives them to finish */
	/* Runs in the connection's thread; who called it closes fd. */
	void (*talk)(struct peer *peer, int fd);
};

/* Serve until told to stop; returns the exit status of the program. Once in
 * a process. */
int serve(const struct service *service);

/* For talk(): whether it may wait for the peer's next request (see serve.c).
 * If not it should take what has arrived, and go. */
bool peer_idle(struct peer *peer);

/* It has something to do again. */
void peer_busy(struct peer *peer);

/* Whether the server is about to stop. */
bool serve_stopping(void);

/* Print a message for whoever started the program. */
void complain(const char *what, int error);

#endif
