/* SPDX-License-Identifier: MIT */
/* Proves: of the addresses of a name the next is tried as soon as one has
 * failed, or does not answer for a while, families in turns; the first that
 * answers is taken; if none does, the error is the first one's, or the
 * deadline's, or a cancellation; and no descriptor or thread is left behind. */

#include "tap.h"

#include <dirent.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>

#include <green.h>

/* ---- names --------------------------------------------------------------- */

/* What the name "several" stands for. */
static struct sockaddr_in6 addrs[8];
static int count;

/* In place of libc's. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
	    struct addrinfo **list)
{
	struct addrinfo *all = calloc((size_t)count, sizeof(*all));

	if (!all || strcmp(node, "several") || strcmp(service, "1"))
		return EAI_NONAME;
	for (int i = 0; i < count; i++) {
		all[i] = (struct addrinfo){
			.ai_family = addrs[i].sin6_family,
			.ai_socktype = hints->ai_socktype,
			.ai_addr = (struct sockaddr *)&addrs[i],
			.ai_addrlen = addrs[i].sin6_family == AF_INET
					      ? sizeof(struct sockaddr_in)
					      : sizeof(struct sockaddr_in6),
			.ai_next = i + 1 < count ? &all[i + 1] : NULL,
		};
	}
	*list = all;
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	free(list);
}

/* ---- hosts --------------------------------------------------------------- */

/* An address at which somebody listens, with room for one, or backlog more. */
static int
listener(struct sockaddr_in6 *ret, int family, int backlog)
{
	socklen_t len = sizeof(*ret);
	int fd = green_socket(family, SOCK_STREAM, 0);

	memset(ret, 0, sizeof(*ret));
	ret->sin6_family = (sa_family_t)family;
	if (family == AF_INET)
		((struct sockaddr_in *)ret)->sin_addr.s_addr = htonl(
			INADDR_LOOPBACK);
	else
		ret->sin6_addr = in6addr_loopback;
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)ret,
		 family == AF_INET ? sizeof(struct sockaddr_in) : len) ||
	    listen(fd, backlog) ||
	    getsockname(fd, (struct sockaddr *)ret, &len)) {
		green_close(fd);
		return -1;
	}
	return fd;
}

static struct sockaddr_in6 good, good6, silent, refusing;
static int good_fd, good6_fd, silent_fd, refusing_fd, fills;

/* One that answers; one that does not, as its backlog is full, and the kernel
 * drops what comes; and one that is bound, but refuses. */
static void
make_hosts(void)
{
	struct pollfd p = { .events = POLLIN };
	socklen_t len = sizeof(refusing);

	good_fd = listener(&good, AF_INET, 16);
	good6_fd = listener(&good6, AF_INET6, 16);
	silent_fd = listener(&silent, AF_INET, 0);
	fills = socket(AF_INET, SOCK_STREAM, 0);
	is(connect(fills, (struct sockaddr *)&silent,
		   sizeof(struct sockaddr_in)),
	   0, "room for one");
	p.fd = silent_fd;
	is(poll(&p, 1, -1), 1, "which is taken");
	refusing_fd = green_socket(AF_INET, SOCK_STREAM, 0);
	refusing = silent;
	((struct sockaddr_in *)&refusing)->sin_port = 0;
	is(bind(refusing_fd, (struct sockaddr *)&refusing,
		sizeof(struct sockaddr_in)),
	   0, "nobody listens");
	getsockname(refusing_fd, (struct sockaddr *)&refusing, &len);
}

/* ---- dialling ------------------------------------------------------------ */

static int64_t stagger;

static int
dial(int64_t deadline)
{
	struct green_dial_attr attr = { .size = sizeof(attr),
					.stagger = stagger };

	return green_dial("several:1", &attr, deadline);
}

