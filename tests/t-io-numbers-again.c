/* SPDX-License-Identifier: MIT */
/* Proves: a number that a call of libgreen returned, descriptors that came in
 * a message among them, is watched afresh, whatever became of the last file
 * that had it; one that was closed and is used again without libgreen is not,
 * until green_fd_forget(); and so it is when the last file lives on under
 * another number, or comes back. */

#include "tap.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <green.h>

static void *
reads(void *arg)
{
	char c;

	return (void *)(intptr_t)green_read(*(int *)arg, &c, 1,
					    green_after(GREEN_SECOND));
}

/* What a reader of fd returns for whom a byte is written once it waits. */
static intptr_t
read_of(int fd, int writer)
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, reads, &fd);
	/* By now it has waited for a while. */
	green_sleep_until(green_after(GREEN_MILLISECOND));
	is(write(writer, "x", 1), 1, "write");
	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

/* fds[0] has been watched and is closed without libgreen. */
static void
gone(int fds[2])
{
	if (pipe(fds))
		perror("pipe");
	is(read_of(fds[0], fds[1]), 1, "watched");
	close(fds[0]);
	close(fds[1]);
}

static void
pipes(void)
{
	int old[2], new[2];

	gone(old);
	green_pipe(new);
	is(new[0], old[0], "the same number");
	is(read_of(new[0], new[1]), 1, "handed out by libgreen");
	green_close(new[0]);
	green_close(new[1]);
	gone(old);
	if (pipe(new))
		perror("pipe");
	is(new[0], old[0], "the same number");
	is(read_of(new[0], new[1]), -ETIMEDOUT, "handed out by others");
	is(green_fd_forget(new[0]), 0, "forget");
	is(read_of(new[0], new[1]), 1, "then it works");
	green_close(new[0]);
	green_close(new[1]);
	is(green_fd_forget(-1), -EBADF, "forget -1");
	is(green_fd_forget(new[0]), 0, "one that is closed");
	is(green_fd_forget(1 << 30), 0, "one that never was");
}

/* The old file has another number, and the old number another file. */
static void
duplicated(void)
{
	int old[2], new[2], copy;

	green_pipe(old);
	is(read_of(old[0], old[1]), 1, "watched");
	copy = fcntl(old[0], F_DUPFD_CLOEXEC, 0);
	green_close(old[0]);
	green_pipe(new);
	is(new[0], old[0], "the same number");
	is(write(old[1], "o", 1), 1, "to the old file");
	is(read_of(new[0], new[1]), 1, "the new one is read");
	is(green_read(new[0], &(char){ 0 }, 1, 0), -EAGAIN, "and empty");
	is(read_of(copy, old[1]), 1, "the old one is read");
	is(green_read(copy, &(char){ 0 }, 1, 0), 1, "which has two");
	/* The old file comes back to its number. */
	green_close(new[0]);
	is(dup2(copy, old[0]), old[0], "back");
	is(read_of(old[0], old[1]), 1, "and watched again");
	green_close(copy);
	green_close(old[0]);
	green_close(old[1]);
	green_close(new[1]);
}

/* ---- in a message ---------------------------------------------------------
 */

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(3 * sizeof(int))];
};

static void
prepare(struct msghdr *msg, union control *control, struct iovec *iov, int n)
{
	memset(msg, 0, sizeof(*msg));
	memset(control, 0, sizeof(*control));
	msg->msg_iov = iov;
	msg->msg_iovlen = 1;
	msg->msg_control = control;
	msg->msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
}

static void
pass(int to, const int *fds, int n)
{
	struct iovec iov = { .iov_base = (char[]){ 'm' }, .iov_len = 1 };
	union control control;
	struct msghdr msg;

	prepare(&msg, &control, &iov, n);
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
	memcpy(CMSG_DATA(&control.header), fds, (size_t)n * sizeof(int));
	is(green_sendmsg(to, &msg, 0, GREEN_NEVER), 1, "%d descriptors", n);
}

static void
take(int from, int *fds, int n)
{
	struct iovec iov = { .iov_base = (char[]){ 0 }, .iov_len = 1 };
	union control control;
	struct msghdr msg;

	prepare(&msg, &control, &iov, 3);
	is(green_recvmsg(from, &msg, 0, GREEN_NEVER), 1, "arrive");
	is(control.header.cmsg_len, CMSG_LEN((size_t)n * sizeof(int)),
	   "all of them");
	memcpy(fds, CMSG_DATA(&control.header), (size_t)n * sizeof(int));
}

static void
messages(void)
{
	int ends[2], source[2], more[2], old[2], got[2];

	green_socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	green_pipe(source);
	green_pipe(more);
	gone(old);
	pass(ends[0], (int[]){ more[0], source[0] }, 2);
	take(ends[1], got, 2);
	is(got[0], old[0], "the same number");
	is(fcntl(got[1], F_GETFD), FD_CLOEXEC, "closed by exec");
	is(read_of(got[0], more[1]), 1, "the first one works");
	is(read_of(got[1], source[1]), 1, "and the second");
	for (int i = 0; i < 2; i++) {
		green_close(ends[i]);
		green_close(source[i]);
		green_close(more[i]);
		green_close(got[i]);
	}
}

int
main(void)
{
	green_clock_virtual(GREEN_SECOND);
	pipes();
	duplicated();
	messages();
	return tap_done();
}
