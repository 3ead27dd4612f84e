/* SPDX-License-Identifier: MIT */
/* Proves: whatever a number stands for, calls do what the system's would: an
 * eventfd, a timer, a process, a terminal, signals and a FIFO are waited for,
 * in blocking mode, too; files and devices that are always ready are read and
 * written; and what cannot be read, is not open or is no socket gives the
 * kernel's error, with or without a deadline. */

#define _GNU_SOURCE /* posix_openpt() */

#include "tap.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include <green.h>

static char buf[65536];
static ssize_t got;

static void *
reads(void *arg)
{
	got = green_read(*(int *)arg, buf, sizeof(buf), GREEN_NEVER);
	return NULL;
}

/* Nothing is there; a reader waits, while others run, until `then`. */
static void
waits(int fd, void (*then)(int fd), ssize_t want, const char *what)
{
	green_t id;

	is(green_read(fd, buf, sizeof(buf), 0), -EAGAIN, "%s: not yet", what);
	is(green_fd_wait(fd, POLLIN, 0), -EAGAIN, "%s: not ready", what);
	got = -1;
	green_spawn(&id, NULL, reads, &fd);
	green_yield();
	is(got, -1, "%s: waits", what);
	then(fd);
	green_join(id, NULL, GREEN_NEVER);
	is(got, want, "%s: is read", what);
}

/* ---- what can be waited for ---------------------------------------------- */

static void
add_one(int fd)
{
	is(green_write(fd, &(uint64_t){ 1 }, 8, GREEN_NEVER), 8, "add 1");
}

static void
set_timer(int fd)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1 };

	timerfd_settime(fd, 0, &soon, NULL);
}

static void
send_signal(int fd)
{
	(void)fd;
	kill(getpid(), SIGUSR2);
}

static void
events(int flags)
{
	int fd = eventfd(0, EFD_CLOEXEC | flags);

	waits(fd, add_one, 8, "an eventfd");
	/* It holds one less than the largest number. */
	is(green_write(fd, &(uint64_t){ UINT64_MAX - 1 }, 8, GREEN_NEVER), 8,
	   "full");
	is(green_write(fd, &(uint64_t){ 1 }, 8, 0), -EAGAIN, "no room");
	green_close(fd);
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | flags);
	waits(fd, set_timer, 8, "a timer");
	green_close(fd);
}

static void
signals(void)
{
	struct signalfd_siginfo *info = (void *)buf;
	const char *emulator = getenv("TEST_EMULATOR");
	sigset_t set;
	int fd;

	if (emulator && strstr(emulator, "qemu")) {
		skip("signals", "QEMU keeps those that are blocked to itself");
		return;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	waits(fd, send_signal, sizeof(*info), "signals");
	is(info->ssi_signo, SIGUSR2, "which one");
	green_close(fd);
}

/* A pidfd has nothing to read. */
static void *
waits_for_child(void *arg)
{
	got = green_fd_wait(*(int *)arg, POLLIN, GREEN_NEVER);
	return NULL;
}

static void
processes(void)
{
	int release[2], fd;
	green_t id;
	pid_t pid;

	green_pipe(release);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		green_close(release[1]);
		_exit((int)green_read(release[0], buf, 1, GREEN_NEVER));
	}
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0) {
		skip("a process", "no pidfd here");
	} else {
		got = 0;
		green_spawn(&id, NULL, waits_for_child, &fd);
		green_yield();
		is(got, 0, "a process: waits");
	}
	green_close(release[1]);
	if (fd >= 0) {
		green_join(id, NULL, GREEN_NEVER);
		ok(got & POLLIN, "a process: has ended");
		is(green_read(fd, buf, 1, GREEN_NEVER), -EINVAL,
		   "nothing to read");
		green_close(fd);
	}
	waitpid(pid, NULL, 0);
	green_close(release[0]);
}

static int written;

static void
type(int fd)
{
	(void)fd;
	is(green_write(written, "typed\n", 6, GREEN_NEVER), 6, "typed");
}

/* The other side of a terminal without the echo, in blocking mode. */
static void
terminals(void)
{
	struct iovec iov[3] = { { .iov_base = buf },
				{ .iov_base = buf, .iov_len = 5000 },
				{ .iov_base = buf } };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), fd = -1;
	const char *name;

	if (master >= 0 && !grantpt(master) && !unlockpt(master) &&
	    (name = ptsname(master)))
		fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		skip("a terminal", "there is none to be had");
		green_close(master);
		return;
	}
	ok(isatty(fd), "a terminal");
	written = master;
	waits(fd, type, 6, "a terminal");
	is(green_close(fd), 0, "close");
	fd = open(name, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	is(green_read(fd, buf, 1, GREEN_NEVER), -EBADF, "not to be read");
	is(memcmp(buf, "typed\n", 6), 0, "a line");
	ok(green_writev(fd, iov, 3, GREEN_NEVER) > 0,
	   "some of what follows an empty piece is written");
	is(fcntl(fd, F_GETFL) & O_NONBLOCK, 0, "and it blocks as before");
	green_close(fd);
	green_close(master);
}

