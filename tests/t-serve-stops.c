/* SPDX-License-Identifier: MIT */
/* Proves: serving stops when the listener is shut down or closed, by any OS
 * thread, and when its caller is cancelled; while it waits for connections, and
 * while the limit is reached; connections have their time to end, and are
 * cancelled afterwards; what cannot be served is refused. */

#include "tap.h"

#include <pthread.h>
#include <stdbool.h>

#include <green.h>

/* What the connections have come to. */
static int begun, ended, cancelled;
static struct green_event may_end;

static void
handle(int fd, void *arg)
{
	(void)arg;
	begun++;
	green_write_all(fd, "!", 1, GREEN_NEVER);
	if (green_event_wait(&may_end, GREEN_NEVER) == -ECANCELED)
		cancelled++;
	ended++;
}

struct server {
	struct green_serve_attr attr;
	struct green_serve_stats stats;
	char name[GREEN_NET_NAME_MAX];
	int fd, result;
	green_t id;
};

static void *
serve(void *arg)
{
	struct server *s = arg;

	s->result = green_serve(s->fd, &s->attr, handle, NULL);
	return NULL;
}

static void *
shuts_down(void *arg)
{
	green_shutdown(((struct server *)arg)->fd, SHUT_RDWR);
	return NULL;
}

static void
shut_down(struct server *s)
{
	shuts_down(s);
}

static void
shut_down_elsewhere(struct server *s)
{
	pthread_t os_thread;

	pthread_create(&os_thread, NULL, shuts_down, s);
	pthread_join(os_thread, NULL);
}

static void
close_it(struct server *s)
{
	green_close(s->fd);
	s->fd = -1;
}

/* The number stands for something else before the loop looks. */
static void
close_and_reuse(struct server *s)
{
	int fd = s->fd;

	green_close(fd);
	s->fd = green_listen("127.0.0.1:0", NULL, 0);
	is(s->fd, fd, "the number is used again");
}

static void
cancel(struct server *s)
{
	green_cancel(s->id);
}

/* Some connections, that have begun. */
static void
connect_some(struct server *s, int fds[], int n)
{
	char c;

	for (int i = 0; i < n; i++) {
		fds[i] = green_dial(s->name, NULL, GREEN_NEVER);
		green_read_exactly(fds[i], &c, 1, GREEN_NEVER);
	}
}

static void
open_server(struct server *s, uint64_t limit, int64_t grace)
{
	memset(s, 0, sizeof(*s));
	s->attr.size = sizeof(s->attr);
	s->attr.connections = limit;
	s->attr.grace = grace;
	s->attr.stats = &s->stats;
	s->fd = green_listen("127.0.0.1:0", NULL, 0);
	green_net_local(s->fd, s->name, sizeof(s->name));
	begun = ended = cancelled = 0;
	green_event_reset(&may_end);
	green_spawn(&s->id, NULL, serve, s);
	/* It begins, and waits. */
	green_yield();
}

static void
close_server(struct server *s, int fds[], int n)
{
	green_join(s->id, NULL, GREEN_NEVER);
	is(ended, begun, "none is left");
	is(s->stats.cancelled, cancelled, "those cancelled are counted");
	while (n--)
		green_close(fds[n]);
	if (s->fd >= 0)
		green_close(s->fd);
}

/* At once, with connections that do not end by themselves. */
static void
at_once(void (*stop)(struct server *s), int want, uint64_t limit, int n)
{
	struct server s;
	int fds[4];

	open_server(&s, limit, 0);
	connect_some(&s, fds, n);
	stop(&s);
	close_server(&s, fds, n);
	is(s.result, want, "%d connections, limit %d", n, (int)limit);
	is(cancelled, n, "all were cancelled");
}

static void *
lets_end(void *arg)
{
	green_sleep_until(green_after(GREEN_SECOND));
	green_event_set(&may_end);
	return arg;
}

/* Connections end by themselves after a second, of which they have so many. */
static void
in_time(void (*stop)(struct server *s), int want, int64_t grace)
{
	bool enough = grace > GREEN_SECOND;
	struct server s;
	int fds[3];
	green_t id;

	open_server(&s, 3, grace);
	connect_some(&s, fds, 3);
	green_clock_virtual(GREEN_SECOND);
	green_spawn(&id, NULL, lets_end, NULL);
	green_yield();
	stop(&s);
	close_server(&s, fds, 3);
	is(s.result, want, "%s", enough ? "time enough" : "not enough");
	is(cancelled, enough ? 0 : 3, "cancelled");
	green_join(id, NULL, GREEN_NEVER);
	green_clock_real();
}

/* A second reason cuts the wait short. */
static void
closed_and_cancelled(void)
{
	struct server s;
	int fds[2];

	open_server(&s, 0, GREEN_NEVER);
	connect_some(&s, fds, 2);
	close_it(&s);
	green_yield();
	is(ended, 0, "they have all the time they need");
	green_cancel(s.id);
	close_server(&s, fds, 2);
	is(s.result, 0, "it was closed first");
	is(cancelled, 2, "but then they were cancelled");
}

static void *
serve_cancelled(void *arg)
{
	green_cancel(green_self());
	return serve(arg);
}

static void
bad_input(void)
{
	struct server s = { .attr = { .size = sizeof(s.attr) } };
	int fds[2], fd = green_socket(AF_INET, SOCK_STREAM, 0);
	green_t id;

	is(green_serve(-1, NULL, handle, NULL), -EBADF, "no descriptor");
	is(green_serve(fd, NULL, handle, NULL), -EINVAL, "does not listen");
	green_close(fd);
	is(green_serve(fd, NULL, handle, NULL), -EBADF, "closed");
	green_pipe(fds);
	is(green_serve(fds[0], NULL, handle, NULL), -ENOTSOCK, "no socket");
	green_close(fds[0]);
	green_close(fds[1]);
	s.fd = green_listen("127.0.0.1:0", NULL, 0);
	is(green_serve(s.fd, NULL, NULL, NULL), -EINVAL, "no function");
	s.attr.flags = 1;
	is(green_serve(s.fd, &s.attr, handle, NULL), -EINVAL, "flags");
	s.attr.flags = 0;
	s.attr.grace = -1;
	is(green_serve(s.fd, &s.attr, handle, NULL), -EINVAL, "grace");
	s.attr.grace = 0;
	s.attr.stack_size = 1;
	s.attr.size = 8;
	is(green_serve(s.fd, &s.attr, handle, NULL), -EINVAL, "size");
	s.attr = (struct green_serve_attr){ .size = sizeof(s.attr) };
	green_spawn(&id, NULL, serve_cancelled, &s);
	green_join(id, NULL, GREEN_NEVER);
	is(s.result, -ECANCELED, "cancelled before");
	green_close(s.fd);
}

int
main(void)
{
	static void (*const ways[])(
		struct server *) = { shut_down, shut_down_elsewhere, close_it,
				     close_and_reuse, cancel };

	for (int i = 0; i < 5; i++) {
		int want = ways[i] == cancel ? -ECANCELED : 0;

		at_once(ways[i], want, 0, 0);
		at_once(ways[i], want, 0, 3);
		at_once(ways[i], want, 3, 3);
		in_time(ways[i], want, 2 * GREEN_SECOND);
		in_time(ways[i], want, GREEN_SECOND / 2);
	}
	closed_and_cancelled();
	bad_input();
	return tap_done();
}
