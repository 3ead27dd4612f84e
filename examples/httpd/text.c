/* SPDX-License-Identifier: MIT */
/*
 * Texts that grow: headers of answers, pages that are made on the way.
 */

#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header of most answers. */
#define FIRST_ROOM 512

void
text_free(struct text *t)
{
	free(t->at);
	*t = (struct text){ 0 };
}

static bool
make_room(struct text *t, size_t more)
{
	size_t room = t->room ? t->room : FIRST_ROOM;
	char *at;

	while (room - t->used < more)
		room *= 2;
	if (room == t->room)
		return true;
	at = realloc(t->at, room);
	if (!at) {
		t->failed = true;
		return false;
	}
	t->at = at;
	t->room = room;
	return true;
}

char *
text_room(struct text *t, size_t n)
{
	return make_room(t, n) ? t->at + t->used : NULL;
}

void
text_add(struct text *t, const char *bytes, size_t n)
{
	if (make_room(t, n)) {
		memcpy(t->at + t->used, bytes, n);
		t->used += n;
	}
}

void
text_string(struct text *t, const char *string)
{
	text_add(t, string, strlen(string));
}

size_t
text_digits(char *at, uint64_t number, unsigned base)
{
	char digits[TEXT_DIGITS];
	size_t i = sizeof(digits);

	do {
		digits[--i] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	memcpy(at, digits + i, sizeof(digits) - i);
	return sizeof(digits) - i;
}

void
text_number(struct text *t, uint64_t number)
{
	char digits[TEXT_DIGITS];

	text_add(t, digits, text_digits(digits, number, 10));
}

void
text_print(struct text *t, const char *format, ...)
{
	va_list args;
	int n = 0;

	/* Mostly once: a second time if it had to grow. */
	do {
		if (!make_room(t, (size_t)n + 1))
			return;
		va_start(args, format);
		n = vsnprintf(t->at + t->used, t->room - t->used, format, args);
		va_end(args);
	} while (n > 0 && (size_t)n >= t->room - t->used);
	t->used += n > 0 ? (size_t)n : 0;
}

void
text_html(struct text *t, const char *string)
{
	for (; *string; string++) {
		switch (*string) {
		case '&':
			text_string(t, "&amp;");
			break;
		case '<':
			text_string(t, "&lt;");
			break;
		case '>':
			text_string(t, "&gt;");
			break;
		case '"':
			text_string(t, "&quot;");
			break;
		default:
			text_add(t, string, 1);
		}
	}
}

void
text_path(struct text *t, const char *string)
{
	for (; *string; string++) {
		unsigned char c = (unsigned char)*string;

		if (isalnum(c) || strchr("/-._~!$&'()*+,;=:@", c))
			text_add(t, string, 1);
		else
			text_print(t, "%%%02X", c);
	}
}
