/* SPDX-License-Identifier: MIT */
/*
 * Files. The kernel calls one ready whether its bytes are in memory or not, so
 * there is nothing to wait for. What is in memory is taken at once
 * (RWF_NOWAIT, RESOLVE_CACHED), without another OS thread; the rest is a job
 * for the pool (offload.h).
 *
 * A job works on copies: of the bytes, the path, and of the descriptor. Whoever
 * gave up waiting may free the memory, and close the number and have it again
 * for another file, while the pool is still at it.
 *
 * Rejected: letting the pool write into the caller's memory, and waiting for it
 * even after the deadline: a disk that is gone would hold the caller for ever.
 */

#include "config.h"

#include "file.h"

#include "base.h"
#include "fd.h"
#include "io.h"
#include "offload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include <green/io.h>

/* A job copies at most so much; a call that wants more gets less. */
#define COPY_MAX (256 * 1024)

/* ---- reading and writing --------------------------------------------------
 */

struct transfer {
	int fd;
	int64_t offset;
	size_t size;
	ssize_t result;
	char bytes[];
};

static void *
read_job(void *arg)
{
	struct transfer *t = arg;

	t->result = green__io_result(
		t->offset == FILE_HERE
			? read(t->fd, t->bytes, t->size)
			: pread(t->fd, t->bytes, t->size, t->offset));
	return NULL;
}

static void *
write_job(void *arg)
{
	struct transfer *t = arg;

	t->result = green__io_result(
		t->offset == FILE_HERE
			? write(t->fd, t->bytes, t->size)
			: pwrite(t->fd, t->bytes, t->size, t->offset));
	return NULL;
}

/* From or into pieces, as far as size bytes reach. */
static void
gather(char *to, const struct iovec *iov, size_t size)
{
	for (; size; iov++) {
		size_t n = iov->iov_len < size ? iov->iov_len : size;

		memcpy(to, iov->iov_base, n);
		to += n;
		size -= n;
	}
}

static void
scatter(const struct iovec *iov, const char *from, size_t size)
{
	for (; size; iov++) {
		size_t n = iov->iov_len < size ? iov->iov_len : size;

		memcpy(iov->iov_base, from, n);
		from += n;
		size -= n;
	}
}

static struct green_job *
transfer_create(green_fn fn, int fd, size_t size, int64_t offset)
{
	struct green_job *job = NULL;
	struct transfer *t;

	size = size < COPY_MAX ? size : COPY_MAX;
	job = green__job_create(fn, sizeof(*t) + size);
	if (!job)
		return NULL;
	t = green__job_block(job);
	t->fd = fd;
	t->size = size;
	t->offset = offset;
	return job;
}

static void
forget_transfer(void *block, void *value)
{
	const struct transfer *t = block;

	(void)value;
	close(t->fd);
}

/* With a descriptor of its own: who gives up may close the number, and have it
 * again for something else, before the pool comes to use it. */
static ssize_t
transfer_begin(green_fn fn, int fd, size_t size, int64_t offset,
	       struct green_job **ret_job)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0)
		return -errno;
	*ret_job = transfer_create(fn, own, size, offset);
	if (*ret_job)
		return 0;
	close(own);
	return -ENOMEM;
}

/* The result of one that is done; the job is to be freed. */
static ssize_t
transfer_end(struct green_job *job)
{
	const struct transfer *t = green__job_block(job);

	close(t->fd);
	return t->result;
}

static ssize_t
offload_read(int fd, const struct iovec *iov, size_t size, int64_t offset,
	     int64_t deadline)
{
	struct green_job *job = NULL;
	struct transfer *t;
	ssize_t n = transfer_begin(read_job, fd, size, offset, &job);

	if (!n)
		n = green__job_call(job, deadline, forget_transfer);
	if (n)
		return n;
	t = green__job_block(job);
	n = transfer_end(job);
	if (n > 0 && iov)
		scatter(iov, t->bytes, (size_t)n);
	green__job_free(job);
	return n;
}

