/* SPDX-License-Identifier: MIT */
/* Proves: what is written arrives, in order and whole, through pipes, UNIX
 * sockets and TCP connections, of which many are open at once; between threads
 * of one worker, and of another OS thread's; whether descriptors are in
 * blocking mode or not, which stays as it is. */

#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <green.h>

#define CONNECTIONS 50
#define ROUNDS 20

static atomic_int wrong;

/* ---- echo --------------------------------------------------------------- */

struct peer {
	int fd;
	green_t id;
	bool plain; /* read and write, not recv and send */
};

static void *
serve(void *arg)
{
	struct peer *p = arg;
	char buf[64];
	ssize_t n;

	for (;;) {
		n = p->plain ? green_read(p->fd, buf, sizeof(buf), GREEN_NEVER)
			     : green_recv(p->fd, buf, sizeof(buf), 0,
					  GREEN_NEVER);
		if (n <= 0)
			break;
		if (green_write_all(p->fd, buf, (size_t)n, GREEN_NEVER) != n)
			wrong++;
	}
	wrong += n != 0;
	wrong += green_close(p->fd) != 0;
	return NULL;
}

static void *
call(void *arg)
{
	struct peer *p = arg;

	for (int i = 0; i < ROUNDS; i++) {
		char out[64], in[64];

		memset(out, 'a' + (i + p->fd) % 26, sizeof(out));
		wrong += green_send(p->fd, out, sizeof(out), 0, GREEN_NEVER) !=
			 sizeof(out);
		wrong += green_read_exactly(p->fd, in, sizeof(in),
					    GREEN_NEVER) != sizeof(in);
		wrong += memcmp(in, out, sizeof(in)) != 0;
	}
	wrong += green_close(p->fd) != 0;
	return NULL;
}

static int
listener(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = green_socket(AF_INET, SOCK_STREAM, 0);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)addr, sizeof(*addr)) ||
	    listen(fd, CONNECTIONS) ||
	    getsockname(fd, (struct sockaddr *)addr, &len))
		wrong++;
	return fd;
}

static struct sockaddr_in server_addr;
static int server_fd;

static void *
accept_all(void *arg)
{
	static struct peer peers[CONNECTIONS];

	for (int i = 0; i < CONNECTIONS; i++) {
		peers[i].fd = green_accept(server_fd, NULL, NULL, GREEN_NEVER);
		peers[i].plain = i % 2;
		wrong += peers[i].fd < 0;
		green_spawn(&peers[i].id, NULL, serve, &peers[i]);
	}
	for (int i = 0; i < CONNECTIONS; i++)
		green_join(peers[i].id, NULL, GREEN_NEVER);
	return arg;
}

static void *
connect_all(void *arg)
{
	struct peer peers[CONNECTIONS];

	for (int i = 0; i < CONNECTIONS; i++) {
		/* Every other one in blocking mode. */
		peers[i].fd = i % 2 ? green_socket(AF_INET, SOCK_STREAM, 0)
				    : socket(AF_INET, SOCK_STREAM, 0);
		wrong += green_connect(peers[i].fd,
				       (struct sockaddr *)&server_addr,
				       sizeof(server_addr), GREEN_NEVER) != 0;
		wrong += !(fcntl(peers[i].fd, F_GETFL) & O_NONBLOCK) !=
			 (i % 2 == 0);
		green_spawn(&peers[i].id, NULL, call, &peers[i]);
	}
	for (int i = 0; i < CONNECTIONS; i++)
		green_join(peers[i].id, NULL, GREEN_NEVER);
	return arg;
}

static void
tcp(bool other_os_thread)
{
	pthread_t os_thread;
	green_t id;

	wrong = 0;
	server_fd = listener(&server_addr);
	green_spawn(&id, NULL, accept_all, NULL);
	if (other_os_thread) {
		pthread_create(&os_thread, NULL, connect_all, NULL);
		green_join(id, NULL, GREEN_NEVER);
		pthread_join(os_thread, NULL);
	} else {
		connect_all(NULL);
		green_join(id, NULL, GREEN_NEVER);
	}
	green_close(server_fd);
	is(wrong, 0, "%d connections, %s", CONNECTIONS,
	   other_os_thread ? "to another OS thread" : "within a worker");
}

/* ---- more than fits -------------------------------------------------------
 */

#define MUCH 1000000

static void *
pour(void *arg)
{
	char *bytes = malloc(MUCH);
	int fd = *(int *)arg;

	for (int i = 0; i < MUCH; i++)
		bytes[i] = (char)(i * 7 + i / 1000);
	if (green_write_all(fd, bytes, MUCH, GREEN_NEVER) != MUCH)
		wrong++;
	free(bytes);
	green_close(fd);
	return NULL;
}

static void
flood(const char *what, int to, int from)
{
	char *bytes = malloc(MUCH);
	green_t id;

	wrong = 0;
	green_spawn(&id, NULL, pour, &to);
	is(green_read_exactly(from, bytes, MUCH, GREEN_NEVER), MUCH,
	   "%s: all of it", what);
	for (int i = 0; i < MUCH; i++)
		wrong += bytes[i] != (char)(i * 7 + i / 1000);
	is(green_read(from, bytes, 1, GREEN_NEVER), 0, "%s: the end", what);
	green_join(id, NULL, GREEN_NEVER);
	is(wrong, 0, "%s: in order", what);
	green_close(from);
	free(bytes);
}

static bool
blocks(int fd)
{
	return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void
floods(void)
{
	int fds[2], modes;

	green_pipe(fds);
	flood("pipe", fds[1], fds[0]);
	if (pipe(fds))
		ok(0, "pipe");
	modes = blocks(fds[0]) + blocks(fds[1]);
	is(modes, 2, "a pipe in blocking mode");
	flood("blocking pipe", fds[1], fds[0]);
	green_socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	flood("UNIX socket", fds[1], fds[0]);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		ok(0, "socketpair");
	flood("blocking UNIX socket", fds[1], fds[0]);
}

int
main(void)
{
	tcp(false);
	floods();
	tcp(true);
	floods();
	return tap_done();
}
