/* SPDX-License-Identifier: MIT */
/* Echo: State Threads, a thread for each connection. */

#include <st.h>

#include "../server.h"

static void *
echo(void *arg)
{
	st_netfd_t fd = arg;
	char buffer[SERVER_BUFFER];
	ssize_t n;

	while ((n = st_read(fd, buffer, sizeof(buffer), ST_UTIME_NO_TIMEOUT)) >
	       0)
		if (st_write(fd, buffer, (size_t)n, ST_UTIME_NO_TIMEOUT) != n)
			break;
	st_netfd_close(fd);
	return NULL;
}

int
main(int argc, char **argv)
{
	int stack = argc > 2 ? atoi(argv[2]) : 0;
	st_netfd_t listener, fd;

	/* Where it was built without epoll, as Debian's is, this sets
	 * nothing, and it would take select(), which ends at 1,024. */
	if (st_set_eventsys(ST_EVENTSYS_ALT) || !*st_get_eventsys_name())
		st_set_eventsys(ST_EVENTSYS_POLL);
	if (st_init())
		give_up("could not begin", 0);
	listener = st_netfd_open_socket(server_listen(st_get_eventsys_name()));
	for (;;) {
		fd = st_accept(listener, NULL, NULL, ST_UTIME_NO_TIMEOUT);
		if (!fd)
			continue;
		server_no_delay(st_netfd_fileno(fd));
		if (!st_thread_create(echo, fd, 0, stack))
			st_netfd_close(fd);
	}
}
