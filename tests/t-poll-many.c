/* SPDX-License-Identifier: MIT */
/* Proves: green_poll() does what poll(2) does, for few descriptors and for
 * many, and parks instead of blocking; green_fd_wait() waits for both
 * directions; deadlines, cancellation, interruptions and green_close() end
 * either; signals do not; and what was waited for can be had again. */

#include "config.h"

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <green.h>

#define MS GREEN_MILLISECOND
#define MANY 1000

static int fds[2];

static void
put(int fd)
{
	if (write(fd, "x", 1) != 1)
		ok(0, "write to %d", fd);
}

/* ---- as poll(2) does ------------------------------------------------------
 */

/* Every answer is that of the kernel. */
static void
same(struct pollfd *p, nfds_t n, const char *what)
{
	struct pollfd k[8];
	int want, got, bad = 0;

	memcpy(k, p, n * sizeof(*p));
	want = poll(k, n, 0);
	for (int at_once = 0; at_once < 2; at_once++) {
		for (nfds_t i = 0; i < n; i++)
			p[i].revents = -1;
		got = green_poll(p, n, at_once ? 0 : green_after(MS));
		if (!want)
			want = at_once ? -EAGAIN : -ETIMEDOUT;
		is(got, want, "%s", what);
		for (nfds_t i = 0; i < n; i++)
			bad += k[i].revents != p[i].revents;
		is(bad, 0, "%s: all it says", what);
		if (want < 0)
			want = 0;
	}
}

static void
as_poll(void)
{
	int file = open("/dev/null", O_RDWR | O_CLOEXEC), pair[2];
	struct pollfd p[8] = { { .fd = -1, .events = POLLIN } };

	green_pipe(fds);
	green_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	same(p, 1, "a negative number");
	p[1] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	same(p, 2, "an empty pipe");
	p[2] = (struct pollfd){ .fd = fds[1], .events = POLLOUT };
	same(p, 3, "one with room");
	p[2].events = POLLIN;
	put(fds[1]);
	same(p, 3, "one with something");
	p[3] = (struct pollfd){ .fd = file, .events = POLLIN | POLLOUT };
	same(p, 4, "a file");
	p[4] = (struct pollfd){ .fd = pair[0], .events = POLLIN | POLLOUT };
	same(p, 5, "both directions");
	p[5] = (struct pollfd){ .fd = 1000000, .events = POLLIN };
	same(p, 6, "one that is not open");
	p[6] = (struct pollfd){ .fd = INT32_MAX, .events = 0 };
	same(p, 7, "one that cannot be");
	p[7] = (struct pollfd){ .fd = pair[0], .events = POLLRDHUP | POLLPRI };
	same(p, 8, "of the same, nothing special");
	green_shutdown(pair[1], SHUT_WR);
	same(p, 8, "the other side is done");
	green_close(pair[1]);
	same(p + 4, 1, "and gone");
	p[4].events = 0;
	same(p + 4, 1, "which shows without events");
	green_close(fds[0]);
	same(p + 2, 1, "a pipe that nobody reads");
	close(file);
	green_close(pair[0]);
	green_close(fds[1]);
	is(green_poll(NULL, 0, 0), -EAGAIN, "none, tried once");
	is(green_poll(NULL, 0, green_after(MS)), -ETIMEDOUT, "none, a while");
	is(green_poll(NULL, 1, 0), -EINVAL, "NULL");
	is(green_poll(p, 1, -1), -EINVAL, "negative deadline");
	is(green_poll(p, (1u << 24) + 1, 0), -EINVAL, "very many");
}

/* ---- waiting --------------------------------------------------------------
 */

static void *
polls(void *arg)
{
	struct pollfd p[3] = { { .fd = -1 },
			       { .events = POLLIN },
			       { .fd = -2 } };
	int n;

	p[1].fd = fds[0];
	n = green_poll(p, 3, GREEN_NEVER);
	*(short *)arg = p[1].revents;
	return (void *)(intptr_t)n;
}

static void *
waits(void *arg)
{
	int got = green_fd_wait(fds[0], POLLIN | POLLOUT, GREEN_NEVER);

	*(short *)arg = (short)(got < 0 ? 0 : got);
	return (void *)(intptr_t)(got < 0 ? got : 1);
}

/* What fn returns when it had begun to wait before `then`. */
static intptr_t
ended_by(green_fn fn, void (*then)(green_t id), short *ret_events)
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, fn, ret_events);
	green_yield();
	then(id);
	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static void
cancel(green_t id)
{
	green_cancel(id);
}

static void
interrupt(green_t id)
{
	green_interrupt(id);
}

static void
forget_it(green_t id)
{
	(void)id;
	green_fd_forget(fds[0]);
}

static void
close_it(green_t id)
{
	(void)id;
	green_close(fds[0]);
}

static void *
puts_one(void *arg)
{
	put(fds[1]);
	return arg;
}

static void
put_elsewhere(green_t id)
{
	pthread_t os_thread;

	(void)id;
	pthread_create(&os_thread, NULL, puts_one, NULL);
	pthread_join(os_thread, NULL);
}

