/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_OPTIONS_H
#define HTTPD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* What the command line says. Written before the first thread starts, only
 * read afterwards. */
extern struct options {
	const char *folder;  /* to serve */
	const char *address; /* to listen on: a number */
	const char *port;
	unsigned workers;
	unsigned connections; /* at a time */
	bool list;            /* show folders that have no index.html */
	bool walk;            /* do not use openat2() */
	const char *log;      /* a file, "-" for standard output, or NULL */
	const char *mime;     /* a file like /etc/mime.types */
	const char *cert;     /* PEM files for TLS, or NULL */
	const char *key;
	unsigned header_bytes; /* limits of a request */
	unsigned header_fields;
	unsigned target_bytes;
	int64_t header_time; /* nanoseconds for all of a request's header */
	int64_t idle_time;   /* between two requests */
	int64_t send_time;   /* without any progress */
	int64_t grace;       /* for requests in flight, at a stop */
} options;

/* Returns -1 when the server may start, otherwise the exit status. */
int options_read(int argc, char **argv);

#endif
