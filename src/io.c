/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing, sockets, pipes.
 *
 * Everything is tried first, in a way that cannot block, and waited for only
 * when that did not work (fd.h). How to try depends on what the number stands
 * for: a socket has MSG_DONTWAIT; what else can be waited for has RWF_NOWAIT,
 * or is asked by poll(2) first, and written to in pieces for which there is
 * room then.
 *
 * Rejected: setting O_NONBLOCK, which belongs to the open file, and so also to
 * the shell whose terminal it is.
 */

#include "config.h"

#include "io.h"

#include "base.h"
#include "fd.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <green/io.h>

/* ---- trying and waiting ------------------------------------------------- */

int
green__io_begin(int64_t deadline)
{
	struct worker *w = green__worker;

	green__choice_point(w);
	if (unlikely(deadline < 0))
		return -EINVAL;
	return w && green__is_cancelled(w->current) ? -ECANCELED : 0;
}

/* It was empty the last time: will a wait really be one? A call whose deadline
 * has passed is to try once, and so is one with flags: it may ask for something
 * else, or not to wait. */
static inline bool
wait_first(const struct io *io, const struct fd_look *look, int64_t deadline)
{
	return green__fd_is_drained(look) && !io->flags &&
	       (deadline == GREEN_NEVER || !green__deadline_check(deadline));
}

static ssize_t
try_once(struct io *io, green__io_fn *try)
{
	ssize_t n;

	do
		n = try(io);
	while (unlikely(n == -EINTR));
	return n;
}

static inline ssize_t
run(struct io *io, enum fd_way way, green__io_fn *try, int64_t deadline)
{
	struct fd_look look;
	ssize_t n = green__io_begin(deadline);

	if (unlikely(n))
		return n;
	green__fd_look(io->fd, way, &look);
	n = wait_first(io, &look, deadline) ? -EAGAIN : try_once(io, try);
	while (n == -EAGAIN && !(io->flags & MSG_DONTWAIT)) {
		n = green__fd_await(&look, deadline);
		if (n)
			return n;
		n = try_once(io, try);
	}
	if (way == FD_IN && n > 0 && (size_t)n < io->size)
		green__fd_drained(&look);
	return n;
}

ssize_t
green__io_run(struct io *io, enum fd_way way, green__io_fn *try,
	      int64_t deadline)
{
	return run(io, way, try, deadline);
}

/* ---- sockets ------------------------------------------------------------- */

static ssize_t
try_recv(struct io *io)
{
	return green__io_result(recv(io->fd, io->iov->iov_base,
				     io->iov->iov_len,
				     io->flags | MSG_DONTWAIT));
}

static ssize_t
try_send(struct io *io)
{
	return green__io_result(send(io->fd, io->iov->iov_base,
				     io->iov->iov_len,
				     io->flags | MSG_DONTWAIT | MSG_NOSIGNAL));
}

static ssize_t
try_recvfrom(struct io *io)
{
	return green__io_result(
		recvfrom(io->fd, io->iov->iov_base, io->iov->iov_len,
			 io->flags | MSG_DONTWAIT, io->addr, io->len));
}

static ssize_t
try_sendto(struct io *io)
{
	return green__io_result(sendto(
		io->fd, io->iov->iov_base, io->iov->iov_len,
		io->flags | MSG_DONTWAIT | MSG_NOSIGNAL, io->addr, *io->len));
}

static ssize_t
try_recvmsg(struct io *io)
{
	return green__io_result(recvmsg(
		io->fd, io->msg, io->flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
}

static ssize_t
try_sendmsg(struct io *io)
{
	return green__io_result(sendmsg(
		io->fd, io->msg, io->flags | MSG_DONTWAIT | MSG_NOSIGNAL));
}

/* Who reads urgent data leaves a mark among the bytes, at which reads stop. */
static inline void
note_flags(int fd, int flags)
{
	if (unlikely(flags & MSG_OOB))
		green__fd_note_special(fd);
}

ssize_t
green_recv(int fd, void *buf, size_t n, int flags, int64_t deadline)
{
	struct iovec iov = { .iov_base = buf, .iov_len = n };
	struct io io = { .fd = fd,
			 .flags = flags & ~MSG_WAITALL,
			 .iov = &iov,
			 /* What is only seen is still there. */
			 .size = flags ? 0 : n };

	note_flags(fd, flags);
	return run(&io, FD_IN, try_recv, deadline);
}

ssize_t
green_send(int fd, const void *buf, size_t n, int flags, int64_t deadline)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = n };
	struct io io = { .fd = fd, .flags = flags, .iov = &iov };

	return run(&io, FD_OUT, try_send, deadline);
}

