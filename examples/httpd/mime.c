/* SPDX-License-Identifier: MIT */
/*
 * Media types by the ending of a name: a table of what the web is made of,
 * and then whatever the system's /etc/mime.types knows (Debian: media-types).
 *
 * A type says which character set its text is in: without it a browser would
 * guess. Written when the program starts, only read afterwards.
 */

#define _GNU_SOURCE
#include "mime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UTF8 "; charset=utf-8"

struct mime {
	const char *ending;
	const char *type;
};

/* Sorted. */
static const struct mime known[] = {
	{ "avif", "image/avif" },         { "css", "text/css" UTF8 },
	{ "csv", "text/csv" UTF8 },       { "gif", "image/gif" },
	{ "gz", "application/gzip" },     { "htm", "text/html" UTF8 },
	{ "html", "text/html" UTF8 },     { "ico", "image/vnd.microsoft.icon" },
	{ "jpeg", "image/jpeg" },         { "jpg", "image/jpeg" },
	{ "js", "text/javascript" UTF8 }, { "json", "application/json" },
	{ "md", "text/markdown" UTF8 },   { "mjs", "text/javascript" UTF8 },
	{ "mp3", "audio/mpeg" },          { "mp4", "video/mp4" },
	{ "ogg", "audio/ogg" },           { "pdf", "application/pdf" },
	{ "png", "image/png" },           { "svg", "image/svg+xml" },
	{ "txt", "text/plain" UTF8 },     { "wasm", "application/wasm" },
	{ "webm", "video/webm" },         { "webp", "image/webp" },
	{ "woff2", "font/woff2" },        { "xml", "application/xml" },
	{ "zip", "application/zip" },
};

static struct mime *loaded; /* sorted, too */
static size_t loaded_count;

static int
compare(const void *a, const void *b)
{
	const struct mime *x = a, *y = b;

	return strcasecmp(x->ending, y->ending);
}

static void
remember(const char *ending, const char *type)
{
	struct mime *more;
	char *full;

	more = reallocarray(loaded, loaded_count + 1, sizeof(*loaded));
	if (!more)
		return;
	loaded = more;
	if (asprintf(&full, "%s%s", type,
		     strncmp(type, "text/", 5) == 0 ? UTF8 : "") < 0)
		return;
	loaded[loaded_count].type = full;
	loaded[loaded_count].ending = strdup(ending);
	loaded_count += loaded[loaded_count].ending != NULL;
}

/* A line of the file: a type, then endings; from # on it is a comment. */
static void
read_line(char *line)
{
	char *rest, *type, *ending;

	line[strcspn(line, "#\n")] = '\0';
	type = strtok_r(line, " \t", &rest);
	while (type && (ending = strtok_r(NULL, " \t", &rest)))
		remember(ending, type);
}

void
mime_load(const char *file)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return;
	while (getline(&line, &room, f) >= 0)
		read_line(line);
	free(line);
	fclose(f);
	qsort(loaded, loaded_count, sizeof(*loaded), compare);
}

const char *
mime_type(const char *name)
{
	const char *dot = strrchr(name, '.');
	struct mime key = { .ending = dot ? dot + 1 : "" };
	const struct mime *found;

	found = bsearch(&key, known, sizeof(known) / sizeof(*known),
			sizeof(*known), compare);
	if (!found && loaded)
		found = bsearch(&key, loaded, loaded_count, sizeof(*loaded),
				compare);
	return found ? found->type : "application/octet-stream";
}
