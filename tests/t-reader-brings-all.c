/* SPDX-License-Identifier: MIT */
/* Proves: a reader brings every byte once and in order, whatever the size of
 * its buffer and wherever the input is cut into pieces; lines are strings and
 * end where they should; one that does not fit is refused and still there; the
 * end in the middle of a line shows; what was read ahead is to be had. */

#include "tap.h"

#include <fcntl.h>
#include <stdbool.h>

#include <green.h>

static int wrong;

/* Empty lines, long ones, bytes of 0 and 255, "\r\n", and no end at the end. */
static const char text[] = "\n\r\none\ntwo and more\r\n\n"
			   "0123456789abcdef0123456789abcdef\n"
			   "\0\n\377\377\nx\n\n"
			   "the last line has no end";
#define LENGTH (sizeof(text) - 1)

/* A descriptor that gives the text in packets of these sizes, in turns: each
 * read gets one of them. */
static int
packets(size_t first, size_t second)
{
	size_t at = 0, n = first;
	int fds[2];

	green_socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds);
	while (at < LENGTH) {
		if (n > LENGTH - at)
			n = LENGTH - at;
		wrong += green_send(fds[1], text + at, n, 0, 0) != (ssize_t)n;
		at += n;
		n = n == first ? second : first;
	}
	green_close(fds[1]);
	return fds[0];
}

static int
file(void)
{
	char name[] = "/tmp/t-reader-XXXXXX";
	int fd = mkstemp(name);

	wrong += fd < 0 || write(fd, text, LENGTH) != (ssize_t)LENGTH;
	wrong += lseek(fd, 0, SEEK_SET) != 0;
	unlink(name);
	return fd;
}

static int
piped(void)
{
	int fds[2];

	green_pipe(fds);
	wrong += green_write_all(fds[1], text, LENGTH, 0) != (ssize_t)LENGTH;
	green_close(fds[1]);
	return fds[0];
}

/* ---- lines --------------------------------------------------------------- */

/* Is this the line that stands there in the text? */
static bool
is_line(const char *line, size_t n, size_t at)
{
	const char *end = memchr(text + at, '\n', LENGTH - at);
	size_t length = end ? (size_t)(end - text) + 1 - at : LENGTH - at;

	return n == length && !memcmp(line, text + at, n) && line[n] == '\0';
}

/* Every line; of one that is too long a few bytes otherwise. Returns how many
 * were too long. */
static int
read_lines(struct green_reader *r, size_t room)
{
	size_t at = 0;
	int refused = 0;
	ssize_t n;
	char *line;

	while ((n = green_reader_line(r, '\n', &line, GREEN_NEVER))) {
		if (n == -EMSGSIZE) {
			char part[2];

			refused++;
			n = green_reader_peek(r, room, &line, GREEN_NEVER);
			wrong += n != (ssize_t)room ||
				 memcmp(line, text + at, room);
			n = green_reader_read(r, part, sizeof(part), 0);
			wrong += n < 1 || memcmp(part, text + at, (size_t)n);
		} else if (n < 0 || !is_line(line, (size_t)n, at)) {
			wrong++;
			break;
		}
		at += (size_t)n;
	}
	wrong += at != LENGTH;
	wrong += green_reader_line(r, '\n', &line, GREEN_NEVER) != 0;
	return refused;
}

static int
lines_of(int fd, size_t size)
{
	struct green_reader r;
	char *buffer = malloc(size);
	int refused;

	wrong += green_reader_init(&r, fd, buffer, size) != 0;
	refused = read_lines(&r, size - 1);
	wrong += green_reader_fini(&r) != 0;
	free(buffer);
	wrong += green_close(fd) != 0;
	return refused;
}

static void
lines(void)
{
	int refused = 0;

	for (size_t size = 2; size <= 70; size++) {
		refused = lines_of(packets(1, 1), size);
		wrong += (refused > 0) != (size < 34);
		lines_of(file(), size);
		lines_of(piped(), size);
	}
	is(wrong, 0, "buffers of any size, byte by byte, from pipes and files");
	/* No packet may be larger than the room for it. */
	for (size_t cut = 1; cut < LENGTH; cut++)
		lines_of(packets(cut, LENGTH), 2 * LENGTH);
	for (size_t first = 1; first < 9; first++)
		for (size_t second = 1; second < 9; second++)
			lines_of(packets(first, second), 2 * LENGTH);
	is(wrong, 0, "cut into pieces anywhere");
}

/* ---- the end, the rest, other delimiters --------------------------------- */

static void
ends(void)
{
	struct green_reader r;
	char *line, c;
	int fd = packets(LENGTH, 1);
	ssize_t n;

	is(green_reader_init(&r, fd, NULL, 0), 0, "a buffer of its own");
	is(green_reader_line(&r, '\0', &line, GREEN_NEVER),
	   (char *)memchr(text, '\0', LENGTH) - text + 1, "up to a zero");
	is(green_reader_line(&r, 255, &line, GREEN_NEVER), 2, "up to 255");
	is(green_reader_line(&r, 256, &line, GREEN_NEVER), -EINVAL, "no byte");
	n = green_reader_line(&r, '?', &line, GREEN_NEVER);
	ok(n > 24 && line[n - 1] == 'd', "no delimiter: the end came before");
	is(green_reader_line(&r, '?', &line, GREEN_NEVER), 0, "the end");
	is(green_reader_exactly(&r, &c, 1, GREEN_NEVER), 0, "of all");
	is(green_reader_read(&r, &c, 1, GREEN_NEVER), 0, "calls");
	is(green_reader_peek(&r, 1, &line, GREEN_NEVER), 0, "alike");
	is(green_reader_fini(&r), 0, "fini");
	is(green_close(fd), 0, "the descriptor is still open");
}

