/* SPDX-License-Identifier: MIT */
/*
 * Requests: http-parser reads them, and what is kept here is where in the
 * buffer their parts are.
 *
 * The buffer grows up to the limit for a header, so that the small ones that
 * nearly all peers send take little memory in each of many connections. It may
 * hold the beginning of the next request, too, from a peer that does not wait
 * for answers.
 *
 * There is one deadline for all of a header, whatever trickles in: a peer that
 * sends a byte now and then cannot hold a connection for longer.
 *
 * Requests with a body are not understood: nothing that is served takes one.
 */

#define _GNU_SOURCE
#include "request.h"

#include "../serve.h"
#include "options.h"
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <green.h>

#define FIRST_ROOM 1024

static const char *const names[FIELDS] = {
	[FIELD_HOST] = "Host",
	[FIELD_IF_MODIFIED_SINCE] = "If-Modified-Since",
	[FIELD_IF_NONE_MATCH] = "If-None-Match",
	[FIELD_IF_RANGE] = "If-Range",
	[FIELD_RANGE] = "Range",
};

/* ---- what the parser calls --------------------------------------------- */

/* Any other value than 0 makes the parser stop. */
static int
refuse(struct request *r, int status)
{
	if (!r->status)
		r->status = status;
	return -1;
}

/* The parser hands out what it finds in parts. They lie side by side, but for
 * a header that goes on in the next line, which is not to be sent. */
static int
extend(struct request *r, struct piece *p, const char *at, size_t n)
{
	unsigned place = (unsigned)(at - r->buffer);

	if (p->n == 0)
		p->at = place;
	if (p->at + p->n != place)
		return refuse(r, 400);
	p->n += (unsigned)n;
	return 0;
}

static int
on_url(http_parser *parser, const char *at, size_t n)
{
	struct request *r = parser->data;

	if (r->target.n + n > options.target_bytes)
		return refuse(r, 414);
	return extend(r, &r->target, at, n);
}

static enum field
field_of(const struct request *r)
{
	for (int i = 0; i < FIELDS; i++)
		if (strlen(names[i]) == r->name.n &&
		    strncasecmp(names[i], r->buffer + r->name.at, r->name.n) ==
			    0)
			return (enum field)i;
	return FIELD_OTHER;
}

/* Of a header that comes twice the first one counts. */
static int
end_of_field(struct request *r)
{
	enum field which = r->name.n ? field_of(r) : FIELD_OTHER;

	if (which == FIELD_HOST && r->field[which].at)
		return refuse(r, 400); /* whose request is it? */
	if (which != FIELD_OTHER && !r->field[which].at)
		r->field[which] = r->value;
	r->name = r->value = (struct piece){ 0 };
	return 0;
}

static int
on_header_field(http_parser *parser, const char *at, size_t n)
{
	struct request *r = parser->data;

	if (r->value.at && end_of_field(r) < 0)
		return -1;
	if (r->name.n == 0 && ++r->fields > options.header_fields)
		return refuse(r, 431);
	return extend(r, &r->name, at, n);
}

static int
on_header_value(http_parser *parser, const char *at, size_t n)
{
	struct request *r = parser->data;

	return extend(r, &r->value, at, n);
}

static bool
has_body(const http_parser *parser)
{
	return (parser->flags & F_CHUNKED) ||
	       (parser->content_length > 0 &&
		parser->content_length != UINT64_MAX);
}

/* Everything that can be said without looking at files. */
static int
on_headers_complete(http_parser *parser)
{
	struct request *r = parser->data;

	if (end_of_field(r) < 0)
		return -1;
	if (parser->http_major != 1)
		return refuse(r, 505);
	if (parser->http_minor > 0 && !r->field[FIELD_HOST].at)
		return refuse(r, 400);
	if (parser->method != HTTP_GET && parser->method != HTTP_HEAD)
		return refuse(r, 405);
	if (has_body(parser))
		return refuse(r, 413);
	return 0;
}

/* The parser stops here, and goes on with what lies behind it only when this
 * request has been answered. */
static int
on_message_complete(http_parser *parser)
{
	struct request *r = parser->data;

	r->complete = true;
	http_parser_pause(parser, 1);
	return 0;
}

static const http_parser_settings settings = {
	.on_url = on_url,
	.on_header_field = on_header_field,
	.on_header_value = on_header_value,
	.on_headers_complete = on_headers_complete,
	.on_message_complete = on_message_complete,
};

/* ---- reading ----------------------------------------------------------- */

