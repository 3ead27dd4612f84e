/* SPDX-License-Identifier: MIT */
/* Proves: files are opened, read, written, flushed and sent through the same
 * calls, whether the kernel can do it without blocking or the pool must;
 * another thread runs while the pool is busy; a FIFO waits for its other end,
 * and what is opened for one who gave up is closed again; and bad input gets a
 * clear error. */

#include "tap.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include <green.h>

#define SIZE 600000 /* more than one piece */

static char folder[] = "/tmp/green-files-XXXXXX";
static char path[64], fifo[64];

static char
pattern(int64_t i)
{
	return (char)(i * 5 + i / 777);
}

/* ---- reading and writing ---------------------------------------------------
 */

static void
write_it(int fd)
{
	char *bytes = malloc(SIZE);

	for (int i = 0; i < SIZE; i++)
		bytes[i] = pattern(i);
	is(green_write_all(fd, bytes, SIZE, GREEN_NEVER), SIZE, "written");
	is(green_pwrite(fd, "", 1, SIZE, GREEN_NEVER), 1, "at an offset");
	is(lseek(fd, 0, SEEK_CUR), SIZE, "which is not that of the file");
	is(green_fsync(fd, GREEN_NEVER), 0, "on the disk");
	is(ftruncate(fd, SIZE), 0, "shortened");
	free(bytes);
}

static bool
is_pattern(const char *bytes, int64_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != pattern(from + (int64_t)i))
			return false;
	return true;
}

static void
read_it(int fd)
{
	char *bytes = malloc(SIZE);

	lseek(fd, 0, SEEK_SET);
	is(green_read_exactly(fd, bytes, SIZE, GREEN_NEVER), SIZE, "read");
	ok(is_pattern(bytes, 0, SIZE), "as it was written");
	is(green_read(fd, bytes, 1, GREEN_NEVER), 0, "the end");
	is(green_pread(fd, bytes, 100, 1000, GREEN_NEVER), 100,
	   "read at an offset");
	ok(is_pattern(bytes, 1000, 100), "what is there");
	is(green_pread(fd, bytes, 1, SIZE, GREEN_NEVER), 0, "beyond the end");
	free(bytes);
}

static void
pieces(int fd)
{
	char a[10], b[1000], c[7];
	struct iovec iov[3] = { { a, sizeof(a) },
				{ b, sizeof(b) },
				{ c, sizeof(c) } };

	lseek(fd, 0, SEEK_SET);
	is(green_readv(fd, iov, 3, GREEN_NEVER), 1017, "in pieces");
	ok(is_pattern(a, 0, 10) && is_pattern(b, 10, 1000) &&
		   is_pattern(c, 1010, 7),
	   "each its own");
}

/* ---- sending ---------------------------------------------------------------
 */

static int ends[2];

static void *
receives(void *arg)
{
	char *bytes = malloc(SIZE);
	ssize_t n = green_read_exactly(ends[1], bytes, SIZE, GREEN_NEVER);

	(void)arg;
	if (n != SIZE || !is_pattern(bytes, 0, SIZE))
		n = -1;
	free(bytes);
	return (void *)(intptr_t)n;
}

/* With this call, which sends a piece and moves *at. */
static void
send_with(const char *what, int in,
	  ssize_t (*send)(int in, int64_t *at, size_t n))
{
	int64_t at = 0;
	ssize_t n = 1;
	void *value;
	green_t id;

	green_spawn(&id, NULL, receives, NULL);
	while (at < SIZE && n > 0)
		n = send(in, &at, (size_t)(SIZE - at));
	is(at, SIZE, "%s: sent", what);
	is(send(in, &at, 1), 0, "%s: the end", what);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, SIZE, "%s: received", what);
	green_close(ends[0]);
	green_close(ends[1]);
}

static ssize_t
by_sendfile(int in, int64_t *at, size_t n)
{
	return green_sendfile(ends[0], in, at, n, GREEN_NEVER);
}

static ssize_t
by_splice(int in, int64_t *at, size_t n)
{
	return green_splice(in, at, ends[0], NULL, n, 0, GREEN_NEVER);
}

static ssize_t
by_position(int in, int64_t *at, size_t n)
{
	ssize_t sent = green_sendfile(ends[0], in, NULL, n, GREEN_NEVER);

	*at = lseek(in, 0, SEEK_CUR);
	return sent;
}

static void
sends(int in)
{
	green_socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	send_with("sendfile", in, by_sendfile);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		ok(0, "socketpair");
	send_with("sendfile to one in blocking mode", in, by_sendfile);
	green_socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	lseek(in, 0, SEEK_SET);
	send_with("sendfile from the position", in, by_position);
	green_pipe((int[2]){ 0, 0 }); /* other numbers */
	if (green_pipe(ends) == 0) {
		int swap = ends[0];

		ends[0] = ends[1];
		ends[1] = swap;
	}
	send_with("splice to a pipe", in, by_splice);
}

/* ---- names --------------------------------------------------------------- */

static int turns;
static bool stop;

static void *
counts_turns(void *arg)
{
	while (!stop) {
		turns++;
		green_yield();
	}
	return arg;
}

static void *
opens_fifo(void *arg)
{
	int fd = green_open(fifo, O_RDONLY, 0, GREEN_NEVER);

	(void)arg;
	return (void *)(intptr_t)fd;
}