/* With a name, opened for both so that it does not wait for the other. */
static void
fifos(void)
{
	char name[] = "/tmp/t-io-kinds-XXXXXX";
	int fd;

	if (!mkdtemp(name) || chdir(name) || mkfifo("fifo", 0600)) {
		skip("a FIFO", strerror(errno));
		return;
	}
	fd = open("fifo", O_RDWR | O_CLOEXEC);
	written = fd;
	waits(fd, type, 6, "a FIFO");
	while ((got = green_write(fd, buf, sizeof(buf), 0)) > 0)
		;
	is(got, -EAGAIN, "a FIFO: full");
	is(fcntl(fd, F_GETFL) & O_NONBLOCK, 0, "in blocking mode");
	green_close(fd);
	unlink("fifo");
	if (chdir("/") || rmdir(name))
		perror(name);
}

/* ---- what cannot --------------------------------------------------------- */

static void
always_ready(void)
{
	char path[] = "/tmp/t-io-kinds-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	is(green_write_all(fd, "0123456789", 10, GREEN_NEVER), 10, "a file");
	lseek(fd, 0, SEEK_SET);
	is(green_fd_wait(fd, POLLIN, GREEN_NEVER), POLLIN, "is ready");
	is(green_read_exactly(fd, buf, 4, GREEN_NEVER), 4, "read");
	is(green_read(fd, buf, 20, GREEN_NEVER), 6, "the rest");
	is(green_read(fd, buf, 20, GREEN_NEVER), 0, "the end");
	green_close(fd);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	is(green_write_all(fd, buf, sizeof(buf), GREEN_NEVER), sizeof(buf),
	   "/dev/null takes all");
	is(green_read(fd, buf, 1, GREEN_NEVER), 0, "and has none");
	green_close(fd);
	fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	is(green_read_exactly(fd, buf, sizeof(buf), GREEN_NEVER), sizeof(buf),
	   "/dev/zero");
	green_close(fd);
	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	is(green_read_exactly(fd, buf, 100, GREEN_NEVER), 100, "/dev/urandom");
	green_close(fd);
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	is(green_read(fd, buf, 1, GREEN_NEVER), -EISDIR, "a directory");
	is(green_write(fd, buf, 1, GREEN_NEVER), -EBADF, "written to");
	green_close(fd);
}

static void
no_socket(int fd, int error, const char *what)
{
	struct iovec iov = { .iov_base = buf, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct sockaddr addr = { .sa_family = AF_UNIX };
	int64_t when = GREEN_NEVER;

	is(green_recv(fd, buf, 1, 0, when), error, "recv: %s", what);
	is(green_send(fd, buf, 1, 0, when), error, "send: %s", what);
	is(green_recvfrom(fd, buf, 1, 0, NULL, NULL, when), error,
	   "recvfrom: %s", what);
	is(green_sendto(fd, buf, 1, 0, NULL, 0, when), error, "sendto: %s",
	   what);
	is(green_recvmsg(fd, &msg, 0, when), error, "recvmsg: %s", what);
	is(green_sendmsg(fd, &msg, 0, when), error, "sendmsg: %s", what);
	is(green_accept(fd, NULL, NULL, when), error, "accept: %s", what);
	is(green_connect(fd, &addr, sizeof(addr), when), error, "connect: %s",
	   what);
	is(green_shutdown(fd, SHUT_RD), error, "shutdown: %s", what);
}

static void
not_open(int fd, const char *what)
{
	struct iovec iov = { .iov_base = buf, .iov_len = 1 };
	int64_t when = GREEN_NEVER;

	no_socket(fd, -EBADF, what);
	is(green_read(fd, buf, 1, when), -EBADF, "read: %s", what);
	is(green_read(fd, buf, 0, when), -EBADF, "read of nothing: %s", what);
	is(green_write(fd, buf, 1, when), -EBADF, "write: %s", what);
	is(green_readv(fd, &iov, 1, when), -EBADF, "readv: %s", what);
	is(green_writev(fd, &iov, 1, when), -EBADF, "writev: %s", what);
	is(green_fd_wait(fd, POLLIN, when), -EBADF, "wait: %s", what);
	is(green_close(fd), -EBADF, "close: %s", what);
}

static void
errors(void)
{
	int fds[2];

	green_pipe(fds);
	no_socket(fds[0], -ENOTSOCK, "a pipe");
	is(green_read(fds[1], buf, 1, GREEN_NEVER), -EBADF, "the wrong end");
	is(green_write(fds[0], buf, 1, GREEN_NEVER), -EBADF, "and the other");
	green_close(fds[0]);
	green_close(fds[1]);
	not_open(fds[0], "closed");
	not_open(-1, "-1");
	not_open(INT_MIN, "the least number");
	not_open(INT_MAX, "the largest number");
	not_open(100000, "a high number");
}

int
main(void)
{
	events(0);
	events(O_NONBLOCK);
	signals();
	processes();
	terminals();
	fifos();
	always_ready();
	errors();
	return tap_done();
}