static ssize_t
offload_write(int fd, const struct iovec *iov, size_t size, int64_t offset,
	      int64_t deadline)
{
	struct green_job *job = NULL;
	struct transfer *t;
	ssize_t n = transfer_begin(write_job, fd, size, offset, &job);

	if (n)
		return n;
	t = green__job_block(job);
	gather(t->bytes, iov, t->size);
	n = green__job_call(job, deadline, forget_transfer);
	if (n)
		return n;
	n = transfer_end(job);
	green__job_free(job);
	return n;
}

/* What is in memory, or room for it, without waiting; -EAGAIN: it is not. */
static ssize_t
read_now(int fd, const struct iovec *iov, int pieces, int64_t offset)
{
	ssize_t n = -1;

	if (green__fd_no_nowait(fd))
		return -EAGAIN;
	n = preadv2(fd, iov, pieces, offset, RWF_NOWAIT);
	return n < 0 && green__fd_knows_no_nowait(fd) ? -EAGAIN
						      : green__io_result(n);
}

static ssize_t
write_now(int fd, const struct iovec *iov, int pieces, int64_t offset)
{
	ssize_t n = -1;

	if (green__fd_no_nowait(fd))
		return -EAGAIN;
	n = pwritev2(fd, iov, pieces, offset, RWF_NOWAIT);
	return n < 0 && green__fd_knows_no_nowait(fd) ? -EAGAIN
						      : green__io_result(n);
}

ssize_t
green__file_read(int fd, const struct iovec *iov, int pieces, size_t size,
		 int64_t offset, int64_t deadline)
{
	ssize_t n = read_now(fd, iov, pieces, offset);

	if (n != -EAGAIN)
		return n;
	return offload_read(fd, iov, size, offset, deadline);
}

ssize_t
green__file_write(int fd, const struct iovec *iov, int pieces, size_t size,
		  int64_t offset, int64_t deadline)
{
	ssize_t n = write_now(fd, iov, pieces, offset);

	if (n != -EAGAIN)
		return n;
	return offload_write(fd, iov, size, offset, deadline);
}

int
green__file_warm(int fd, int64_t offset, size_t size, int64_t deadline)
{
	char last;
	struct iovec iov = { .iov_base = &last, .iov_len = 1 };
	ssize_t n;

	if (!size)
		return 0;
	n = read_now(fd, &iov, 1, offset + (int64_t)size - 1);
	/* Past the end; that is for the first byte to tell. */
	if (!n)
		n = read_now(fd, &iov, 1, offset);
	if (n == -EAGAIN)
		n = offload_read(fd, NULL, size, offset, deadline);
	return n < 0 ? (int)n : 0;
}

/* Of something that has no offset, the kernel says so at once. */
static bool
has_offset(int fd)
{
	return green__fd_kind(fd) == FD_FILE;
}

ssize_t
green_pread(int fd, void *buf, size_t n, int64_t offset, int64_t deadline)
{
	struct iovec iov = { .iov_base = buf, .iov_len = n };
	int error = green__io_begin(deadline);

	if (error || offset < 0 || n > SSIZE_MAX)
		return error ? error : -EINVAL;
	if (!has_offset(fd))
		return green__io_result(pread(fd, buf, n, offset));
	return green__file_read(fd, &iov, 1, n, offset, deadline);
}

ssize_t
green_pwrite(int fd, const void *buf, size_t n, int64_t offset,
	     int64_t deadline)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = n };
	int error = green__io_begin(deadline);

	if (error || offset < 0 || n > SSIZE_MAX)
		return error ? error : -EINVAL;
	if (!has_offset(fd))
		return green__io_result(pwrite(fd, buf, n, offset));
	return green__file_write(fd, &iov, 1, n, offset, deadline);
}

/* ---- by name ---------------------------------------------------------------
 */

struct named {
	int flags;
	unsigned mode;
	int result;
	struct stat stat;
	char path[];
};

/* Open what is named if the names are all in memory; -EAGAIN: they are not, or
 * it is something whose opening can wait, or do something. Whether it is that
 * is seen by a descriptor that stands for the name only. */
