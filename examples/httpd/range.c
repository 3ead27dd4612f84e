/* SPDX-License-Identifier: MIT */
/*
 * Ranges of bytes: "bytes=0-99", "bytes=100-", "bytes=-100". Several at once
 * are answered with the whole file, as RFC 9110 allows, and so is what is no
 * range at all.
 */

#include "range.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Returns the number at *at, -1 if there is none; one too large for any file
 * becomes the largest. */
static int64_t
number(const char **at, const char *end)
{
	int64_t value = -1;

	for (; *at < end && isdigit((unsigned char)**at); ++*at) {
		int digit = **at - '0';

		if (value < 0)
			value = 0;
		value = value > (INT64_MAX - digit) / 10 ? INT64_MAX
							 : 10 * value + digit;
	}
	return value;
}

enum range
range_parse(const char *value, size_t n, int64_t size, int64_t *ret_from,
	    int64_t *ret_count)
{
	const char *at = value + 6, *end = value + n;
	int64_t first, last;

	if (n < 6 || strncasecmp(value, "bytes=", 6) != 0)
		return RANGE_NONE;
	first = number(&at, end);
	if (at == end || *at++ != '-')
		return RANGE_NONE;
	last = number(&at, end);
	if (at != end || (first < 0 && last < 0) ||
	    (first >= 0 && last >= 0 && last < first))
		return RANGE_NONE;
	if (first < 0) { /* so many at the end */
		first = last < size ? size - last : 0;
		last = last ? size - 1 : -1;
	} else if (last < 0 || last >= size) {
		last = size - 1;
	}
	if (first >= size || last < first)
		return RANGE_BAD;
	*ret_from = first;
	*ret_count = last - first + 1;
	return RANGE_PART;
}
