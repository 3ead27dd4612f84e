/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_DATE_H
#define HTTPD_DATE_H

#include <stddef.h>
#include <time.h>

#define DATE_SIZE 30 /* "Sun, 06 Nov 1994 08:49:37 GMT" and the zero */

/* A time as HTTP writes it. */
void date_print(char text[DATE_SIZE], time_t time);

/* The present time, the same. Valid until the thread next waits. */
const char *date_now(void);

/* Returns -1 for what is no such date. */
time_t date_parse(const char *text, size_t n);

#endif
