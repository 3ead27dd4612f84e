/* SPDX-License-Identifier: MIT */
#ifndef GREEN_IO_H
#define GREEN_IO_H

/*
 * Reading and writing: the calls of the system, which park a green thread
 * where they would have blocked.
 *
 *	int fd = green_socket(AF_INET, SOCK_STREAM, 0);
 *
 *	green_connect(fd, addr, addrlen, green_after(5 * GREEN_SECOND));
 *	green_write_all(fd, "hello", 5, GREEN_NEVER);
 *	n = green_read(fd, buf, sizeof(buf), green_after(GREEN_SECOND));
 *	green_close(fd);
 *
 * Every descriptor will do, whether it is in blocking mode or not; the mode of
 * one that libgreen did not make is never changed, because other programs may
 * share it. Those that libgreen makes are non-blocking and closed by exec.
 *
 * Any number of threads, of any worker, may use a descriptor at the same time;
 * one reads while another writes, and whoever waits is woken when it is worth
 * trying again. An OS thread without a worker that must wait for a descriptor
 * becomes one (see green/thread.h).
 *
 * Which file a number stands for is the process's affair: libgreen remembers
 * what it knows of a number until green_close(), or until it hands out the same
 * number again. A program that uses, with libgreen, a descriptor which others
 * close, and whose number may be used again, calls green_fd_forget(); with
 * GREEN_DEBUG=fds in the environment it is told if it does not.
 *
 * Besides what the system's call returns, as -errno, all of these return
 * -EAGAIN or -ETIMEDOUT as the deadline says (see green/time.h), -ECANCELED
 * when the caller is cancelled, before anything is done, -EINTR when
 * green_interrupt() ended the wait (a signal does not), -EBADF when the
 * descriptor was closed by green_close() meanwhile, -EINVAL for a negative
 * deadline, -ENOMEM, and -EMFILE when no descriptor was left for the poller. An
 * error other than the system's leaves everything as it was, but for the calls
 * that move several pieces, which say so.
 *
 * After fork() the child has the descriptors, without anybody who waits.
 */

#include <green/base.h>
#include <green/time.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- any descriptor ------------------------------------------------------ */

/**
 * read(2): at most n bytes, as many as there are, at least 1 unless the end has
 * come. May park. Returns the number of bytes, 0 at the end, or an error.
 * Since 0.1.
 */
GREEN_API ssize_t green_read(int fd, void *buf, size_t n, int64_t deadline);

/**
 * write(2): as many of n bytes as there is room for, at least 1. A socket whose
 * other side is gone gives -EPIPE and no signal; a pipe sends SIGPIPE, too, as
 * write(2) does. May park. Returns the number of bytes, or an error. Since 0.1.
 */
GREEN_API ssize_t green_write(int fd, const void *buf, size_t n,
			      int64_t deadline);

/** readv(2): green_read() into n pieces of memory, of which there are at most
 * IOV_MAX. May park. Since 0.1. */
GREEN_API ssize_t green_readv(int fd, const struct iovec *iov, int n,
			      int64_t deadline);

/** writev(2): green_write() from n pieces of memory, of which there are at most
 * IOV_MAX. May park. Since 0.1. */
GREEN_API ssize_t green_writev(int fd, const struct iovec *iov, int n,
			       int64_t deadline);

/**
 * Read n bytes, in as many pieces as they come. May park.
 *
 * Returns n; less if the end came before, or the deadline, a cancellation, an
 * interruption, green_close(), -ENOMEM or -EMFILE, and something was read
 * already. Otherwise an error: any other, which the system tells once, whether
 * something was read or not. Since 0.1.
 */
GREEN_API ssize_t green_read_exactly(int fd, void *buf, size_t n,
				     int64_t deadline);

/**
 * Write n bytes, in as many pieces as it takes. May park.
 *
 * Returns n; less if the deadline, a cancellation, an interruption,
 * green_close(), -ENOMEM or -EMFILE came before, and something was written
 * already. Otherwise an error: any other, whether something was written or not.
 * Since 0.1.
 */
GREEN_API ssize_t green_write_all(int fd, const void *buf, size_t n,
				  int64_t deadline);

