/* SPDX-License-Identifier: MIT */
/*
 * A socket that listens. Names are not looked up: that could take long, and
 * one's own addresses are known.
 */

#define _GNU_SOURCE
#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <green.h>

static int
bind_to(const struct addrinfo *where)
{
	int fd, one = 1, error = 0;

	fd = green_socket(where->ai_family, SOCK_STREAM, 0);
	if (fd < 0)
		return fd;
	/* Connections inherit the second one: what is sent goes out at once. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0 ||
	    bind(fd, where->ai_addr, where->ai_addrlen) < 0 ||
	    listen(fd, 65535) < 0) /* the kernel cuts it to its own limit */
		error = -errno;
	if (error < 0)
		green_close(fd);
	return error < 0 ? error : fd;
}

int
listen_on(const char *address, const char *port)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int fd;

	if (getaddrinfo(address, port, &hints, &found) != 0)
		return -EADDRNOTAVAIL;
	fd = bind_to(found);
	freeaddrinfo(found);
	return fd;
}

void
listen_name(int fd, char *name, size_t size)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char host[64] = "?", port[8] = "?";

	if (getsockname(fd, (struct sockaddr *)&address, &length) == 0)
		getnameinfo((struct sockaddr *)&address, length, host,
			    sizeof(host), port, sizeof(port),
			    NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(name, size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host,
		 port);
}