ssize_t
green_recvfrom(int fd, void *buf, size_t n, int flags,
	       struct sockaddr *ret_addr, socklen_t *ret_len, int64_t deadline)
{
	struct iovec iov = { .iov_base = buf, .iov_len = n };
	struct io io = { .fd = fd,
			 .flags = flags & ~MSG_WAITALL,
			 .iov = &iov,
			 .addr = ret_addr,
			 .len = ret_len };

	if (ret_addr && !ret_len)
		return -EINVAL;
	note_flags(fd, flags);
	return run(&io, FD_IN, try_recvfrom, deadline);
}

ssize_t
green_sendto(int fd, const void *buf, size_t n, int flags,
	     const struct sockaddr *addr, socklen_t len, int64_t deadline)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = n };
	struct io io = { .fd = fd,
			 .flags = flags,
			 .iov = &iov,
			 .addr = (struct sockaddr *)addr,
			 .len = &len };

	return run(&io, FD_OUT, try_sendto, deadline);
}

/* Descriptors that have come with a message are new ones. */
static void
note_received(struct msghdr *msg)
{
	struct cmsghdr *c;
	int fd;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t size = c->cmsg_len - CMSG_LEN(0), i;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (i = 0; i + sizeof(fd) <= size; i += sizeof(fd)) {
			memcpy(&fd, CMSG_DATA(c) + i, sizeof(fd));
			green__fd_born(fd, FD_UNKNOWN);
		}
	}
}

ssize_t
green_recvmsg(int fd, struct msghdr *msg, int flags, int64_t deadline)
{
	struct io io = { .fd = fd, .flags = flags & ~MSG_WAITALL, .msg = msg };
	ssize_t n;

	if (!msg)
		return -EINVAL;
	note_flags(fd, flags);
	n = run(&io, FD_IN, try_recvmsg, deadline);
	if (n >= 0 && msg->msg_controllen)
		note_received(msg);
	return n;
}

ssize_t
green_sendmsg(int fd, const struct msghdr *msg, int flags, int64_t deadline)
{
	struct io io = { .fd = fd, .flags = flags, .msg = (void *)msg };

	return msg ? run(&io, FD_OUT, try_sendmsg, deadline) : -EINVAL;
}

/* Over whatever descriptors are known to be: read() and write() of sockets. */
static ssize_t
try_recv_pieces(struct io *io)
{
	struct msghdr msg = { .msg_iov = io->iov,
			      .msg_iovlen = (size_t)io->pieces };

	return green__io_result(recvmsg(io->fd, &msg, MSG_DONTWAIT));
}

static ssize_t
try_send_pieces(struct io *io)
{
	struct msghdr msg = { .msg_iov = io->iov,
			      .msg_iovlen = (size_t)io->pieces };

	return green__io_result(
		sendmsg(io->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL));
}

/* ---- what else can be waited for ------------------------------------------
 */

bool
green__io_ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return green__fd_ask(&p) != 0;
}

/* What is not ready may be of no use for this at all: -EAGAIN if it is. */
static ssize_t
could(int fd, ssize_t (*transfer)(int fd, const struct iovec *iov, int pieces))
{
	static const struct iovec nothing;

	return transfer(fd, &nothing, 1) < 0 ? -errno : -EAGAIN;
}

static ssize_t
try_read(struct io *io)
{
	if (!green__fd_no_nowait(io->fd)) {
		ssize_t n = preadv2(io->fd, io->iov, io->pieces, -1,
				    RWF_NOWAIT);

		if (n >= 0 || !green__fd_knows_no_nowait(io->fd))
			return green__io_result(n);
	}
	if (!green__io_ready(io->fd, POLLIN))
		return could(io->fd, readv);
	return green__io_result(readv(io->fd, io->iov, io->pieces));
}

/* What poll(2) calls room is that much at least. */
static ssize_t
write_some(struct io *io)
{
	struct iovec first;
	int i = 0;

	if (io->size <= PIPE_BUF)
		return green__io_result(writev(io->fd, io->iov, io->pieces));
	while (!io->iov[i].iov_len)
		i++;
	first = io->iov[i];
	if (first.iov_len > PIPE_BUF)
		first.iov_len = PIPE_BUF;
	return green__io_result(write(io->fd, first.iov_base, first.iov_len));
}

static ssize_t
try_write(struct io *io)
{
	if (!green__fd_no_nowait(io->fd)) {
		ssize_t n = pwritev2(io->fd, io->iov, io->pieces, -1,
				     RWF_NOWAIT);

		if (n >= 0 || !green__fd_knows_no_nowait(io->fd))
			return green__io_result(n);
	}
	if (!green__io_ready(io->fd, POLLOUT))
		return could(io->fd, writev);
	return write_some(io);
}

