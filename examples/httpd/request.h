/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_REQUEST_H
#define HTTPD_REQUEST_H

#include "stream.h"

#include <http_parser.h>

struct peer;

/* Headers that the server looks at. */
enum field {
	FIELD_HOST,
	FIELD_IF_MODIFIED_SINCE,
	FIELD_IF_NONE_MATCH,
	FIELD_IF_RANGE,
	FIELD_RANGE,
	FIELDS,
	FIELD_OTHER = -1,
};

/* A part of the buffer: by place, because the buffer moves when it grows. */
struct piece {
	unsigned at, n;
};

/* The requests of a connection, one after the other. */
struct request {
	http_parser parser;
	char *buffer;      /* what was received, from this request on */
	size_t used, room; /* bytes in it, bytes of it */
	size_t parsed;     /* those that the parser has seen */
	struct piece target, name, value; /* name, value: being parsed */
	struct piece field[FIELDS];
	enum field which; /* that value is for */
	unsigned fields;  /* how many there were */
	bool complete;
	int status; /* what is wrong with it: 400, ...; or 0 */
	char *path; /* decoded, with a slash first */
};

void request_init(struct request *r);
void request_fini(struct request *r);

/*
 * Read the next request. The first one of a connection has a deadline, given
 * when that began; for later ones it is 0, and their time begins with their
 * first byte.
 *
 * Returns 1 when there is one, 0 when the peer has gone or may go, -errno when
 * the connection is broken. A request with a status is to be answered with
 * just that, and nothing after it can be understood.
 */
int request_read(struct request *r, struct stream *s, struct peer *peer,
		 int64_t first_deadline);

/* Make room for the next one. */
void request_next(struct request *r);

/* The value of a header; *ret_n is 0 if there is none. */
const char *
request_field(const struct request *r, enum field field, size_t *ret_n);

#endif
