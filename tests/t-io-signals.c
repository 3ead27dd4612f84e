/* SPDX-License-Identifier: MIT */
/* Proves: signals that arrive all the time, with a handler that does not
 * restart calls, are seen by no call of libgreen: none returns -EINTR, nothing
 * counts as ready that is not, a connection as made that is not, and nobody is
 * held up in the kernel. */

#include "tap.h"
#include "tcp.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/timerfd.h>

#include <green.h>

static pthread_t target;
static atomic_bool stop;
static atomic_int signals;
static int tries, rounds;

static void
handler(int number)
{
	(void)number;
	signals++;
}

/* One after the other: a second one that is pending would be merged. */
static void *
storm(void *arg)
{
	while (!stop) {
		int before = signals;

		pthread_kill(target, SIGUSR1);
		while (!stop && signals == before)
			sched_yield();
	}
	return arg;
}

/* ---- nothing is ready ---------------------------------------------------- */

static int
wait_for_pipe(int fd)
{
	return green_fd_wait(fd, POLLIN, 0);
}

/* In blocking mode, and without RWF_NOWAIT. */
static int
read_timer(int fd)
{
	uint64_t n;

	return (int)green_read(fd, &n, sizeof(n), 0);
}

static int
accept_nobody(int fd)
{
	return green_accept(fd, NULL, NULL, 0);
}

static void
never_ready(int (*call)(int fd), int fd, const char *what)
{
	int other = 0;

	for (int i = 0; i < tries; i++)
		other += call(fd) != -EAGAIN;
	is(other, 0, "%s: not ready", what);
}

/* The listener's queue is full, so nobody answers. */
static void
connect_nobody(void)
{
	struct sockaddr_in addr;
	int listener = tcp_listener(&addr, 0), other = 0;
	int first = socket(AF_INET, SOCK_STREAM, 0);

	is(green_connect(first, (struct sockaddr *)&addr, sizeof(addr),
			 GREEN_NEVER),
	   0, "the one that there is room for");
	until_readable(listener);
	for (int i = 0; i < tries / 100; i++) {
		int fd = green_socket(AF_INET, SOCK_STREAM, 0);

		other += green_connect(fd, (struct sockaddr *)&addr,
				       sizeof(addr), 0) != -EAGAIN;
		green_close(fd);
	}
	is(other, 0, "connect: not connected");
	green_close(first);
	green_close(listener);
}

static void
nothing_is_ready(void)
{
	struct sockaddr_in addr;
	int fds[2], fd;

	green_pipe(fds);
	never_ready(wait_for_pipe, fds[0], "a pipe");
	green_close(fds[0]);
	green_close(fds[1]);
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	never_ready(read_timer, fd, "a timer");
	green_close(fd);
	fd = tcp_listener(&addr, 5);
	never_ready(accept_nobody, fd, "a listener");
	green_close(fd);
	connect_nobody();
}

/* ---- something comes ----------------------------------------------------- */

static atomic_int wrong;

static void *
echo(void *arg)
{
	int *fds = arg;
	char c;

	while (green_read(fds[0], &c, 1, GREEN_NEVER) == 1)
		wrong += green_write(fds[1], &c, 1, GREEN_NEVER) != 1;
	return NULL;
}

/* The other OS thread has no handler's signals, and is slow to answer. */
static void *
echo_elsewhere(void *arg)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return echo(arg);
}

static void
back_and_forth(const int there[2], const int back[2], const char *what)
{
	int answer[2] = { there[0], back[1] };
	pthread_t os_thread;
	char c = 0;

	wrong = 0;
	pthread_create(&os_thread, NULL, echo_elsewhere, answer);
	for (int i = 0; i < rounds; i++) {
		wrong += green_write(there[1], &c, 1, GREEN_NEVER) != 1;
		wrong += green_read(back[0], &c, 1, GREEN_NEVER) != 1;
		wrong += green_sleep_until(green_after(1000)) != 0;
	}
	green_shutdown(there[1], SHUT_WR);
	if (there[1] != back[0])
		green_close(there[1]);
	pthread_join(os_thread, NULL);
	is(wrong, 0, "%s: back and forth", what);
}

static void
something_comes(void)
{
	int a[2], b[2], turned[2];

	green_pipe(a);
	green_pipe(b);
	back_and_forth(a, b, "pipes");
	green_close(a[0]);
	green_close(b[0]);
	green_close(b[1]);
	tcp_pair(a);
	turned[0] = a[1];
	turned[1] = a[0];
	back_and_forth(a, turned, "a connection");
	green_close(a[0]);
	green_close(a[1]);
}

static void *
connects(void *arg)
{
	for (int i = 0; i < rounds; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		wrong += green_connect(fd, arg, sizeof(struct sockaddr_in),
				       GREEN_NEVER) != 0;
		wrong += green_close(fd) != 0;
	}
	return NULL;
}

static void
connections(void)
{
	struct sockaddr_in addr;
	int listener = tcp_listener(&addr, rounds);
	green_t id;

	wrong = 0;
	green_spawn(&id, NULL, connects, &addr);
	for (int i = 0; i < rounds; i++) {
		int fd = green_accept(listener, NULL, NULL, GREEN_NEVER);
		char c;

		wrong += fd < 0;
		wrong += green_read(fd, &c, 1, GREEN_NEVER) != 0;
		wrong += green_close(fd) != 0;
	}
	green_join(id, NULL, GREEN_NEVER);
	is(wrong, 0, "connections");
	green_close(listener);
}

int
main(void)
{
	struct sigaction action = { .sa_handler = handler };
	pthread_t os_thread;

	tries = tap_scale(20000, 1000);
	rounds = tap_scale(300, 30);
	target = pthread_self();
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&os_thread, NULL, storm, NULL);
	nothing_is_ready();
	something_comes();
	connections();
	stop = true;
	pthread_join(os_thread, NULL);
	ok(signals > 0, "%d signals", signals);
	return tap_done();
}
