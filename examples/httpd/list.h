/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_LIST_H
#define HTTPD_LIST_H

struct text;

/* Write a page that shows what is in a folder. Returns 0 or -errno. */
int list_folder(struct text *html, const char *path, int folder);

#endif
