/* SPDX-License-Identifier: MIT */
/*
 * Answers: their headers, and the small pages that say what went wrong.
 */

#include "answer.h"

#include "date.h"
#include "stream.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <http_parser.h>

static const char *
reason(int status)
{
	return http_status_str((enum http_status)status);
}

void
answer_begin(struct answer *a, int status)
{
	a->status = status;
	a->text.used = 0;
	text_string(&a->text, "HTTP/1.1 ");
	text_number(&a->text, (uint64_t)status);
	text_string(&a->text, " ");
	text_string(&a->text, reason(status));
	text_string(&a->text, "\r\nServer: httpd (libgreen)\r\nDate: ");
	text_string(&a->text, date_now());
	text_string(&a->text, "\r\n");
	if (a->close)
		text_string(&a->text, "Connection: close\r\n");
	else if (a->http_1_0)
		text_string(&a->text, "Connection: keep-alive\r\n");
}

void
answer_field(struct answer *a, const char *name, const char *format, ...)
{
	char value[256];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	text_print(&a->text, "%s: %s\r\n", name, value);
}

void
answer_length(struct answer *a, int64_t length)
{
	text_string(&a->text, "Content-Length: ");
	text_number(&a->text, (uint64_t)length);
	text_string(&a->text, "\r\n\r\n");
}

/* In one piece: small pages and their headers are one packet. */
int
answer_page(struct answer *a, struct stream *s, const struct text *html)
{
	text_string(&a->text, "Content-Type: text/html; charset=utf-8\r\n"
			      "X-Content-Type-Options: nosniff\r\n");
	answer_length(a, (int64_t)html->used);
	if (!a->head) {
		text_add(&a->text, html->at, html->used);
		a->body = (int64_t)html->used;
	}
	if (a->text.failed || html->failed)
		return -ENOMEM;
	return stream_send(s, a->text.at, a->text.used, false);
}

/* The page that goes with a status; the header may have been begun. */
static int
send_status(struct answer *a, struct stream *s)
{
	struct text html = { 0 };
	int error;

	text_print(&html,
		   "<!DOCTYPE html>\n<title>%d %s</title>\n<h1>%d %s</h1>\n",
		   a->status, reason(a->status), a->status, reason(a->status));
	error = answer_page(a, s, &html);
	text_free(&html);
	return error;
}

int
answer_status(struct answer *a, struct stream *s, int status)
{
	answer_begin(a, status);
	if (status == 405)
		answer_field(a, "Allow", "GET, HEAD");
	return send_status(a, s);
}

/* To the same server: two slashes at the beginning would be another one. */
int
answer_redirect(struct answer *a, struct stream *s, const char *path)
{
	while (path[0] == '/' && path[1] == '/')
		path++;
	answer_begin(a, 301);
	text_string(&a->text, "Location: ");
	text_path(&a->text, path);
	text_string(&a->text, "/\r\n");
	return send_status(a, s);
}