/* What was read ahead is handed over when a protocol changes. */
static void
takes_over(void)
{
	struct green_reader r;
	char *line, rest[LENGTH];
	int fd = packets(20, LENGTH);
	ssize_t n;

	wrong = 0;
	green_reader_init(&r, fd, NULL, 100);
	n = green_reader_line(&r, 'e', &line, GREEN_NEVER);
	is(n, 6, "a line");
	is(green_reader_peek(&r, 0, &line, GREEN_NEVER), 14, "read ahead");
	wrong += memcmp(line, text + 6, 14) != 0;
	is(green_reader_skip(&r, 15), -EINVAL, "not more than that");
	is(green_reader_skip(&r, 14), 0, "taken");
	is(green_reader_peek(&r, 0, &line, 0), 0, "nothing is left");
	n = green_read(fd, rest, sizeof(rest), GREEN_NEVER);
	is(n, LENGTH - 20, "the rest comes from the descriptor");
	wrong += memcmp(rest, text + 20, LENGTH - 20) != 0;
	is(wrong, 0, "as it was written");
	green_reader_fini(&r);
	green_close(fd);
}

/* ---- pieces -------------------------------------------------------------- */

static void
pieces_of(int fd, size_t size, size_t n)
{
	struct green_reader r;
	char got[LENGTH + 1];
	size_t at = 0;
	ssize_t part;

	wrong += green_reader_init(&r, fd, NULL, size) != 0;
	do {
		part = green_reader_exactly(&r, got, n, GREEN_NEVER);
		if (part < 0 || memcmp(got, text + at, (size_t)part)) {
			wrong++;
			break;
		}
		at += (size_t)part;
	} while ((size_t)part == n);
	wrong += at != LENGTH;
	green_reader_fini(&r);
	green_close(fd);
}

static void
pieces(void)
{
	struct green_reader r;
	char got[8] = "";
	char *bytes;
	int fd;

	wrong = 0;
	for (size_t size = 2; size < 12; size++) {
		for (size_t n = 1; n <= LENGTH + 1; n++) {
			pieces_of(packets(1, 1), size, n);
			pieces_of(piped(), size, n);
		}
	}
	is(wrong, 0, "pieces of any size");
	fd = piped();
	green_reader_init(&r, fd, NULL, 5);
	is(green_reader_exactly(&r, got, 0, GREEN_NEVER), 0, "of nothing");
	is(green_reader_read(&r, got, 0, GREEN_NEVER), 0, "a read of nothing");
	is(green_reader_read(&r, got, 2, GREEN_NEVER), 2, "two bytes");
	is(green_reader_read(&r, got, 8, GREEN_NEVER), 2, "what is there");
	is(green_reader_read(&r, got, 8, GREEN_NEVER), 8, "past the buffer");
	is(memcmp(got, text + 4, 8), 0, "which are the right ones");
	is(green_reader_peek(&r, 5, &bytes, GREEN_NEVER), -EMSGSIZE,
	   "more than it holds");
	is(green_reader_peek(&r, 4, &bytes, GREEN_NEVER), 4, "all it holds");
	green_reader_fini(&r);
	green_close(fd);
}

static void
bad_input(void)
{
	struct green_reader r;
	char buffer[4];

	is(green_reader_init(NULL, 0, NULL, 0), -EINVAL, "no reader");
	is(green_reader_init(&r, -1, NULL, 0), -EINVAL, "no descriptor");
	is(green_reader_init(&r, 0, buffer, 1), -EINVAL, "no room");
	is(green_reader_init(&r, 0, buffer, 0), -EINVAL, "none at all");
	is(green_reader_init(&r, 0, NULL, SIZE_MAX), -EINVAL, "too much");
	is(green_reader_fini(NULL), 0, "fini of NULL");
	memset(&r, 0, sizeof(r));
	is(green_reader_fini(&r), 0, "of all zero");
	is(green_reader_line(&r, 0, NULL, 0), -EINVAL, "line: not made");
	is(green_reader_line(NULL, 0, NULL, 0), -EINVAL, "line: NULL");
	is(green_reader_read(NULL, NULL, 0, 0), -EINVAL, "read: NULL");
	is(green_reader_exactly(NULL, NULL, 0, 0), -EINVAL, "exactly: NULL");
	is(green_reader_peek(NULL, 0, NULL, 0), -EINVAL, "peek: NULL");
	is(green_reader_skip(NULL, 0), -EINVAL, "skip: NULL");
	green_reader_init(&r, 1000, buffer, sizeof(buffer));
	is(green_reader_line(&r, '\n', NULL, -1), -EINVAL, "line: negative");
	is(green_reader_read(&r, NULL, 1, 0), -EINVAL, "read: into NULL");
	is(green_reader_exactly(&r, NULL, 1, 0), -EINVAL, "exactly: NULL");
	is(green_reader_line(&r, '\n', NULL, 0), -EBADF, "not open");
}

int
main(void)
{
	lines();
	ends();
	takes_over();
	pieces();
	bad_input();
	return tap_done();
}
