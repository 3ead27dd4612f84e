/* SPDX-License-Identifier: MIT */
#ifndef TCP_H
#define TCP_H

/*
 * TCP over loopback with the plain calls of the system, in blocking mode, as
 * other libraries open their sockets.
 */

#include "tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

/* A listener on a port that is free. */
__attribute__((unused)) static int
tcp_listener(struct sockaddr_in *ret_addr, int backlog)
{
	socklen_t len = sizeof(*ret_addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(ret_addr, 0, sizeof(*ret_addr));
	ret_addr->sin_family = AF_INET;
	ret_addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)ret_addr, sizeof(*ret_addr)) ||
	    listen(fd, backlog) ||
	    getsockname(fd, (struct sockaddr *)ret_addr, &len)) {
		perror("tcp_listener");
		exit(99);
	}
	return fd;
}

/* Both ends of a connection. No signal comes in between. */
__attribute__((unused)) static void
tcp_pair(int fds[2])
{
	struct sockaddr_in addr;
	int listener = tcp_listener(&addr, 1);
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fds[0] < 0 ||
	    connect(fds[0], (struct sockaddr *)&addr, sizeof(addr)) ||
	    (fds[1] = accept(listener, NULL, NULL)) < 0) {
		perror("tcp_pair");
		exit(99);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close(listener);
}

/* What was sent has arrived. */
__attribute__((unused)) static void
until_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, -1) != 1)
		;
}

#endif