static void
name_is(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b,
	const struct sockaddr_in6 *c)
{
	count = 0;
	addrs[count++] = *a;
	if (b)
		addrs[count++] = *b;
	if (c)
		addrs[count++] = *c;
}

static void
connects(const struct sockaddr_in6 *to, int listener_fd, const char *what)
{
	struct sockaddr_in6 peer;
	socklen_t len = sizeof(peer);
	int fd = dial(GREEN_NEVER);

	ok(fd >= 0 && !getpeername(fd, (struct sockaddr *)&peer, &len) &&
		   peer.sin6_port == to->sin6_port,
	   "%s: %d", what, fd);
	/* It may have been let go of already. */
	if (fd >= 0)
		green_close(green_accept(listener_fd, NULL, NULL, GREEN_NEVER));
	green_close(fd);
}

static void
first_that_answers(void)
{
	/* So long that none but a failure brings the next. */
	stagger = GREEN_NEVER;
	name_is(&good, NULL, NULL);
	connects(&good, good_fd, "one address");
	name_is(&good, &silent, &refusing);
	connects(&good, good_fd, "the first");
	name_is(&refusing, &refusing, &good);
	connects(&good, good_fd, "the last, as the others have failed");
	if (good6_fd >= 0) {
		name_is(&refusing, &silent, &good6);
		connects(&good6, good6_fd, "the other family's turn");
		name_is(&refusing, &good6, &silent);
		connects(&good6, good6_fd, "which may be the next anyway");
	} else {
		skip("the other family's turn", "no IPv6 here");
	}
	stagger = GREEN_MILLISECOND;
	name_is(&silent, &silent, &good);
	connects(&good, good_fd, "the last, as the others do not answer");
	name_is(&silent, &refusing, &good);
	connects(&good, good_fd, "the last, as the others do not, or fail");
}

/* ---- none ---------------------------------------------------------------- */

static void *
dials(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)dial(GREEN_NEVER);
}

static intptr_t
ended_by(int (*then)(green_t id))
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, dials, NULL);
	/* An interruption means nothing to one who does not wait just then. */
	do
		then(id);
	while (green_join(id, &value, green_after(GREEN_MILLISECOND)));
	return (intptr_t)value;
}

static void
none(void)
{
	stagger = GREEN_MILLISECOND;
	name_is(&refusing, &refusing, &refusing);
	is(dial(GREEN_NEVER), -ECONNREFUSED, "all refuse");
	name_is(&silent, &refusing, &silent);
	is(dial(green_after(10 * GREEN_MILLISECOND)), -ETIMEDOUT,
	   "the deadline comes");
	is(dial(0), -EAGAIN, "deadline 0");
	is(dial(1), -ETIMEDOUT, "deadline in the past");
	is(ended_by(green_cancel), -ECANCELED, "cancelled");
	is(ended_by(green_interrupt), -EINTR, "interrupted");
	name_is(&good, NULL, NULL);
	addrs[0].sin6_family = AF_APPLETALK;
	is(dial(GREEN_NEVER), -EAFNOSUPPORT, "a family that is not there");
}

static int
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* The first wait for a descriptor makes the poller's. */
static void *
waits(void *arg)
{
	char c;

	return (void *)(intptr_t)green_read(*(int *)arg, &c, 1, GREEN_NEVER);
}

static void
make_poller(void)
{
	void *value;
	int fds[2];
	green_t id;

	is(green_pipe(fds), 0, "a pipe");
	green_spawn(&id, NULL, waits, &fds[0]);
	green_yield();
	green_close(fds[1]);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, 0, "of which the end is awaited");
	green_close(fds[0]);
}

int
main(void)
{
	struct green_stats stats = { .size = sizeof(stats) };
	int before;

	make_hosts();
	make_poller();
	before = open_fds();
	first_that_answers();
	none();
	is(open_fds(), before, "descriptors that were not closed");
	green_stats_get(&stats);
	is(stats.threads, 1, "threads that are left");
	return tap_done();
}
