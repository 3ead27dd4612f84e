/* SPDX-License-Identifier: MIT */
/*
 * The access log, in the format that all web servers have in common:
 *
 *	127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET / HTTP/1.1" 200 1234
 *
 * Each line is one write to a file opened for appending, and shorter than
 * PIPE_BUF: lines of several workers do not mix, in a file or in a pipe.
 */

#define _GNU_SOURCE
#include "log.h"

#include "answer.h"
#include "request.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <green.h>

/* Longer targets are cut. */
#define TARGET_SHOWN 900

static int log_fd = -1;

int
log_open(const char *file)
{
	if (!file)
		return 0;
	log_fd = strcmp(file, "-") == 0
			 ? STDOUT_FILENO
			 : open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
				0644);
	return log_fd < 0 ? -errno : 0;
}

/* The peer wrote it: it must not end the line, nor the quotes. */
static void
add_target(struct text *line, const struct request *r)
{
	const char *at = r->buffer ? r->buffer + r->target.at : "";

	for (unsigned i = 0; i < r->target.n && i < TARGET_SHOWN; i++) {
		unsigned char c = (unsigned char)at[i];

		if (isprint(c) && c != '"' && c != '\\')
			text_add(line, at + i, 1);
		else
			text_print(line, "\\x%02x", c);
	}
}

static void
add_who_and_when(struct text *line, int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	char host[INET6_ADDRSTRLEN] = "-", when[40];
	time_t now = time(NULL);
	struct tm tm;

	if (getpeername(fd, (struct sockaddr *)&address, &size) == 0)
		getnameinfo((struct sockaddr *)&address, size, host,
			    sizeof(host), NULL, 0, NI_NUMERICHOST);
	strftime(when, sizeof(when), "%d/%b/%Y:%H:%M:%S +0000",
		 gmtime_r(&now, &tm));
	text_print(line, "%s - - [%s] ", host, when);
}

void
log_request(const struct request *r, const struct answer *a, int fd)
{
	struct text line = { 0 };

	if (log_fd < 0)
		return;
	add_who_and_when(&line, fd);
	text_print(&line, "\"%s ",
		   r->target.n
			   ? http_method_str((enum http_method)r->parser.method)
			   : "-");
	add_target(&line, r);
	text_print(&line, " HTTP/%u.%u\" %d %lld\n", r->parser.http_major,
		   r->parser.http_minor, a->status, (long long)a->body);
	if (!line.failed)
		green_write(log_fd, line.at, line.used, GREEN_NEVER);
	text_free(&line);
}