/* ---- any descriptor ------------------------------------------------------ */

/* Nothing to wait for, and it may block all the same. */
static ssize_t
on_file(struct io *io, int64_t deadline,
	ssize_t (*transfer)(int fd, const struct iovec *iov, int pieces,
			    size_t size, int64_t offset, int64_t deadline))
{
	int error = green__io_begin(deadline);

	return error ? error
		     : transfer(io->fd, io->iov, io->pieces, io->size,
				FILE_HERE, deadline);
}

/* A read of nothing takes nothing, not even a datagram, and need not wait. */
static noinline ssize_t
read_nothing(struct io *io, int64_t deadline)
{
	ssize_t n = green__io_begin(deadline);

	return n ? n : green__io_result(readv(io->fd, io->iov, io->pieces));
}

static ssize_t
read_pieces(struct io *io, int64_t deadline)
{
	int kind = green__fd_kind(io->fd);

	if (unlikely(!io->size) && kind >= 0)
		return read_nothing(io, deadline);
	switch (kind) {
	case FD_STREAM:
	case FD_SOCKET:
		return run(io, FD_IN, try_recv_pieces, deadline);
	case FD_PIPE:
	case FD_TTY:
		return run(io, FD_IN, try_read, deadline);
	case FD_FILE:
		return on_file(io, deadline, green__file_read);
	default:
		return kind;
	}
}

static ssize_t
write_pieces(struct io *io, int64_t deadline)
{
	int kind = green__fd_kind(io->fd);

	switch (kind) {
	case FD_STREAM:
	case FD_SOCKET:
		return run(io, FD_OUT, try_send_pieces, deadline);
	case FD_PIPE:
		return run(io, FD_OUT, try_write, deadline);
	case FD_TTY: /* which takes as long as its reader likes */
	case FD_FILE:
		return on_file(io, deadline, green__file_write);
	default:
		return kind;
	}
}

/* Fill in the sizes; false: too much, or too many. */
static bool
add_up(struct io *io)
{
	int i;

	if (io->pieces < 0 || io->pieces > IOV_MAX || (io->pieces && !io->iov))
		return false;
	for (i = 0; i < io->pieces; i++)
		if (__builtin_add_overflow(io->size, io->iov[i].iov_len,
					   &io->size) ||
		    io->size > SSIZE_MAX)
			return false;
	return true;
}

ssize_t
green_readv(int fd, const struct iovec *iov, int n, int64_t deadline)
{
	struct io io = { .fd = fd, .iov = (struct iovec *)iov, .pieces = n };

	return add_up(&io) ? read_pieces(&io, deadline) : -EINVAL;
}

ssize_t
green_writev(int fd, const struct iovec *iov, int n, int64_t deadline)
{
	struct io io = { .fd = fd, .iov = (struct iovec *)iov, .pieces = n };

	return add_up(&io) ? write_pieces(&io, deadline) : -EINVAL;
}

ssize_t
green_read(int fd, void *buf, size_t n, int64_t deadline)
{
	struct iovec iov = { .iov_base = buf, .iov_len = n };

	return green_readv(fd, &iov, 1, deadline);
}

ssize_t
green_write(int fd, const void *buf, size_t n, int64_t deadline)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = n };

	return green_writev(fd, &iov, 1, deadline);
}

/* Does the next call return that error, too, or is it the caller's own doing?
 * What has happened to a connection the kernel tells once. */
static bool
is_told_again(ssize_t error, int64_t deadline)
{
	switch (error) {
	case -EAGAIN:
	case -EBADF:
	case -ECANCELED:
	case -EINTR:
	case -EMFILE:
	case -ENOMEM:
		return true;
	case -ETIMEDOUT:
		return deadline <= green_now();
	default:
		return false;
	}
}

ssize_t
green_read_exactly(int fd, void *buf, size_t n, int64_t deadline)
{
	size_t done = 0;
	ssize_t got;

	do {
		got = green_read(fd, (char *)buf + done, n - done, deadline);
		if (got > 0)
			done += (size_t)got;
	} while (got > 0 && done < n);
	if (got < 0 && !(done && is_told_again(got, deadline)))
		return got;
	return (ssize_t)done;
}

ssize_t
green_write_all(int fd, const void *buf, size_t n, int64_t deadline)
{
	size_t done = 0;
	ssize_t put;

	do {
		put = green_write(fd, (const char *)buf + done, n - done,
				  deadline);
		if (put > 0)
			done += (size_t)put;
	} while (put > 0 && done < n);
	if (put < 0 && !(done && is_told_again(put, deadline)))
		return put;
	return (ssize_t)done;
}

