/* SPDX-License-Identifier: MIT */
/*
 * From one descriptor to another, without a look at the bytes.
 *
 * sendfile(2) reads the file itself, and would wait for the disk: so what is
 * about to be sent is first brought into memory by the pool, if it is not
 * there. That one of its pages is there is taken to mean that all are; if not,
 * the worker is held up for as long as the disk takes.
 */

#include "config.h"

#include "file.h"
#include "io.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <green/io.h>

/* Looked at and sent at once. */
#define PIECE (256 * 1024)

static size_t
less(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* ---- sendfile --------------------------------------------------------------
 */

static ssize_t
try_sendfile(struct io *io)
{
	off_t at = *io->offset;
	ssize_t n = sendfile(io->fd, io->from, &at, io->size);

	if (n < 0)
		return -errno;
	*io->offset = at;
	return n;
}

/* Where O_NONBLOCK is missing sendfile() would wait for the other side. */
static ssize_t
copy(int out, int in, int64_t *at, size_t n, int64_t deadline)
{
	char bytes[4096];
	ssize_t got = green_pread(in, bytes, less(n, sizeof(bytes)), *at,
				  deadline);

	if (got > 0)
		got = green_write(out, bytes, (size_t)got, deadline);
	if (got > 0)
		*at += got;
	return got;
}

static ssize_t
send_piece(int out, int in, int64_t *at, size_t n, int64_t deadline)
{
	struct io io = { .fd = out, .from = in, .offset = at, .size = n };
	int error;

	if (green__io_blocks(out))
		return copy(out, in, at, n, deadline);
	error = green__file_warm(in, *at, n, deadline);
	if (error)
		return error;
	return green__io_run(&io, FD_OUT, try_sendfile, deadline);
}

ssize_t
green_sendfile(int out, int in, int64_t *offset, size_t n, int64_t deadline)
{
	int error = green__io_begin(deadline);
	int64_t at;
	ssize_t sent;

	if (error)
		return error;
	at = offset ? *offset : lseek(in, 0, SEEK_CUR);
	if (at < 0)
		return offset ? -EINVAL : -errno;
	sent = send_piece(out, in, &at, less(n, PIECE), deadline);
	if (sent <= 0)
		return sent;
	if (offset)
		*offset = at;
	else
		lseek(in, at, SEEK_SET);
	return sent;
}

/* ---- splice
 * ------------------------------------------------------------------ */

struct splice {
	int in, out;
	int64_t *in_offset, *out_offset;
	size_t n;
	unsigned flags;
};

static ssize_t
try_splice(const struct splice *s)
{
	/* Its flag is for pipes; a socket goes by its own mode. */
	if (green__io_blocks(s->in) && !green__io_ready(s->in, POLLIN))
		return -EAGAIN;
	if (green__io_blocks(s->out) && !green__io_ready(s->out, POLLOUT))
		return -EAGAIN;
	return green__io_result(splice(s->in, s->in_offset, s->out,
				       s->out_offset, s->n,
				       s->flags | SPLICE_F_NONBLOCK));
}

/* Whichever of the two is not ready; both are: try again. */
static int
await_either(struct fd_look *in, struct fd_look *out, int64_t deadline)
{
	if (!green__io_ready(in->fd, POLLIN))
		return green__fd_await(in, deadline);
	if (!green__io_ready(out->fd, POLLOUT))
		return green__fd_await(out, deadline);
	return 0;
}

ssize_t
green_splice(int in, int64_t *in_offset, int out, int64_t *out_offset, size_t n,
	     unsigned flags, int64_t deadline)
{
	struct splice s = { in, out, in_offset, out_offset, n, flags };
	int error = green__io_begin(deadline);
	struct fd_look from, to;
	ssize_t moved;

	if (!error && in_offset)
		error = green__file_warm(in, *in_offset, less(n, PIECE),
					 deadline);
	while (!error) {
		green__fd_look(in, FD_IN, &from);
		green__fd_look(out, FD_OUT, &to);
		moved = try_splice(&s);
		if (moved != -EAGAIN)
			return moved;
		error = await_either(&from, &to, deadline);
	}
	return error;
}
