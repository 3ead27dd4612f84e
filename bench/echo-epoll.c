/* SPDX-License-Identifier: MIT */
/*
 * Echo by hand, the loop that everything else is compared with: one epoll,
 * level-triggered, one read and one write for each event, no state for a
 * connection but its number. A short write loses the rest: with requests that
 * fit into the socket's buffer there is none.
 */

#include "config.h"

#include <errno.h>
#include <sys/epoll.h>

#include "server.h"

#define EVENTS 256

static struct epoll_event events[EVENTS];
static char buffer[SERVER_BUFFER];
static int poller, listener;

static void
watch(int fd)
{
	struct epoll_event e;

	memset(&e, 0, sizeof(e));
	e.events = EPOLLIN;
	e.data.fd = fd;
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e))
		give_up("could not watch", fd);
}

/* One for each event: the listener stays ready while there are more. */
static void
take(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	server_no_delay(fd);
	watch(fd);
}

static void
echo(int fd)
{
	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);

	if (n > 0)
		n = send(fd, buffer, (size_t)n, MSG_NOSIGNAL);
	else if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		close(fd);
}

int
main(void)
{
	int i, n;

	poller = epoll_create1(EPOLL_CLOEXEC);
	listener = server_listen("epoll");
	watch(listener);
	for (;;) {
		n = epoll_wait(poller, events, EVENTS, -1);
		for (i = 0; i < n; i++)
			if (events[i].data.fd == listener)
				take();
			else
				echo(events[i].data.fd);
	}
}