int
green_close(int fd)
{
	uint32_t closing;
	int error;

	if (fd < 0)
		return -EBADF;
	closing = green__fd_closing(fd);
	error = close(fd) ? -errno : 0;
	green__fd_closed(fd, closing);
	return error;
}

int
green_fd_forget(int fd)
{
	if (fd < 0)
		return -EBADF;
	green__fd_forget(fd);
	return 0;
}

int
green_pipe(int ret_fds[2])
{
	int fds[2];

	if (!ret_fds)
		return -EINVAL;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	green__fd_born(fds[0], FD_PIPE);
	green__fd_born(fds[1], FD_PIPE);
	memcpy(ret_fds, fds, sizeof(fds));
	return 0;
}

/* ---- connections --------------------------------------------------------- */

#define NEW_SOCKET (SOCK_CLOEXEC | SOCK_NONBLOCK)
/* Between two tries of what the kernel does not tell the end of. */
#define QUEUE_PAUSE (2 * GREEN_MILLISECOND)

static enum fd_kind
kind_of(int domain, int type, int protocol)
{
	return (domain == AF_INET || domain == AF_INET6) &&
			       type == SOCK_STREAM &&
			       (!protocol || protocol == IPPROTO_TCP)
		       ? FD_STREAM
		       : FD_SOCKET;
}

int
green_socket(int domain, int type, int protocol)
{
	int fd = socket(domain, type | NEW_SOCKET, protocol);

	if (fd < 0)
		return -errno;
	green__fd_born(fd, kind_of(domain, type, protocol));
	return fd;
}

int
green_socketpair(int domain, int type, int protocol, int ret_fds[2])
{
	int fds[2];

	if (!ret_fds)
		return -EINVAL;
	if (socketpair(domain, type | NEW_SOCKET, protocol, fds))
		return -errno;
	green__fd_born(fds[0], FD_SOCKET);
	green__fd_born(fds[1], FD_SOCKET);
	memcpy(ret_fds, fds, sizeof(fds));
	return 0;
}

bool
green__io_blocks(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && !(flags & O_NONBLOCK);
}

static ssize_t
try_accept(struct io *io)
{
	if (green__io_blocks(io->fd) && !green__io_ready(io->fd, POLLIN))
		return -EAGAIN;
	return green__io_result(accept4(io->fd, io->addr, io->len, NEW_SOCKET));
}

int
green_accept(int fd, struct sockaddr *ret_addr, socklen_t *ret_len,
	     int64_t deadline)
{
	struct io io = { .fd = fd, .addr = ret_addr, .len = ret_len };
	ssize_t new;

	if (ret_addr && !ret_len)
		return -EINVAL;
	new = run(&io, FD_IN, try_accept, deadline);
	/* A connection is what its listener is. */
	if (new >= 0)
		green__fd_born((int)new,
			       (enum fd_kind)green__fd_kind(fd) == FD_STREAM
				       ? FD_STREAM
				       : FD_SOCKET);
	return (int)new;
}

/* In blocking mode connect(2) waits for as long as a send would: let that be
 * no time. */
static int
begin_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	static const struct timeval shortest = { .tv_usec = 1 };
	struct timeval old;
	socklen_t size = sizeof(old);
	bool changed = green__io_blocks(fd) &&
		       !getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &old, &size) &&
		       !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &shortest,
				   sizeof(shortest));
	int error = connect(fd, addr, len) ? -errno : 0;

	if (changed)
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &old, sizeof(old));
	return error;
}

static int
pending_error(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return -errno;
	return -error;
}

/* The queue of a UNIX listener is full, and the kernel tells nobody when it is
 * not: ask now and then. */
static int
await_a_while(struct fd_look *look, int64_t deadline)
{
	int64_t until = green_after(QUEUE_PAUSE);
	int error;

	error = green__fd_await(look, until < deadline ? until : deadline);
	return error == -ETIMEDOUT && until < deadline ? 0 : error;
}

int
green_connect(int fd, const struct sockaddr *addr, socklen_t len,
	      int64_t deadline)
{
	struct fd_look look;
	int error = green__io_begin(deadline);

	if (error)
		return error;
	green__fd_look(fd, FD_OUT, &look);
	while ((error = begin_connect(fd, addr, len)) == -EAGAIN && addr &&
	       addr->sa_family == AF_UNIX) {
		error = await_a_while(&look, deadline);
		if (error)
			return error;
	}
	if (error != -EINPROGRESS && error != -EALREADY && error != -EINTR)
		return error;
	while (!green__io_ready(fd, POLLOUT)) {
		error = green__fd_await(&look, deadline);
		if (error)
			return error;
	}
	return pending_error(fd);
}

int
green_shutdown(int fd, int how)
{
	return shutdown(fd, how) ? -errno : 0;
}
