/* SPDX-License-Identifier: MIT */
#ifndef SERVER_H
#define SERVER_H

/*
 * What the servers of the rows of I/O share. They are called as
 *
 *	program [WORKERS [STACK]]
 *
 * listen on a free port of the loopback, say which as one line of JSON, and
 * serve until they are killed. An echo server answers what one read gave with
 * one write; all have the same buffer, which is larger than a request.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define SERVER_BUFFER 1024
#define SERVER_BACKLOG 65535 /* the kernel cuts it to what it allows */

/* The port is known to the driver when this returns; by: what it waits by,
 * in a word. */
maybe_unused static int
server_listen(const char *by)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) ||
	    listen(fd, SERVER_BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&address, &size))
		give_up("could not listen", fd);
	printf("{\"port\": %d, \"by\": \"%s\"}\n", ntohs(address.sin_port), by);
	fflush(stdout);
	return fd;
}

/* Answers leave at once. */
maybe_unused static void
server_no_delay(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

#endif
