/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_MIME_H
#define HTTPD_MIME_H

/* Read a file like /etc/mime.types, if it is there. Before mime_type(). */
void mime_load(const char *file);

/* The media type of a file with this name; static. */
const char *mime_type(const char *name);

#endif
