/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_LOG_H
#define HTTPD_LOG_H

struct answer;
struct request;

/* Open the access log, before the first thread: a file, "-" for standard
 * output, NULL for none. Returns 0 or -errno. */
int log_open(const char *file);

/* A line for a request that was answered. fd is its connection. */
void log_request(const struct request *r, const struct answer *a, int fd);

#endif