/**
 * Wait until a descriptor is ready: events is POLLIN, POLLOUT or both, as for
 * poll(2). A regular file always is. May park.
 *
 * Returns what it is ready for, a number above 0, in which POLLERR, POLLHUP and
 * POLLRDHUP may be, too; -EBADF for one that is not open, -EINVAL for other
 * events, or an error as above. Since 0.1.
 */
GREEN_API int green_fd_wait(int fd, int events, int64_t deadline);

/**
 * poll(2): wait until one of n descriptors is ready for some of its events.
 * revents of each is filled in, with POLLNVAL for one that is not open or was
 * closed meanwhile; those with a negative number are left out. Nothing to wait
 * for, and n 0, waits for the deadline alone; fds may be NULL then. More than 8
 * directions of descriptors take memory from the heap. May park.
 *
 * Returns how many are ready, above 0; -EINVAL for NULL, n above 2^24 or a
 * negative deadline; or an error as above, -EAGAIN and -ETIMEDOUT when none is
 * ready: then each revents is 0. Since 0.1.
 */
GREEN_API int green_poll(struct pollfd *fds, size_t n, int64_t deadline);

/**
 * close(2), after sending away who waits for the descriptor: their calls return
 * -EBADF. Close with this whatever libgreen has used. The number is free again
 * in any case, also after -EINTR or -EIO. A call of another OS thread that does
 * not wait just then may still find the next file that has the number, as with
 * close(2). Does not park, but may block where that does (SO_LINGER, network
 * file systems).
 *
 * Returns 0, -EBADF if it was not open, or what close(2) says. Since 0.1.
 */
GREEN_API int green_close(int fd);

/**
 * Forget what is known of a number, because it stands for another file now: it
 * was closed, and is used again, without libgreen. Who waits for it gets
 * -EBADF. Nothing is closed. Does not park. Returns 0, or -EBADF for a negative
 * number. Since 0.1.
 */
GREEN_API int green_fd_forget(int fd);

/** pipe(2): what is written to ret_fds[1] is read from ret_fds[0]. Does not
 * park. Returns 0 or an error. Since 0.1. */
GREEN_API int green_pipe(int ret_fds[2]);

/* ---- files ----------------------------------------------------------------
 */

/*
 * A file on a disk is always ready, and may block all the same. What is in
 * memory is taken at once, the rest by an OS thread of the pool
 * (green/offload.h), while the caller is parked; green_read() and green_write()
 * do that, too. At most 256 KiB go that way in one call; fewer bytes are no
 * error.
 *
 * When a deadline or a cancellation ends the wait, what was begun goes on
 * behind it: a write may still happen. A deadline of 0 takes what is in memory
 * only, and never writes where the file system cannot say that it would not
 * block.
 */

/** pread(2): read from an offset, leaving the file's own where it is. May park.
 * Returns as green_read(); -ESPIPE for what has no offsets. Since 0.1. */
GREEN_API ssize_t green_pread(int fd, void *buf, size_t n, int64_t offset,
			      int64_t deadline);

/** pwrite(2): write to an offset, leaving the file's own where it is. May park.
 * Returns as green_write(); -ESPIPE for what has no offsets. Since 0.1. */
GREEN_API ssize_t green_pwrite(int fd, const void *buf, size_t n,
			       int64_t offset, int64_t deadline);

/**
 * open(2): flags and mode as there; the descriptor is closed by exec. May park,
 * also until the other end of a FIFO is opened. A file that is opened after the
 * caller stopped to wait is closed again; what O_CREAT has made stays.
 *
 * Returns the descriptor or an error; -EINVAL for a NULL path. Since 0.1.
 */
GREEN_API int
green_open(const char *path, int flags, unsigned mode, int64_t deadline);

/** stat(2). May park. Returns 0 or an error; -EINVAL for NULL. Since 0.1. */
GREEN_API int
green_stat(const char *path, struct stat *ret_stat, int64_t deadline);

/** fsync(2): until what was written is on the disk. May park. Returns 0 or an
 * error. Since 0.1. */
GREEN_API int green_fsync(int fd, int64_t deadline);

/**
 * sendfile(2): as many of n bytes of the file `in` as there is room for in
 * `out`, from *offset on, which is moved; NULL: from where the file stands, and
 * that is moved. At most 256 KiB in one call. May park. Returns the number of
 * bytes, 0 at the end of the file, or an error. Since 0.1.
 */
