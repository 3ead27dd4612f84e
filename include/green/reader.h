/* SPDX-License-Identifier: MIT */
#ifndef GREEN_READER_H
#define GREEN_READER_H

/*
 * A reader: a buffer before a descriptor, for input that comes in lines, or in
 * pieces whose length is known. It knows no protocol.
 *
 *	struct green_reader reader;
 *	char buffer[4096], *line;
 *
 *	green_reader_init(&reader, fd, buffer, sizeof(buffer));
 *	while ((n = green_reader_line(&reader, '\n', &line, deadline)) > 0)
 *		printf("%zd bytes: %s", n, line);
 *	green_reader_fini(&reader);
 *
 * It reads ahead as much as fits its buffer; what was read ahead is always to
 * be had, see green_reader_peek(). The descriptor stays the caller's, and is
 * any that green_read() reads from: sockets, pipes, terminals, files.
 *
 * One thread at a time uses a reader. Bytes that a call returned lie in the
 * buffer and are good until the next call with the same reader.
 *
 * Whatever ends a call before it has what it was to bring (a deadline, a
 * cancellation, an error of the descriptor), nothing is lost: what has come
 * meanwhile stays in the buffer, and the same call can be made again. The
 * calls that may park return what green_read() returns (see green/io.h).
 */

#include <green/base.h>
#include <green/time.h>

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A reader, in memory of the caller's. It may be moved between two calls. */
struct green_reader {
	/** libgreen's own. */
	uint64_t opaque[8];
};

/** Bytes of buffer of a reader that is not told how many. */
#define GREEN_READER_SIZE 8192

/**
 * Make a reader for a descriptor. buffer is size bytes of the caller's, at
 * least 2; NULL: libgreen allocates them, GREEN_READER_SIZE for a size of 0.
 * One byte less is how much it holds. Does not park.
 *
 * Returns 0; -EINVAL for a NULL reader, a negative fd or a wrong size; -ENOMEM.
 * Since 0.1.
 */
GREEN_API int green_reader_init(struct green_reader *reader, int fd,
				void *buffer, size_t size);

/**
 * The end of a reader, of a buffer that libgreen allocated, and of what is in
 * it; the descriptor stays open. Afterwards it is all zero. NULL, or one that
 * is all zero, does nothing. Does not park. Returns 0. Since 0.1.
 */
GREEN_API int green_reader_fini(struct green_reader *reader);

/**
 * The next line: all bytes up to and with the delimiter, mostly '\n'. A zero
 * follows it, so that it is a string. What comes before the delimiter, such as
 * '\r', is left to the caller. May park.
 *
 * Returns how many bytes it has; the last of them is not the delimiter when
 * the end came in the middle of the line. 0 at the end; -EMSGSIZE for a line
 * that the buffer does not hold, of which nothing is taken: the other calls
 * have its bytes; -EINVAL for a delimiter that is no byte; or an error, and
 * nothing is taken. Since 0.1.
 */
GREEN_API ssize_t green_reader_line(struct green_reader *reader, int delimiter,
				    char **ret_line, int64_t deadline);

/**
 * green_read(): at most n bytes, as many as there are. What is in the buffer
 * comes first, and alone. May park. Returns the number of bytes, 0 at the end,
 * or an error. Since 0.1.
 */
GREEN_API ssize_t green_reader_read(struct green_reader *reader, void *buf,
				    size_t n, int64_t deadline);

/**
 * n bytes. May park.
 *
 * Returns n; less if the end came before. After an error nothing was taken if
 * the reader could hold n bytes; if n is more, the call returns how many it has
 * got, if any, and the next one the error. Since 0.1.
 */
GREEN_API ssize_t green_reader_exactly(struct green_reader *reader, void *buf,
				       size_t n, int64_t deadline);

/**
 * Look at what comes next, and take nothing: at least n bytes, and whatever
 * else is in the buffer. With n of 0 that is all that was read ahead, for one
 * who goes on without the reader. May park.
 *
 * Returns how many bytes *ret_bytes points to; less than n if the end came
 * before; -EMSGSIZE if the buffer does not hold n; or an error. Since 0.1.
 */
GREEN_API ssize_t green_reader_peek(struct green_reader *reader, size_t n,
				    char **ret_bytes, int64_t deadline);

/**
 * Take n bytes that were looked at. Does not park. Returns 0; -EINVAL, and
 * takes nothing, for a NULL reader, or if not as many are in the buffer.
 * Since 0.1.
 */
GREEN_API int green_reader_skip(struct green_reader *reader, size_t n);

#ifdef __cplusplus
}
#endif

#endif