static int
open_now(const char *path, int flags, struct stat *ret_stat)
{
#ifdef HAVE_LINUX_OPENAT2_H
	struct open_how how = { .resolve = RESOLVE_CACHED };
	bool by_name = flags & O_PATH;
	struct stat st;
	int fd;

	if (flags & (O_CREAT | O_TRUNC | __O_TMPFILE))
		return -EAGAIN;
	how.flags = O_PATH | O_CLOEXEC |
		    (unsigned)(flags & (O_NOFOLLOW | O_DIRECTORY));
	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	/* The pool finds out what else may be wrong. */
	if (fd < 0)
		return -EAGAIN;
	if (fstat(fd, &st) ||
	    (!by_name && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
		close(fd);
		return -EAGAIN;
	}
	if (ret_stat)
		*ret_stat = st;
	if (by_name)
		return fd;
	close(fd);
	/* Non-blocking, in case that it is something else by now. */
	how.flags = (unsigned)flags | O_CLOEXEC | O_NONBLOCK;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	return fd < 0 ? -EAGAIN : fd;
#else
	(void)path;
	(void)flags;
	(void)ret_stat;
	return -EAGAIN;
#endif
}

static void *
open_job(void *arg)
{
	struct named *n = arg;

	n->result = open(n->path, n->flags | O_CLOEXEC, n->mode);
	if (n->result < 0)
		n->result = -errno;
	return n;
}

/* Opened for nobody; value: NULL if it was not. */
static void
forget_open(void *block, void *value)
{
	const struct named *n = value;

	(void)block;
	if (n && n->result >= 0)
		close(n->result);
}

static void *
stat_job(void *arg)
{
	struct named *n = arg;

	n->result = stat(n->path, &n->stat) ? -errno : 0;
	return n;
}

static struct green_job *
named_create(green_fn fn, const char *path)
{
	size_t size = strlen(path) + 1;
	struct green_job *job = green__job_create(fn,
						  sizeof(struct named) + size);
	struct named *n;

	if (!job)
		return NULL;
	n = green__job_block(job);
	memcpy(n->path, path, size);
	return job;
}

static int
offload_open(const char *path, int flags, unsigned mode, int64_t deadline)
{
	struct green_job *job = named_create(open_job, path);
	struct named *n;
	int error;

	if (!job)
		return -ENOMEM;
	n = green__job_block(job);
	n->flags = flags;
	n->mode = mode;
	error = green__job_call(job, deadline, forget_open);
	if (error)
		return error;
	error = n->result;
	green__job_free(job);
	return error;
}

int
green_open(const char *path, int flags, unsigned mode, int64_t deadline)
{
	int fd = path ? green__io_begin(deadline) : -EINVAL;

	if (fd)
		return fd;
	fd = open_now(path, flags, NULL);
	if (fd == -EAGAIN)
		fd = offload_open(path, flags, mode, deadline);
	if (fd >= 0)
		green__fd_born(fd, FD_UNKNOWN);
	return fd;
}

static int
offload_stat(const char *path, struct stat *ret_stat, int64_t deadline)
{
	struct green_job *job = named_create(stat_job, path);
	struct named *n;
	int error;

	if (!job)
		return -ENOMEM;
	n = green__job_block(job);
	error = green__job_call(job, deadline, NULL);
	if (error)
		return error;
	error = n->result;
	if (!error)
		*ret_stat = n->stat;
	green__job_free(job);
	return error;
}

int
green_stat(const char *path, struct stat *ret_stat, int64_t deadline)
{
	int fd = path && ret_stat ? green__io_begin(deadline) : -EINVAL;

	if (fd)
		return fd;
	fd = open_now(path, O_PATH, ret_stat);
	if (fd == -EAGAIN)
		return offload_stat(path, ret_stat, deadline);
	close(fd);
	return 0;
}

/* ---- to the disk ------------------------------------------------------------
 */

static void *
fsync_job(void *arg)
{
	struct transfer *t = arg;

	t->result = fsync(t->fd) ? -errno : 0;
	return NULL;
}

int
green_fsync(int fd, int64_t deadline)
{
	struct green_job *job = NULL;
	int error = green__io_begin(deadline);

	if (!error)
		error = (int)transfer_begin(fsync_job, fd, 0, 0, &job);
	if (!error)
		error = green__job_call(job, deadline, forget_transfer);
	if (error)
		return error;
	error = (int)transfer_end(job);
	green__job_free(job);
	return error;
}