static void
names(void)
{
	int writer, reader;
	struct stat st;
	void *value;
	green_t id, counter;

	is(green_stat(path, &st, GREEN_NEVER), 0, "stat");
	is(st.st_size, SIZE, "its size");
	is(green_stat("/nowhere/at all", &st, GREEN_NEVER), -ENOENT, "none");
	is(green_open("/nowhere/at all", O_RDONLY, 0, GREEN_NEVER), -ENOENT,
	   "nor to open");
	is(green_open(folder, O_WRONLY, 0, GREEN_NEVER), -EISDIR, "a folder");
	is(mkfifo(fifo, 0600), 0, "a FIFO");
	green_spawn(&counter, NULL, counts_turns, NULL);
	green_spawn(&id, NULL, opens_fifo, NULL);
	while (turns < 10)
		green_yield();
	ok(turns >= 10, "others run while one opens");
	writer = green_open(fifo, O_WRONLY, 0, GREEN_NEVER);
	ok(writer >= 0, "the other end");
	green_join(id, &value, GREEN_NEVER);
	stop = true;
	green_join(counter, NULL, GREEN_NEVER);
	reader = (int)(intptr_t)value;
	ok(reader >= 0, "and this one");
	is(green_write(writer, "f", 1, GREEN_NEVER), 1, "written");
	is(green_read(reader, &(char){ 0 }, 1, GREEN_NEVER), 1, "and read");
	green_close(reader);
	green_close(writer);
}

/* The pool's open() goes on, and ends when we open the other end; the
 * descriptor that it gets is closed again, and so is the last reader. */
static void
given_up(void)
{
	char c = 'x';
	int writer;

	is(green_open(fifo, O_RDONLY, 0, green_after(GREEN_MILLISECOND)),
	   -ETIMEDOUT, "nobody opens the other end");
	writer = green_open(fifo, O_WRONLY, 0, GREEN_NEVER);
	ok(writer >= 0, "now it is opened");
	while (green_write(writer, &c, 1, 0) == 1)
		green_yield();
	is(green_write(writer, &c, 1, GREEN_NEVER), -EPIPE,
	   "whose reader was closed");
	green_close(writer);
}

static int
open_descriptors(void)
{
	int n = 0;

	for (int i = 0; i < 200; i++)
		n += fcntl(i, F_GETFD) >= 0;
	return n;
}

/* The pool's copy of a descriptor, too. */
static void
nothing_is_left(int fd)
{
	int before = open_descriptors();
	ssize_t n = green_pwrite(fd, "x", 1, 0, 0);

	ok(n == 1 || n == -EAGAIN, "not to wait: at once, or not at all");
	n = green_pwrite(fd, "x", 1, 0, 1);
	ok(n == 1 || n == -ETIMEDOUT, "the same with a deadline in the past");
	is(open_descriptors(), before, "no descriptor is left");
}

static void
bad_input(int fd)
{
	struct stat st;
	char c;

	is(green_open(NULL, O_RDONLY, 0, GREEN_NEVER), -EINVAL, "no path");
	is(green_stat(NULL, &st, GREEN_NEVER), -EINVAL, "no path to stat");
	is(green_stat(path, NULL, GREEN_NEVER), -EINVAL, "nowhere to put it");
	is(green_open(path, O_RDONLY, 0, -1), -EINVAL, "negative deadline");
	is(green_pread(fd, &c, 1, -1, GREEN_NEVER), -EINVAL, "negative offset");
	is(green_pwrite(fd, &c, 1, -1, GREEN_NEVER), -EINVAL,
	   "negative offset to write to");
	is(green_pread(fd, &c, 1, 0, -1), -EINVAL, "negative deadline");
	is(green_pread(-1, &c, 1, 0, GREEN_NEVER), -EBADF, "no descriptor");
	is(green_pwrite(-1, &c, 1, 0, GREEN_NEVER), -EBADF, "none to write to");
	is(green_fsync(-1, GREEN_NEVER), -EBADF, "none to flush");
	is(green_fsync(fd, -1), -EINVAL, "negative deadline to flush");
	is(green_sendfile(-1, fd, NULL, 1, GREEN_NEVER), -EBADF,
	   "none to send to");
	is(green_sendfile(fd, -1, NULL, 1, GREEN_NEVER), -EBADF,
	   "none to send from");
	is(green_sendfile(fd, fd, NULL, 1, -1), -EINVAL,
	   "negative deadline to send");
	is(green_splice(fd, NULL, fd, NULL, 1, 0, GREEN_NEVER), -EINVAL,
	   "splice without a pipe");
	is(green_splice(-1, NULL, fd, NULL, 1, 0, GREEN_NEVER), -EBADF,
	   "splice from none");
	green_pipe(ends);
	is(green_pread(ends[0], &c, 1, 0, GREEN_NEVER), -ESPIPE,
	   "no offsets in a pipe");
	is(green_pwrite(ends[1], &c, 1, 0, GREEN_NEVER), -ESPIPE,
	   "nor to write to");
	is(green_splice(ends[0], NULL, ends[1], NULL, 1, 0, -1), -EINVAL,
	   "splice with a negative deadline");
	green_close(ends[0]);
	green_close(ends[1]);
}

int
main(void)
{
	int fd;

	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	fd = green_open(path, O_RDWR | O_CREAT, 0600, GREEN_NEVER);
	ok(fd >= 0, "made");
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "closed by exec");
	write_it(fd);
	read_it(fd);
	pieces(fd);
	sends(fd);
	names();
	given_up();
	nothing_is_left(fd);
	bad_input(fd);
	green_close(fd);
	unlink(path);
	unlink(fifo);
	rmdir(folder);
	return tap_done();
}
