/* SPDX-License-Identifier: MIT */
#ifndef GREEN__IO_H
#define GREEN__IO_H

/*
 * Calls on descriptors that are tried, and waited for when that did not work.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "fd.h"

/* The arguments of a call that is tried, perhaps again. */
struct io {
	int fd;
	int flags;
	struct iovec *iov; /* pieces */
	int pieces;
	size_t size; /* bytes of all of them; a read of less is a short one */
	struct sockaddr *addr;
	socklen_t *len;
	struct msghdr *msg;
	int from; /* sendfile() */
	int64_t *offset;
};

/* Without blocking. Returns -EAGAIN where that would have happened. */
typedef ssize_t green__io_fn(struct io *io);

/* What a system call has returned. */
static inline ssize_t
green__io_result(ssize_t n)
{
	return unlikely(n < 0) ? -errno : n;
}

/* First thing in each call that can block: 0, -EINVAL or -ECANCELED. */
int green__io_begin(int64_t deadline);
/* Begin, try, and wait as often as it takes. */
ssize_t green__io_run(struct io *io, enum fd_way way, green__io_fn *try,
		      int64_t deadline);

/* POLLIN or POLLOUT, or an error that makes it not worth waiting. */
bool green__io_ready(int fd, short events);
/* Is it in blocking mode? */
bool green__io_blocks(int fd);

#endif
