/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_FILE_H
#define HTTPD_FILE_H

struct answer;
struct request;
struct stat;
struct stream;

/* Answer with a file: all of it, a part, or that it has not changed. The name
 * decides its type. Returns 0, or -errno when the connection must end. */
int file_send(struct answer *a, const struct request *r, struct stream *s,
	      const char *name, int file, const struct stat *st);

#endif
