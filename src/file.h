/* SPDX-License-Identifier: MIT */
#ifndef GREEN__FILE_H
#define GREEN__FILE_H

/*
 * Files that are always ready, and block all the same: those on disks, and
 * terminals that are written to.
 */

#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Where the file stands: the offset of read() and write(). */
#define FILE_HERE (-1)

/* Read or write size bytes in pieces, at an offset or FILE_HERE, or fewer, as
 * read(2) and write(2) do; the caller is neither cancelled nor is the deadline
 * negative. May park. Returns the number of bytes or -errno. */
ssize_t green__file_read(int fd, const struct iovec *iov, int pieces,
			 size_t size, int64_t offset, int64_t deadline);
ssize_t green__file_write(int fd, const struct iovec *iov, int pieces,
			  size_t size, int64_t offset, int64_t deadline);

/* Bring these bytes into memory, where reading does not block. Returns 0 or
 * -errno. */
int green__file_warm(int fd, int64_t offset, size_t size, int64_t deadline);

#endif