static void
endings(green_fn fn, const char *what)
{
	short events;

	green_pipe(fds);
	is(ended_by(fn, cancel, &events), -ECANCELED, "%s: cancelled", what);
	is(ended_by(fn, interrupt, &events), -EINTR, "%s: interrupted", what);
	is(ended_by(fn, put_elsewhere, &events), 1, "%s: written", what);
	is(events, POLLIN, "%s: and says so", what);
	is(green_read(fds[0], &(char){ 0 }, 1, 0), 1, "%s: is there", what);
	if (fn == polls) {
		is(ended_by(fn, forget_it, &events), 1, "%s: forgotten", what);
		is(events, POLLNVAL, "%s: and says so", what);
		is(ended_by(fn, close_it, &events), 1, "%s: closed", what);
		is(events, POLLNVAL, "%s: and says so", what);
	} else {
		is(ended_by(fn, forget_it, &events), -EBADF, "forgotten");
		is(ended_by(fn, close_it, &events), -EBADF, "closed");
	}
	green_close(fds[1]);
}

static void
both_ways(void)
{
	int pair[2];

	green_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	is(green_fd_wait(pair[0], POLLIN | POLLOUT, 0), POLLOUT, "room");
	put(pair[1]);
	is(green_fd_wait(pair[0], POLLIN | POLLOUT, GREEN_NEVER),
	   POLLIN | POLLOUT, "room, and something");
	is(green_fd_wait(pair[0], POLLIN, GREEN_NEVER), POLLIN, "something");
	is(green_fd_wait(pair[0], 0, 0), -EINVAL, "no events");
	is(green_fd_wait(pair[0], POLLIN | POLLPRI, 0), -EINVAL, "others");
	is(green_fd_wait(-1, POLLIN, 0), -EBADF, "a negative number");
	is(green_fd_wait(1000000, POLLIN, GREEN_NEVER), -EBADF, "none");
	green_close(pair[0]);
	green_close(pair[1]);
}

/* ---- many -----------------------------------------------------------------
 */

static struct pollfd many[MANY];
static int writers[MANY], wrong;

static void *
writes_all(void *arg)
{
	for (int i = 0; i < MANY; i++)
		put(writers[i * 7 % MANY]);
	return arg;
}

static void *
reads_all(void *arg)
{
	int left = MANY, n;
	char c;

	while (left) {
		n = green_poll(many, MANY, GREEN_NEVER);
		if (n <= 0) {
			wrong++;
			break;
		}
		for (int i = 0; i < MANY; i++) {
			if (!many[i].revents)
				continue;
			wrong += many[i].revents != POLLIN;
			wrong += read(many[i].fd, &c, 1) != 1;
			left--;
			n--;
		}
		wrong += n != 0;
	}
	return arg;
}

static void
thousand(void)
{
	struct rlimit limit, low;
	pthread_t os_thread;
	green_t id;
	int made = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (; made < MANY && !green_pipe(fds); made++) {
		many[made] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
		writers[made] = fds[1];
	}
	if (made < MANY) {
		skip("a thousand descriptors", "not so many may be open");
	} else {
		green_spawn(&id, NULL, reads_all, NULL);
		green_yield();
		writes_all(NULL);
		green_join(id, NULL, GREEN_NEVER);
		is(wrong, 0, "a thousand");
		pthread_create(&os_thread, NULL, writes_all, NULL);
		reads_all(NULL);
		pthread_join(os_thread, NULL);
		is(wrong, 0, "a thousand, written by another OS thread");
		/* poll(2) takes no more than may be open. */
		low = limit;
		low.rlim_cur = 100;
		setrlimit(RLIMIT_NOFILE, &low);
		put(writers[MANY - 1]);
		is(green_poll(many, MANY, GREEN_NEVER), 1, "a low limit");
		is(many[MANY - 1].revents, POLLIN, "hides none");
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	while (made--) {
		green_close(many[made].fd);
		green_close(writers[made]);
	}
}

/* ---- signals --------------------------------------------------------------
 */

static volatile sig_atomic_t signals;
static pthread_t reader;

static void
count(int signo)
{
	(void)signo;
	signals++;
}

static void *
trickles(void *arg)
{
	for (int i = *(int *)arg; i > 0; i--) {
		pthread_kill(reader, SIGALRM);
		put(fds[1]);
	}
	close(fds[1]);
	return arg;
}

/* A poll that was interrupted has not found anything. */
static void
amid_signals(void)
{
	struct sigaction action = { .sa_handler = count };
	int bytes = tap_scale(20000, 2000), in_vain = 0, got = 0;
	pthread_t os_thread;
	ssize_t n = 1;
	char c;

	if (pipe(fds))
		ok(0, "pipe");
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	sigaction(SIGALRM, &action, NULL);
	reader = pthread_self();
	pthread_create(&os_thread, NULL, trickles, &bytes);
	while (n && green_fd_wait(fds[0], POLLIN, GREEN_NEVER) > 0) {
		do
			n = read(fds[0], &c, 1);
		while (n < 0 && errno == EINTR);
		got += n > 0;
		in_vain += n < 0;
	}
	pthread_join(os_thread, NULL);
	is(got, bytes, "all bytes");
	is(in_vain, 0, "and none that was not there");
	ok(signals > 0, "amid signals");
	green_close(fds[0]);
}

int
main(void)
{
	as_poll();
	both_ways();
	endings(polls, "poll");
	endings(waits, "wait");
	thousand();
	amid_signals();
	return tap_done();
}
