/* SPDX-License-Identifier: MIT */
/*
 * A file as an answer: conditions, ranges, and then its bytes.
 */

#define _GNU_SOURCE
#include "file.h"

#include "answer.h"
#include "date.h"
#include "mime.h"
#include "options.h"
#include "range.h"
#include "request.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <green.h>

/* Files up to so many bytes are copied behind their header, larger ones go by
 * sendfile(). */
#define SMALL 16384

/* What tells one version of a file from another. */
struct version {
	char tag[3 * TEXT_DIGITS]; /* with its quotes */
	char date[DATE_SIZE];
};

static struct version
version_of(const struct stat *st)
{
	struct version v;
	char *at = v.tag;

	*at++ = '"';
	at += text_digits(at, (uint64_t)st->st_mtim.tv_sec, 16);
	*at++ = '.';
	at += text_digits(at, (uint64_t)st->st_mtim.tv_nsec, 16);
	*at++ = '-';
	at += text_digits(at, (uint64_t)st->st_size, 16);
	memcpy(at, "\"", 2);
	date_print(v.date, st->st_mtim.tv_sec);
	return v;
}

static bool
equal(const char *value, size_t n, const char *string)
{
	return strlen(string) == n && memcmp(value, string, n) == 0;
}

/* A list of tags, some with W/ before them; or a star for any. */
static bool
lists(const char *value, size_t n, const char *tag)
{
	return equal(value, n, "*") || memmem(value, n, tag, strlen(tag));
}

/* If the peer names tags, dates do not matter. */
static bool
is_unchanged(const struct request *r, const struct version *v,
	     const struct stat *st)
{
	const char *value;
	time_t since;
	size_t n;

	value = request_field(r, FIELD_IF_NONE_MATCH, &n);
	if (n > 0)
		return lists(value, n, v->tag);
	value = request_field(r, FIELD_IF_MODIFIED_SINCE, &n);
	since = n > 0 ? date_parse(value, n) : -1;
	return since >= 0 && st->st_mtim.tv_sec <= since;
}

/* The part that the peer wants, unless the file has changed since it got the
 * part before. */
static enum range
wanted_part(const struct request *r, const struct version *v,
	    const struct stat *st, int64_t *from, int64_t *count)
{
	const char *value;
	size_t n;

	*from = 0;
	*count = st->st_size;
	value = request_field(r, FIELD_IF_RANGE, &n);
	if (n > 0 && !equal(value, n, v->tag) && !equal(value, n, v->date))
		return RANGE_NONE;
	value = request_field(r, FIELD_RANGE, &n);
	return n > 0 ? range_parse(value, n, st->st_size, from, count)
		     : RANGE_NONE;
}

static void
version_fields(struct answer *a, const struct version *v)
{
	text_string(&a->text, "Last-Modified: ");
	text_string(&a->text, v->date);
	text_string(&a->text, "\r\nETag: ");
	text_string(&a->text, v->tag);
	text_string(&a->text, "\r\nAccept-Ranges: bytes\r\n");
}

/* Behind the header: one packet, and fewer calls of the system than sending
 * the two one after the other. */
static int
add_small(struct text *t, int file, int64_t from, int64_t count)
{
	ssize_t n = 1;

	if (!text_room(t, (size_t)count))
		return -ENOMEM;
	while (count > 0 && n > 0) {
		n = green_pread(file, t->at + t->used, (size_t)count, from,
				green_after(options.send_time));
		if (n > 0) {
			t->used += (size_t)n;
			from += n;
			count -= n;
		}
	}
	return n < 0 ? (int)n : count > 0 ? -EIO : 0;
}

/* The header, and a part of the file if the peer wants it. */
static int
send_part(struct answer *a, struct stream *s, int file, int64_t from,
	  int64_t count)
{
	bool large = !a->head && count > SMALL;
	int error = 0;

	answer_length(a, count);
	if (!a->head && !large)
		error = add_small(&a->text, file, from, count);
	if (a->text.failed || error < 0)
		return error < 0 ? error : -ENOMEM;
	a->body = a->head ? 0 : count;
	error = stream_send(s, a->text.at, a->text.used, large);
	return large && error == 0 ? stream_send_file(s, file, from, count)
				   : error;
}

static int
send_unchanged(struct answer *a, struct stream *s, const struct version *v)
{
	answer_begin(a, 304);
	version_fields(a, v);
	text_string(&a->text, "\r\n");
	return a->text.failed ? -ENOMEM
			      : stream_send(s, a->text.at, a->text.used, false);
}

int
file_send(struct answer *a, const struct request *r, struct stream *s,
	  const char *name, int file, const struct stat *st)
{
	struct version v = version_of(st);
	int64_t from, count;
	enum range range;

	if (is_unchanged(r, &v, st))
		return send_unchanged(a, s, &v);
	range = wanted_part(r, &v, st, &from, &count);
	answer_begin(a, range == RANGE_NONE   ? 200
			: range == RANGE_PART ? 206
					      : 416);
	if (range == RANGE_BAD) {
		answer_field(a, "Content-Range", "bytes */%lld",
			     (long long)st->st_size);
		return send_part(a, s, file, 0, 0);
	}
	version_fields(a, &v);
	text_string(&a->text, "Content-Type: ");
	text_string(&a->text, mime_type(name));
	text_string(&a->text, "\r\nX-Content-Type-Options: nosniff\r\n");
	if (range == RANGE_PART)
		answer_field(a, "Content-Range", "bytes %lld-%lld/%lld",
			     (long long)from, (long long)(from + count - 1),
			     (long long)st->st_size);
	return send_part(a, s, file, from, count);
}
