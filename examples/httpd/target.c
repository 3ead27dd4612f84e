/* SPDX-License-Identifier: MIT */
/*
 * What a request asks for: "/a%20b?c=d", or "http://host/a%20b".
 *
 * Each %XX is decoded once, and what comes out is a path, not to be decoded
 * again. It may contain anything, "..", too: root.c is where that is dealt
 * with. Only a zero byte is refused, which would end the path early.
 */

#include "target.h"

#include <ctype.h>
#include <stdlib.h>

#include <http_parser.h>

static int
digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower(c) - 'a' + 10
					    : -1;
}

/* Returns the length of what it wrote, or 0 when it is wrong. */
static size_t
decode(char *out, const char *in, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		char c = in[i];

		if (c == '%') {
			if (n - i < 3 || digit(in[i + 1]) < 0 ||
			    digit(in[i + 2]) < 0)
				return 0;
			c = (char)(16 * digit(in[i + 1]) + digit(in[i + 2]));
			i += 2;
		}
		if (c == '\0')
			return 0;
		out[used++] = c;
	}
	return used;
}

int
target_decode(const char *target, size_t n, char **ret_path)
{
	struct http_parser_url url;
	const char *in = "/";
	size_t size = 1, used;
	char *path;

	http_parser_url_init(&url);
	if (http_parser_parse_url(target, n, 0, &url) != 0)
		return 400;
	if (url.field_set & 1 << UF_PATH) {
		in = target + url.field_data[UF_PATH].off;
		size = url.field_data[UF_PATH].len;
	}
	path = malloc(size + 1);
	if (!path)
		return 503;
	used = decode(path, in, size);
	if (used == 0 || path[0] != '/') {
		free(path);
		return 400;
	}
	path[used] = '\0';
	*ret_path = path;
	return 0;
}
