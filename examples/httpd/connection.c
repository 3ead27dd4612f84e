/* SPDX-License-Identifier: MIT */
/*
 * A connection, in one green thread: read a request, answer it, and so on.
 * This reads as if nothing ever waited; whatever does wait lets the threads of
 * other connections run.
 */

#include "connection.h"

#include "../serve.h"
#include "answer.h"
#include "file.h"
#include "list.h"
#include "log.h"
#include "options.h"
#include "request.h"
#include "root.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <green.h>

/* What a file that cannot be opened is to the peer. */
static int
status_of(int error)
{
	switch (error) {
	case -ENOENT:
	case -ENOTDIR:
	case -ENAMETOOLONG:
	case -ELOOP:
	case -EXDEV: /* it leads out of the folder */
		return 404;
	case -EACCES:
	case -EPERM:
	case -ENXIO:
		return 403;
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
	case -EAGAIN: /* somebody is moving folders about */
		return 503;
	default:
		return 500;
	}
}

static int
send_listing(struct answer *a, struct stream *s, const char *path, int folder)
{
	struct text html = { 0 };
	int error = list_folder(&html, path, folder);

	if (error < 0) {
		error = answer_status(a, s, status_of(error));
	} else {
		answer_begin(a, 200);
		error = answer_page(a, s, &html);
	}
	text_free(&html);
	return error;
}

static int
send_folder(struct answer *a, const struct request *r, struct stream *s,
	    int folder)
{
	struct stat st;
	int file, error;

	if (r->path[strlen(r->path) - 1] != '/')
		return answer_redirect(a, s, r->path);
	/* No link: it could lead anywhere. */
	file = openat(folder, "index.html",
		      O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (file < 0 && options.list)
		return send_listing(a, s, r->path, folder);
	if (file < 0)
		return answer_status(a, s, 403);
	if (fstat(file, &st) == 0 && S_ISREG(st.st_mode))
		error = file_send(a, r, s, "index.html", file, &st);
	else
		error = answer_status(a, s, 403);
	close(file);
	return error;
}

static int
send_found(struct answer *a, const struct request *r, struct stream *s)
{
	int error, fd = root_find(r->path);
	struct stat st;

	if (fd < 0)
		return answer_status(a, s, status_of(fd));
	if (fstat(fd, &st) < 0)
		error = answer_status(a, s, 500);
	else if (S_ISDIR(st.st_mode))
		error = send_folder(a, r, s, fd);
	else if (S_ISREG(st.st_mode))
		error = file_send(a, r, s, r->path, fd, &st);
	else
		error = answer_status(a, s, 403);
	close(fd);
	return error;
}

/* Returns whether the connection can go on. */
static bool
answer(const struct request *r, struct stream *s)
{
	struct answer a = {
		.head = r->complete && r->parser.method == HTTP_HEAD,
		.http_1_0 = r->complete && r->parser.http_minor == 0,
		.close = r->status || serve_stopping() ||
			 !http_should_keep_alive(&r->parser),
	};
	int error;

	if (r->status)
		error = answer_status(&a, s, r->status);
	else
		error = send_found(&a, r, s);
	log_request(r, &a, s->fd);
	text_free(&a.text);
	return error == 0 && !a.close;
}

void
connection_talk(struct peer *peer, int fd)
{
	int64_t deadline = green_after(options.header_time);
	struct request r;
	struct stream s;
	bool unread;

	if (stream_begin(&s, fd, deadline) < 0)
		return;
	request_init(&r);
	while (request_read(&r, &s, peer, deadline) > 0 && answer(&r, &s)) {
		request_next(&r);
		deadline = 0;
	}
	unread = r.status || r.used > r.parsed;
	request_fini(&r);
	stream_end(&s, unread);
}