/* A word in capital letters is a method that we do not know, anything else is
 * no request. */
static int
unknown_method(const struct request *r)
{
	size_t n = strspn(r->buffer, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");

	return n > 0 && n < r->used && r->buffer[n] == ' ' ? 501 : 400;
}

static void
parse(struct request *r)
{
	r->parsed += http_parser_execute(&r->parser, &settings,
					 r->buffer + r->parsed,
					 r->used - r->parsed);
	if (r->complete || r->status)
		return;
	switch (HTTP_PARSER_ERRNO(&r->parser)) {
	case HPE_OK:
		break;
	case HPE_INVALID_METHOD:
		r->status = unknown_method(r);
		break;
	case HPE_HEADER_OVERFLOW:
		r->status = 431;
		break;
	default:
		r->status = 400;
	}
}

/* One byte is kept for the zero at the end. */
static int
make_room(struct request *r)
{
	size_t room = r->room ? 2 * r->room : FIRST_ROOM;
	char *buffer;

	if (r->used + 1 < r->room)
		return 0;
	if (r->used >= options.header_bytes)
		return refuse(r, r->fields ? 431 : 414);
	if (room > options.header_bytes + 1)
		room = options.header_bytes + 1;
	buffer = realloc(r->buffer, room);
	if (!buffer)
		return refuse(r, 503);
	r->buffer = buffer;
	r->room = room;
	return 0;
}

static ssize_t
receive(struct request *r, struct stream *s, int64_t deadline)
{
	ssize_t n = stream_recv(s, r->buffer + r->used, r->room - 1 - r->used,
				deadline);

	if (n > 0) {
		r->used += (size_t)n;
		r->buffer[r->used] = '\0';
	}
	return n;
}

/* Wait for the first bytes of a request. The connection is idle meanwhile: a
 * server that is to stop may end it, and then takes what is there already. */
static ssize_t
await(struct request *r, struct stream *s, struct peer *peer, int64_t deadline)
{
	ssize_t n;

	if (make_room(r) < 0)
		return -ENOMEM;
	n = receive(r, s, peer_idle(peer) ? deadline : 0);
	peer_busy(peer);
	return n == -ETIMEDOUT || n == -EAGAIN ? 0 : n;
}

int
request_read(struct request *r, struct stream *s, struct peer *peer,
	     int64_t first_deadline)
{
	int64_t deadline = first_deadline;
	ssize_t n = 1;

	if (r->used == 0)
		n = await(r, s, peer,
			  deadline ? deadline : green_after(options.idle_time));
	if (!deadline)
		deadline = green_after(options.header_time);
	while (n > 0) {
		parse(r);
		if (r->complete || r->status || make_room(r) < 0)
			break;
		n = receive(r, s, deadline);
		if (n == -ETIMEDOUT)
			r->status = 408;
	}
	if (r->complete && !r->status)
		r->status = target_decode(r->buffer + r->target.at, r->target.n,
					  &r->path);
	return r->complete || r->status ? 1 : (int)n;
}

/* ---- the buffer -------------------------------------------------------- */

static void
begin(struct request *r)
{
	http_parser_init(&r->parser, HTTP_REQUEST);
	r->parser.data = r;
	r->parsed = 0;
	r->target = r->name = r->value = (struct piece){ 0 };
	memset(r->field, 0, sizeof(r->field));
	r->fields = 0;
	r->complete = false;
	r->status = 0;
	r->path = NULL;
}

void
request_init(struct request *r)
{
	r->buffer = NULL;
	r->used = r->room = 0;
	begin(r);
}

void
request_fini(struct request *r)
{
	free(r->path);
	free(r->buffer);
}

/* A buffer that had to grow is given back: nobody knows how long it would lie
 * there. */
void
request_next(struct request *r)
{
	free(r->path);
	r->used -= r->parsed;
	if (r->used > 0) {
		memmove(r->buffer, r->buffer + r->parsed, r->used);
		r->buffer[r->used] = '\0';
	} else if (r->room > FIRST_ROOM) {
		free(r->buffer);
		r->buffer = NULL;
		r->room = 0;
	}
	begin(r);
}

const char *
request_field(const struct request *r, enum field field, size_t *ret_n)
{
	const struct piece *p = &r->field[field];
	unsigned n = p->n;

	while (n > 0 && strchr(" \t", r->buffer[p->at + n - 1]))
		n--;
	*ret_n = n;
	return r->buffer + p->at;
}
