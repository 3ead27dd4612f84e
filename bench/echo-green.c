/* SPDX-License-Identifier: MIT */
/* Echo: libgreen, a green thread for each connection, one worker. */

#include <stdint.h>

#include <green.h>

#include "server.h"

static void *
echo(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char buffer[SERVER_BUFFER];
	ssize_t n;

	while ((n = green_recv(fd, buffer, sizeof(buffer), 0, GREEN_NEVER)) > 0)
		if (green_send(fd, buffer, (size_t)n, 0, GREEN_NEVER) != n)
			break;
	green_close(fd);
	return NULL;
}

int
main(void)
{
	int listener = server_listen("epoll"), fd;

	for (;;) {
		fd = green_accept(listener, NULL, NULL, GREEN_NEVER);
		if (fd < 0)
			continue;
		server_no_delay(fd);
		if (green_spawn(NULL, NULL, echo, (void *)(intptr_t)fd))
			green_close(fd);
	}
}