GREEN_API ssize_t green_sendfile(int out, int in, int64_t *offset, size_t n,
				 int64_t deadline);

/**
 * splice(2): as many of n bytes as there are and as there is room for, from one
 * descriptor to another, one of which is a pipe. Offsets, of files, may be
 * NULL; flags are SPLICE_F_MOVE and SPLICE_F_MORE. May park until one side has
 * something and the other has room. Returns the number of bytes, 0 at the end,
 * or an error. Since 0.1.
 */
GREEN_API ssize_t green_splice(int in, int64_t *in_offset, int out,
			       int64_t *out_offset, size_t n, unsigned flags,
			       int64_t deadline);

/* ---- sockets ------------------------------------------------------------- */

/** socket(2); type without the flags. Does not park. Returns the descriptor or
 * an error. Since 0.1. */
GREEN_API int green_socket(int domain, int type, int protocol);

/** socketpair(2); type without the flags. Does not park. Returns 0 or an error.
 * Since 0.1. */
GREEN_API int
green_socketpair(int domain, int type, int protocol, int ret_fds[2]);

/**
 * accept4(2): the next connection, whose descriptor is the result. ret_addr may
 * be NULL; *ret_len, the size of it, becomes that of the address. May park.
 *
 * -EMFILE, -ENFILE, -ENOBUFS and -ENOMEM say that there is a connection and no
 * room for it: close something, or wait, before trying again. -ECONNABORTED
 * says that one has come and gone. A listener in blocking mode from which other
 * processes accept, too, may hold up the worker until the next connection: the
 * kernel has no other way. Since 0.1.
 */
GREEN_API int green_accept(int fd, struct sockaddr *ret_addr,
			   socklen_t *ret_len, int64_t deadline);

/**
 * connect(2), and wait until the connection is there. May park.
 *
 * After an error of the deadline's, or a cancellation, the attempt goes on in
 * the kernel: close the socket. A socket in blocking mode holds up its worker
 * for up to a tick of the kernel's clock. Where the queue of a UNIX listener is
 * full it is asked every 2 ms, because the kernel does not say when there is
 * room. Returns 0 or an error. Since 0.1.
 */
GREEN_API int green_connect(int fd, const struct sockaddr *addr, socklen_t len,
			    int64_t deadline);

/** shutdown(2). Those who wait see the end, as others do. Does not park.
 * Returns 0 or an error. Since 0.1. */
GREEN_API int green_shutdown(int fd, int how);

/** recv(2), as green_read() with flags: MSG_PEEK, MSG_WAITALL is not honoured
 * (see green_read_exactly()), MSG_DONTWAIT tries once. May park. Since 0.1. */
GREEN_API ssize_t green_recv(int fd, void *buf, size_t n, int flags,
			     int64_t deadline);

/** send(2), as green_write() with flags; MSG_NOSIGNAL is always there. May
 * park. Since 0.1. */
GREEN_API ssize_t green_send(int fd, const void *buf, size_t n, int flags,
			     int64_t deadline);

/** recvfrom(2), for datagrams: who sent it goes to ret_addr, which may be NULL;
 * *ret_len as in green_accept(). May park. Since 0.1. */
GREEN_API ssize_t green_recvfrom(int fd, void *buf, size_t n, int flags,
				 struct sockaddr *ret_addr, socklen_t *ret_len,
				 int64_t deadline);

/** sendto(2), for datagrams. May park. Since 0.1. */
GREEN_API ssize_t green_sendto(int fd, const void *buf, size_t n, int flags,
			       const struct sockaddr *addr, socklen_t len,
			       int64_t deadline);

/** recvmsg(2). MSG_CMSG_CLOEXEC is always there: descriptors that are received
 * are closed by exec. May park. Since 0.1. */
GREEN_API ssize_t green_recvmsg(int fd, struct msghdr *msg, int flags,
				int64_t deadline);

/** sendmsg(2); MSG_NOSIGNAL is always there. May park. Since 0.1. */
GREEN_API ssize_t green_sendmsg(int fd, const struct msghdr *msg, int flags,
				int64_t deadline);

#ifdef __cplusplus
}
#endif

#endif
