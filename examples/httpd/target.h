/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_TARGET_H
#define HTTPD_TARGET_H

#include <stddef.h>

/* Find the path in a request's target, and decode it into *ret_path, to be
 * freed. Returns 0, or the status to answer with. */
int target_decode(const char *target, size_t n, char **ret_path);

#endif
