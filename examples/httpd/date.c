/* SPDX-License-Identifier: MIT */
/*
 * Dates in headers.
 */

#define _GNU_SOURCE
#include "date.h"

#include <string.h>

static char *
put(char *at, const char *string)
{
	size_t n = strlen(string);

	memcpy(at, string, n);
	return at + n;
}

/* Two digits, and what follows them. */
static char *
put_two(char *at, int number, const char *then)
{
	*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return put(at, then);
}

/* Not strftime(), which asks for the locale, nor printf(), which is slow. */
void
date_print(char text[DATE_SIZE], time_t time)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed",
					"Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr",
					  "May", "Jun", "Jul", "Aug",
					  "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;

	/* A year of five digits does not fit into the format. */
	if (!gmtime_r(&time, &tm) || tm.tm_year > 9999 - 1900 ||
	    tm.tm_year < -1900) {
		time = 0;
		gmtime_r(&time, &tm);
	}
	text = put(put(text, days[tm.tm_wday]), ", ");
	text = put_two(text, tm.tm_mday, " ");
	text = put(put(text, months[tm.tm_mon]), " ");
	text = put_two(text, (tm.tm_year + 1900) / 100, "");
	text = put_two(text, (tm.tm_year + 1900) % 100, " ");
	text = put_two(text, tm.tm_hour, ":");
	text = put_two(text, tm.tm_min, ":");
	text = put_two(text, tm.tm_sec, " GMT");
	*text = '\0';
}

/* Made once a second and OS thread. A green thread stays on its worker, and
 * keeps running until it waits: nobody changes the text under its hands. */
const char *
date_now(void)
{
	static _Thread_local char text[DATE_SIZE];
	static _Thread_local time_t of;
	time_t now = time(NULL);

	if (now != of || !*text) {
		date_print(text, now);
		of = now;
	}
	return text;
}

time_t
date_parse(const char *text, size_t n)
{
	char copy[DATE_SIZE];
	struct tm tm = { 0 };
	const char *end;

	if (n != DATE_SIZE - 1)
		return -1;
	memcpy(copy, text, n);
	copy[n] = '\0';
	end = strptime(copy, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return end && !*end ? timegm(&tm) : -1;
}
