/* SPDX-License-Identifier: MIT */
/*
 * The page that shows a folder without an index.html.
 */

#define _GNU_SOURCE
#include "list.h"

#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Names that begin with a dot are not shown. */
static int
is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* "./" before each name: one with a colon is no URL of its own. */
static void
add_entry(struct text *html, const char *name, const char *slash)
{
	text_string(html, "<li><a href=\"./");
	text_path(html, name);
	text_print(html, "%s\">", slash);
	text_html(html, name);
	text_print(html, "%s</a>\n", slash);
}

int
list_folder(struct text *html, const char *path, int folder)
{
	struct dirent **entries;
	int n = scandirat(folder, ".", &entries, is_shown, alphasort);

	if (n < 0)
		return -errno;
	text_string(html, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>");
	text_html(html, path);
	text_string(html, "</title>\n<h1>");
	text_html(html, path);
	text_string(html, "</h1>\n<ul>\n");
	if (strcmp(path, "/") != 0)
		add_entry(html, "..", "/");
	for (int i = 0; i < n; i++) {
		add_entry(html, entries[i]->d_name,
			  entries[i]->d_type == DT_DIR ? "/" : "");
		free(entries[i]);
	}
	free(entries);
	text_string(html, "</ul>\n");
	return 0;
}
