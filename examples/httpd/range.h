/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_RANGE_H
#define HTTPD_RANGE_H

#include <stddef.h>
#include <stdint.h>

enum range {
	RANGE_NONE, /* no range that we know: all of the file is sent */
	RANGE_PART, /* a part of it */
	RANGE_BAD,  /* one that lies outside of it */
};

/* Read the value of a Range header for a file of size bytes. */
enum range range_parse(const char *value, size_t n, int64_t size,
		       int64_t *ret_from, int64_t *ret_count);

#endif
