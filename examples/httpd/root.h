/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_ROOT_H
#define HTTPD_ROOT_H

#include <stdbool.h>

/* Open the folder to serve. walk: do without openat2(). Returns 0 or -errno. */
int root_open(const char *folder, bool walk);

/* Open what a decoded path stands for, for reading. Returns a descriptor, or
 * -errno. Nothing outside of the folder is ever opened. */
int root_find(const char *path);

#endif
