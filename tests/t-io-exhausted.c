/* SPDX-License-Identifier: MIT */
/* Proves: when there are no descriptors left, for a connection, for the poller,
 * or to find out what a number stands for, the call says so and nothing is
 * lost: it works when there are some again, and a server that waits for one to
 * be closed serves everybody. */

#include "tap.h"
#include "tcp.h"

#include "config.h"
#include "valgrind.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include <green.h>

#define CLIENTS 30

/* ---- the limit ----------------------------------------------------------- */

static rlim_t usual;

static void
limit_to(rlim_t n)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (!usual)
		usual = limit.rlim_cur;
	limit.rlim_cur = n;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		perror("setrlimit");
}

/* No new one, or `more` of them. */
static void
exhaust(int more)
{
	int next;

	if (usual)
		limit_to(usual);
	next = fcntl(0, F_DUPFD, 0);
	close(next);
	limit_to((rlim_t)(next + more));
}

/* The kernel's answer, once. */
static int refusal;

int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);

int
accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	if (refusal) {
		errno = refusal;
		refusal = 0;
		return -1;
	}
	return (int)syscall(SYS_accept4, fd, addr, len, flags);
}

/* ---- no poller ----------------------------------------------------------- */

/* An OS thread that has none so far. */
static void *
without_poller(void *arg)
{
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), fds[2];
	int event = eventfd(0, EFD_CLOEXEC);
	uint64_t n = 0;
	char c = 0;

	green_clock_virtual(GREEN_SECOND);
	green_pipe(fds);
	exhaust(0);
	is(green_read(fds[0], &c, 1, GREEN_NEVER), -EMFILE, "a pipe");
	is(green_read(fds[0], &c, 1, 0), -EAGAIN, "which is empty");
	is(green_read(event, &n, sizeof(n), GREEN_NEVER), -EMFILE,
	   "an eventfd in blocking mode");
	is(green_read(timer, &n, sizeof(n), GREEN_NEVER), -EMFILE,
	   "a timer in blocking mode");
	is(green_fd_wait(fds[0], POLLIN, GREEN_NEVER), -EMFILE, "only waiting");
	is(green_fd_wait(fds[1], POLLOUT, GREEN_NEVER), POLLOUT, "is ready");
	is(green_write(fds[1], "x", 1, GREEN_NEVER), 1, "so it takes some");
	is(green_read(fds[0], &c, 1, GREEN_NEVER), 1, "and there is some");
	limit_to(usual);
	is(green_read(fds[0], &c, 1, green_after(100)), -ETIMEDOUT,
	   "a pipe again");
	is(green_read(event, &n, sizeof(n), green_after(100)), -ETIMEDOUT,
	   "an eventfd again");
	is(green_read(timer, &n, sizeof(n), green_after(100)), -ETIMEDOUT,
	   "a timer again");
	green_close(fds[0]);
	green_close(fds[1]);
	green_close(event);
	green_close(timer);
	return arg;
}

/* ---- accept -------------------------------------------------------------- */

static void
refused(int listener, int why)
{
	refusal = why;
	is(green_accept(listener, NULL, NULL, GREEN_NEVER), -why, "%s",
	   strerror(why));
}

static void
one_connection(int flags)
{
	struct sockaddr_in addr;
	int listener = tcp_listener(&addr, 5), fd, client;

	fcntl(listener, F_SETFL, flags);
	client = socket(AF_INET, SOCK_STREAM, 0);
	is(connect(client, (struct sockaddr *)&addr, sizeof(addr)), 0,
	   "a client");
	until_readable(listener);
	refused(listener, ENFILE);
	refused(listener, ENOBUFS);
	refused(listener, ENOMEM);
	refused(listener, ECONNABORTED);
	exhaust(0);
	is(green_accept(listener, NULL, NULL, GREEN_NEVER), -EMFILE,
	   "no descriptor");
	is(green_accept(listener, NULL, NULL, GREEN_NEVER), -EMFILE,
	   "nor the next time");
	exhaust(1);
	fd = green_accept(listener, NULL, NULL, GREEN_NEVER);
	ok(fd > 0, "one, and the connection is there");
	is(write(client, "x", 1), 1, "it is");
	limit_to(usual);
	is(green_read(fd, &(char){ 0 }, 1, GREEN_NEVER), 1, "this one");
	green_close(fd);
	green_close(client);
	green_close(listener);
}

/* ---- a server ------------------------------------------------------------ */

static struct green_sem closed;
static int served, recovered, wrong;

static void *
serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char c = 0;

	wrong += green_read(fd, &c, 1, GREEN_NEVER) != 1;
	wrong += green_write(fd, &c, 1, GREEN_NEVER) != 1;
	wrong += green_read(fd, &c, 1, GREEN_NEVER) != 0;
	wrong += green_close(fd) != 0;
	served++;
	green_sem_post(&closed);
	return NULL;
}

/* There is always one open when there is no room: ours were made before. */
static void *
server(void *arg)
{
	while (served < CLIENTS) {
		int fd = green_accept(*(int *)arg, NULL, NULL, GREEN_NEVER);

		if (fd >= 0) {
			green_spawn(NULL, NULL, serve, (void *)(intptr_t)fd);
			continue;
		}
		if (fd == -ECANCELED)
			break;
		wrong += fd != -EMFILE;
		recovered++;
		green_sem_wait(&closed, GREEN_NEVER);
	}
	return NULL;
}

static void *
client(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char c = 'c';

	wrong += green_write(fd, &c, 1, GREEN_NEVER) != 1;
	wrong += green_read(fd, &c, 1, GREEN_NEVER) != 1;
	wrong += green_shutdown(fd, SHUT_WR) != 0;
	return NULL;
}

static void
everybody(void)
{
	green_t ids[CLIENTS], id;
	struct sockaddr_in addr;
	int listener = tcp_listener(&addr, CLIENTS), fds[CLIENTS], i;

	for (i = 0; i < CLIENTS; i++) {
		fds[i] = green_socket(AF_INET, SOCK_STREAM, 0);
		wrong += green_connect(fds[i], (struct sockaddr *)&addr,
				       sizeof(addr), GREEN_NEVER) != 0;
	}
	exhaust(3);
	green_spawn(&id, NULL, server, &listener);
	for (i = 0; i < CLIENTS; i++)
		green_spawn(&ids[i], NULL, client, (void *)(intptr_t)fds[i]);
	for (i = 0; i < CLIENTS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	green_cancel(id);
	green_join(id, NULL, GREEN_NEVER);
	limit_to(usual);
	while (served < CLIENTS)
		green_sem_wait(&closed, GREEN_NEVER);
	is(wrong, 0, "%d clients, room for 3", CLIENTS);
	printf("# the server had no room %d times\n", recovered);
	for (i = 0; i < CLIENTS; i++)
		green_close(fds[i]);
	green_close(listener);
}

int
main(void)
{
	pthread_t os_thread;

	green_clock_virtual(GREEN_SECOND);
	pthread_create(&os_thread, NULL, without_poller, NULL);
	pthread_join(os_thread, NULL);
	if (RUNNING_ON_VALGRIND) {
		skip("accept", "Valgrind accepts and closes what it refuses");
		return tap_done();
	}
	one_connection(0);
	one_connection(O_NONBLOCK);
	everybody();
	return tap_done();
}
