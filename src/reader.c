/* SPDX-License-Identifier: MIT */
/*
 * Readers: a buffer before a descriptor.
 *
 * What was read and not taken lies between start and end of the buffer. Before
 * more is read it is moved to the front, so that what one call looks for always
 * lies in one piece; a move is of less than a line, mostly, and there is one at
 * most per call to the kernel. The byte behind the last one that fits is for
 * the zero behind a line. In the middle of the buffer that zero stands on a
 * byte of what follows, which the next call puts back first.
 *
 * Nothing is taken before all of it is there. So a call that ends early leaves
 * everything as it would be if it had not begun, but for more in the buffer.
 *
 * Rejected: growing the buffer for a long line, whose length is the choice of
 * whoever sends it; a ring, in which a line may lie in two pieces; remembering
 * that the end has come, since a file may grow, and a terminal go on.
 */

#include "config.h"

#include "base.h"
#include "mem.h"
#include "sched.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <green/io.h>
#include <green/reader.h>

struct reader {
	char *buffer;
	size_t room;       /* bytes that it holds */
	size_t start, end; /* those that were not taken yet */
	char *zero;        /* where one stands on another byte, or NULL */
	int fd;
	char under;  /* that byte */
	bool is_own; /* the buffer was allocated */
};

_Static_assert(sizeof(struct reader) <= sizeof(struct green_reader), "it fits");

static struct reader *
inside(struct green_reader *reader)
{
	return (struct reader *)(void *)reader;
}

/* ---- life -------------------------------------------------------------- */

int
green_reader_init(struct green_reader *reader, int fd, void *buffer,
		  size_t size)
{
	struct reader *r = inside(reader);
	bool is_own = !buffer;

	if (is_own && !size)
		size = GREEN_READER_SIZE;
	if (!r || fd < 0 || size < 2 || size > SSIZE_MAX)
		return -EINVAL;
	if (is_own)
		buffer = green__realloc(NULL, size);
	if (!buffer)
		return -ENOMEM;
	memset(reader, 0, sizeof(*reader));
	r->buffer = buffer;
	r->room = size - 1;
	r->fd = fd;
	r->is_own = is_own;
	return 0;
}

int
green_reader_fini(struct green_reader *reader)
{
	struct reader *r = inside(reader);

	if (!r)
		return 0;
	if (r->is_own)
		green__free(r->buffer);
	memset(reader, 0, sizeof(*reader));
	return 0;
}

/* ---- the buffer -------------------------------------------------------- */

static void
put_back(struct reader *r)
{
	if (r->zero)
		*r->zero = r->under;
	r->zero = NULL;
}

/* First thing in each call that can block. */
static int
begin(struct reader *r, int64_t deadline)
{
	struct worker *w = green__worker;

	green__choice_point(w);
	if (!r || !r->buffer || deadline < 0)
		return -EINVAL;
	if (w && green__is_cancelled(w->current))
		return -ECANCELED;
	put_back(r);
	return 0;
}

static size_t
buffered(const struct reader *r)
{
	return r->end - r->start;
}

/* Read more, into a buffer that is not full. Returns what green_read() does. */
static ssize_t
fill(struct reader *r, int64_t deadline)
{
	ssize_t n;

	memmove(r->buffer, r->buffer + r->start, buffered(r));
	r->end -= r->start;
	r->start = 0;
	n = green_read(r->fd, r->buffer + r->end, r->room - r->end, deadline);
	if (n > 0)
		r->end += (size_t)n;
	return n;
}

/* Have n bytes, which it holds, in the buffer, unless the end comes. Returns
 * 0, or an error. */
static int
have(struct reader *r, size_t n, int64_t deadline)
{
	ssize_t got = 1;

	while (got > 0 && buffered(r) < n)
		got = fill(r, deadline);
	return got < 0 ? (int)got : 0;
}

/* Take up to n bytes to buf. */
static size_t
take(struct reader *r, void *buf, size_t n)
{
	if (n > buffered(r))
		n = buffered(r);
	if (n)
		memcpy(buf, r->buffer + r->start, n);
	r->start += n;
	return n;
}

/* ---- calls ------------------------------------------------------------- */

/* Take n bytes, which become a string. */
static ssize_t
take_line(struct reader *r, size_t n, char **ret_line)
{
	char *line = r->buffer + r->start;

	if (!n)
		return 0;
	r->start += n;
	r->zero = line + n;
	r->under = *r->zero;
	*r->zero = '\0';
	if (ret_line)
		*ret_line = line;
	return (ssize_t)n;
}

ssize_t
green_reader_line(struct green_reader *reader, int delimiter, char **ret_line,
		  int64_t deadline)
{
	struct reader *r = inside(reader);
	size_t seen = 0; /* bytes without a delimiter */
	ssize_t n = begin(r, deadline);

	if (n)
		return n;
	if (delimiter < 0 || delimiter > UCHAR_MAX)
		return -EINVAL;
	for (;;) {
		const char *from = r->buffer + r->start;
		const char *at = memchr(from + seen, delimiter,
					buffered(r) - seen);

		if (at)
			return take_line(r, (size_t)(at - from) + 1, ret_line);
		seen = buffered(r);
		if (seen == r->room)
			return -EMSGSIZE;
		n = fill(r, deadline);
		if (n < 0)
			return n;
		if (!n)
			return take_line(r, seen, ret_line);
	}
}

ssize_t
green_reader_read(struct green_reader *reader, void *buf, size_t n,
		  int64_t deadline)
{
	struct reader *r = inside(reader);
	int error = begin(r, deadline);

	if (error)
		return error;
	if (!buf && n)
		return -EINVAL;
	/* What would fill the buffer needs none. */
	if (!buffered(r) && n >= r->room)
		return green_read(r->fd, buf, n, deadline);
	error = n ? have(r, 1, deadline) : 0;
	return error ? error : (ssize_t)take(r, buf, n);
}

ssize_t
green_reader_exactly(struct green_reader *reader, void *buf, size_t n,
		     int64_t deadline)
{
	struct reader *r = inside(reader);
	int error = begin(r, deadline);
	size_t done;
	ssize_t got;

	if (error)
		return error;
	if ((!buf && n) || n > SSIZE_MAX)
		return -EINVAL;
	if (n <= r->room) {
		error = have(r, n, deadline);
		return error ? error : (ssize_t)take(r, buf, n);
	}
	done = take(r, buf, n);
	got = green_read_exactly(r->fd, (char *)buf + done, n - done, deadline);
	if (got < 0)
		return done ? (ssize_t)done : got;
	return (ssize_t)done + got;
}

ssize_t
green_reader_peek(struct green_reader *reader, size_t n, char **ret_bytes,
		  int64_t deadline)
{
	struct reader *r = inside(reader);
	int error = begin(r, deadline);

	if (error)
		return error;
	if (n > r->room)
		return -EMSGSIZE;
	error = have(r, n, deadline);
	if (error)
		return error;
	if (ret_bytes)
		*ret_bytes = r->buffer + r->start;
	return (ssize_t)buffered(r);
}

int
green_reader_skip(struct green_reader *reader, size_t n)
{
	struct reader *r = inside(reader);

	if (!r || !r->buffer || n > buffered(r))
		return -EINVAL;
	put_back(r);
	r->start += n;
	return 0;
}
