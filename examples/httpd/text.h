/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_TEXT_H
#define HTTPD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text that grows: all zero is an empty one. When memory runs out it keeps
 * what it has and remembers that; whoever sends it looks once, at the end. */
struct text {
	char *at;
	size_t used, room;
	bool failed;
};

void text_free(struct text *t);
void text_add(struct text *t, const char *bytes, size_t n);

/* Room for n bytes behind what is there, for somebody else to write, and to be
 * added to used; NULL when memory runs out. */
char *text_room(struct text *t, size_t n);
void text_string(struct text *t, const char *string);
void text_number(struct text *t, uint64_t number);

/* The digits of a number, at most TEXT_DIGITS and no zero behind them. Returns
 * how many. printf() takes ten times as long, which is seen in headers that
 * are made a hundred thousand times a second. */
#define TEXT_DIGITS 20
size_t text_digits(char *at, uint64_t number, unsigned base);

__attribute__((format(printf, 2, 3))) void
text_print(struct text *t, const char *format, ...);

/* A string as it stands in HTML, and in a URL's path. */
void text_html(struct text *t, const char *string);
void text_path(struct text *t, const char *string);

#endif
