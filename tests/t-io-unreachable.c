/* SPDX-License-Identifier: MIT */
/* Proves: one who does not answer ends no wait and holds nobody up: a connect
 * to him ends by its deadline, a cancellation or an interruption, and goes on
 * afterwards where that is possible; with a link that is down nothing is lost,
 * and what was sent arrives when it is up again. First with a listener whose
 * queue is full; then in a network of the test's own, where that is permitted,
 * with a device from which nobody takes anything. */

#define _GNU_SOURCE /* unshare() */

#include "tap.h"
#include "tcp.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>

#include <green.h>

static struct sockaddr_in addr;
static int turns, stop;

static ssize_t
connect_until(int fd, int64_t deadline)
{
	return green_connect(fd, (struct sockaddr *)&addr, sizeof(addr),
			     deadline);
}

static void *
connects(void *arg)
{
	return (void *)(intptr_t)connect_until(*(int *)arg, GREEN_NEVER);
}

/* Others run meanwhile. */
static void *
yields(void *arg)
{
	while (!stop) {
		turns++;
		green_yield();
	}
	return arg;
}

static intptr_t
ended_by(int (*end)(green_t id), int fd)
{
	green_t id, other;
	void *value;

	stop = turns = 0;
	green_spawn(&id, NULL, connects, &fd);
	green_spawn(&other, NULL, yields, NULL);
	green_yield();
	end(id);
	green_join(id, &value, GREEN_NEVER);
	ok(turns > 0, "others run");
	stop = 1;
	green_join(other, NULL, GREEN_NEVER);
	return (intptr_t)value;
}

/* Nobody answers at addr. */
static void
no_answer(int flags, const char *what)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	is(connect_until(fd, 0), -EAGAIN, "%s: not at once", what);
	is(connect_until(fd, green_after(GREEN_MILLISECOND)), -ETIMEDOUT,
	   "%s: not in time", what);
	is(ended_by(green_cancel, fd), -ECANCELED, "%s: cancelled", what);
	is(ended_by(green_interrupt, fd), -EINTR, "%s: interrupted", what);
	is(green_fd_wait(fd, POLLOUT, 0), -EAGAIN, "%s: still no answer", what);
	is(fcntl(fd, F_GETFL) & O_NONBLOCK, flags & O_NONBLOCK,
	   "%s: its mode is as before", what);
	is(green_close(fd), 0, "%s: close", what);
}

/* The first one takes the only place, and then makes room. */
static void
full_queue(void)
{
	int listener = tcp_listener(&addr, 0), first, second;

	first = green_socket(AF_INET, SOCK_STREAM, 0);
	is(connect_until(first, GREEN_NEVER), 0, "the first");
	until_readable(listener);
	no_answer(0, "a full queue, in blocking mode");
	no_answer(SOCK_NONBLOCK, "a full queue");
	second = green_socket(AF_INET, SOCK_STREAM, 0);
	is(connect_until(second, green_after(GREEN_MILLISECOND)), -ETIMEDOUT,
	   "the second is too late");
	green_close(green_accept(listener, NULL, NULL, GREEN_NEVER));
	is(connect_until(second, GREEN_NEVER), 0, "and goes on");
	green_close(first);
	green_close(second);
	green_close(listener);
}

/* Refused at once. */
static void
nobody(void)
{
	int fd = green_socket(AF_INET, SOCK_STREAM, 0), blocking;

	green_close(tcp_listener(&addr, 1));
	blocking = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	is(connect_until(fd, GREEN_NEVER), -ECONNREFUSED, "nobody there");
	is(connect_until(blocking, GREEN_NEVER), -ECONNREFUSED,
	   "nobody there, in blocking mode");
	green_close(fd);
	green_close(blocking);
}

/* ---- a network of our own ---------------------------------------------------
 */

static int
set_up(const char *device, bool up)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;
	struct ifreq r = { .ifr_flags = (short)(up ? IFF_UP : 0) };

	strncpy(r.ifr_name, device, sizeof(r.ifr_name) - 1);
	error = ioctl(fd, SIOCSIFFLAGS, &r);
	close(fd);
	return error;
}

static int
set_address(const char *device, unsigned long what, const char *number)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;
	struct ifreq r = { .ifr_addr.sa_family = AF_INET };
	struct sockaddr_in *in = (void *)&r.ifr_addr;

	strncpy(r.ifr_name, device, sizeof(r.ifr_name) - 1);
	inet_pton(AF_INET, number, &in->sin_addr);
	error = ioctl(fd, what, &r);
	close(fd);
	return error;
}

/* A device for 10.99.0.0/24; what goes there is in a queue of nobody's. */
static int
black_hole(void)
{
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	strcpy(r.ifr_name, "hole");
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r) ||
	    set_address("hole", SIOCSIFADDR, "10.99.0.1") ||
	    set_address("hole", SIOCSIFNETMASK, "255.255.255.0") ||
	    set_up("hole", true))
		return -1;
	return fd;
}

static int
own_network(void)
{
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return -1;
	return set_up("lo", true);
}

/* Whoever vanishes says nothing; the connection waits for him. */
static void
link_down(void)
{
	char buf[10];
	int fds[2];

	tcp_pair(fds);
	is(green_write(fds[0], "a", 1, GREEN_NEVER), 1, "up: sent");
	is(green_read(fds[1], buf, 1, GREEN_NEVER), 1, "and read");
	set_up("lo", false);
	is(green_write(fds[0], "lost?", 5, GREEN_NEVER), 5, "down: sent");
	is(green_read(fds[1], buf, 5, green_after(GREEN_MILLISECOND)),
	   -ETIMEDOUT, "and not read");
	set_up("lo", true);
	is(green_read_exactly(fds[1], buf, 5, GREEN_NEVER), 5, "up: read");
	is(memcmp(buf, "lost?", 5), 0, "the same");
	green_close(fds[0]);
	green_close(fds[1]);
}

static int
quietly(void (*fn)(void))
{
	tap_failed = 0;
	if (own_network())
		return 77;
	if (!freopen("/dev/null", "w", stdout))
		return 99;
	fn();
	return tap_failed;
}

static int
in_link_down(void)
{
	return quietly(link_down);
}

static int hole;

static void
into_hole(void)
{
	hole = black_hole();
	if (hole < 0)
		return;
	addr.sin_family = AF_INET;
	addr.sin_port = htons(7);
	inet_pton(AF_INET, "10.99.0.2", &addr.sin_addr);
	no_answer(0, "a black hole, in blocking mode");
	no_answer(SOCK_NONBLOCK, "a black hole");
}

static int
in_black_hole(void)
{
	int failed = quietly(into_hole);

	return hole < 0 ? 77 : failed;
}

int
main(void)
{
	nobody();
	full_queue();
	holds_in_child(in_link_down, "a link that is down");
	holds_in_child(in_black_hole, "a black hole");
	return tap_done();
}
