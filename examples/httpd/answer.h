/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_ANSWER_H
#define HTTPD_ANSWER_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct stream;

/* An answer, while it is made and sent. */
struct answer {
	int status;
	bool close;       /* nothing follows it */
	bool head;        /* the peer wants no body */
	bool http_1_0;    /* it wants to be told that the connection stays */
	struct text text; /* the header, then perhaps the body */
	int64_t body;     /* bytes of the body, for the log */
};

/* Begin the header. */
void answer_begin(struct answer *a, int status);

/* A header; a format for the value. */
__attribute__((format(printf, 3, 4))) void
answer_field(struct answer *a, const char *name, const char *format, ...);

/* End the header; a body of so many bytes follows. */
void answer_length(struct answer *a, int64_t length);

/* Each of these sends a whole answer. They return 0 or -errno. */
int answer_page(struct answer *a, struct stream *s, const struct text *html);
int answer_status(struct answer *a, struct stream *s, int status);
int answer_redirect(struct answer *a, struct stream *s, const char *path);

#endif
