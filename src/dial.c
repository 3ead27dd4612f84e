/* SPDX-License-Identifier: MIT */
/*
 * Dialling.
 *
 * One address is connected to in place. Of several each gets a green thread, a
 * member of a scope, that reports through a channel with room for all of them;
 * whoever dials starts the next when one has failed or taken too long, takes
 * the first that comes, cancels the others and closes what they have got.
 *
 * A UNIX socket whose backlog is full refuses at once, and the kernel has no
 * way to wait for room there without blocking the OS thread: so that is tried
 * again, less and less often.
 */

#include "config.h"

#include "address.h"

#include "base.h"
#include "mem.h"

#include <errno.h>
#include <string.h>

#include <green/chan.h>
#include <green/io.h>
#include <green/net.h>
#include <green/scope.h>

#define ATTR_MIN sizeof(struct green_dial_attr) /* of the first release */
#define FLAGS \
	(GREEN_NET_DATAGRAM | GREEN_NET_IPV4 | GREEN_NET_IPV6 | GREEN_NET_DELAY)
#define STAGGER (250 * GREEN_MILLISECOND)
#define PAUSE_MIN GREEN_MILLISECOND
#define PAUSE_MAX (64 * GREEN_MILLISECOND)

struct dial {
	const struct green_dial_attr *attr;
	struct addresses list, local;
	int64_t deadline;
	struct green_scope *scope;
	struct green_chan *outcomes; /* int: a descriptor or an error */
};

struct attempt {
	struct dial *dial;
	const struct address *to;
};

/* ---- one address --------------------------------------------------------- */

static int
bind_local(int fd, const struct dial *d, const struct address *to)
{
	int i;

	if (!d->local.count)
		return 0;
	for (i = 0; i < d->local.count; i++) {
		const struct address *a = &d->local.all[i];

		if (a->any.sa_family != to->any.sa_family)
			continue;
		/* Its port may be left over from an old connection. */
		if (a->any.sa_family != AF_UNIX &&
		    !(d->attr->flags & GREEN_NET_DATAGRAM))
			green__net_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		return bind(fd, &a->any, a->len) ? -errno : 0;
	}
	return -EAFNOSUPPORT;
}

/* A port of this machine at which nobody listens can be the one that the
 * system has chosen for our end: then it connects us to ourselves. */
static bool
is_self(int fd, const struct address *to)
{
	struct address own;

	memset(&own, 0, sizeof(own));
	own.len = sizeof(own.un);
	if (getsockname(fd, &own.any, &own.len) ||
	    own.any.sa_family != to->any.sa_family)
		return false;
	if (own.any.sa_family == AF_INET6)
		return own.in6.sin6_port == to->in6.sin6_port &&
		       !memcmp(&own.in6.sin6_addr, &to->in6.sin6_addr,
			       sizeof(own.in6.sin6_addr));
	return own.any.sa_family == AF_INET &&
	       own.in.sin_port == to->in.sin_port &&
	       own.in.sin_addr.s_addr == to->in.sin_addr.s_addr;
}

static int
connect_to(int fd, const struct address *to, int64_t deadline)
{
	int64_t pause = PAUSE_MIN;
	int error;

	for (;;) {
		error = green_connect(fd, &to->any, to->len, deadline);
		if (error != -EAGAIN || to->any.sa_family != AF_UNIX ||
		    !deadline)
			return error;
		if (green_now() >= deadline)
			return -ETIMEDOUT;
		error = green_sleep_until(green_after(pause) < deadline
						  ? green_after(pause)
						  : deadline);
		if (error)
			return error;
		if (pause < PAUSE_MAX)
			pause *= 2;
	}
}

static int
dial_one(const struct dial *d, const struct address *to, int64_t deadline)
{
	int fd = green__net_socket(to, d->attr->flags);
	int error;

	if (fd < 0)
		return fd;
	error = bind_local(fd, d, to);
	if (!error)
		error = connect_to(fd, to, deadline);
	if (!error && !d->local.count &&
	    !(d->attr->flags & GREEN_NET_DATAGRAM) && is_self(fd, to))
		error = -ECONNREFUSED;
	if (!error)
		return fd;
	green_close(fd);
	return error;
}

/* ---- several ------------------------------------------------------------- */

static void *
attempt(void *arg)
{
	struct attempt *a = arg;
	struct green_chan *outcomes = a->dial->outcomes;
	/* Whoever dials has the deadline. */
	int outcome = dial_one(a->dial, a->to, GREEN_NEVER);

	green__free(a);
	/* There is room for it; nothing but a cancellation could prevent it. */
	green_shield(1);
	green_chan_send(outcomes, &outcome, sizeof(outcome), GREEN_NEVER);
	return NULL;
}

static int
start(struct dial *d, const struct address *to)
{
	struct attempt *a = green__alloc(sizeof(*a));
	int error;

	if (!a)
		return -ENOMEM;
	a->dial = d;
	a->to = to;
	error = green_scope_spawn(d->scope, NULL, NULL, attempt, a);
	if (error)
		green__free(a);
	return error;
}

/* The first that comes: its descriptor; otherwise the first error. */
static int
race(struct dial *d)
{
	int64_t stagger = d->attr->stagger ? d->attr->stagger : STAGGER;
	int next = 0, running = 0, first = 0, outcome, error;

	do {
		int64_t until = d->deadline, turn = GREEN_NEVER;

		if (next < d->list.count) {
			error = start(d, &d->list.all[next++]);
			if (error)
				return error;
			running++;
			if (next < d->list.count)
				turn = green_after(stagger);
		}
		error = green_chan_recv(d->outcomes, &outcome, sizeof(outcome),
					turn < until ? turn : until);
		/* It was the next one's turn. */
		if (error == -ETIMEDOUT && turn < until)
			continue;
		if (error)
			return error;
		if (outcome >= 0)
			return outcome;
		running--;
		if (!first)
			first = outcome;
	} while (running || next < d->list.count);
	return first;
}

/* Close what others have got. */
static void
close_rest(struct dial *d)
{
	int shield = green_shield(1);
	int fd;

	while (!green_chan_recv(d->outcomes, &fd, sizeof(fd), 0))
		if (fd >= 0)
			green_close(fd);
	green_shield(shield);
}

static int
dial_several(struct dial *d)
{
	int fd = green_chan_create(&d->outcomes, sizeof(int), d->list.count,
				   NULL);

	if (fd)
		return fd;
	fd = green_scope_create(&d->scope, NULL);
	if (!fd) {
		fd = race(d);
		green_scope_destroy(d->scope);
		close_rest(d);
	}
	green_chan_destroy(d->outcomes);
	return fd;
}

/* Families in turns, that of the first address first; each as it was. */
static void
take_turns(struct addresses *list)
{
	int i, j;

	for (i = 1; i < list->count; i++) {
		struct address other;
		sa_family_t last = list->all[i - 1].any.sa_family;

		for (j = i; j < list->count; j++)
			if (list->all[j].any.sa_family != last)
				break;
		if (j == list->count)
			return;
		other = list->all[j];
		memmove(&list->all[i + 1], &list->all[i],
			(size_t)(j - i) * sizeof(other));
		list->all[i] = other;
	}
}

/* ---- the call ------------------------------------------------------------ */

static int
dial(struct dial *d, const char *address)
{
	uint64_t flags = d->attr->flags;
	int fd;

	if (d->attr->local) {
		fd = green__addresses_find(&d->local, d->attr->local, flags,
					   true, d->deadline);
		if (fd)
			return fd;
	}
	fd = green__addresses_find(&d->list, address, flags, false,
				   d->deadline);
	if (fd)
		return fd;
	take_turns(&d->list);
	return d->list.count == 1 ? dial_one(d, d->list.all, d->deadline)
				  : dial_several(d);
}

int
green_dial(const char *address, const struct green_dial_attr *attr,
	   int64_t deadline)
{
	static const struct green_dial_attr defaults = { .size = ATTR_MIN };
	struct dial d = { .attr = attr ? attr : &defaults,
			  .deadline = deadline };
	int fd;

	fd = green__struct_check(d.attr, d.attr->size, ATTR_MIN,
				 sizeof(*d.attr));
	if (!fd)
		fd = green__net_flags_check(d.attr->flags, FLAGS);
	if (!fd && d.attr->stagger < 0)
		fd = -EINVAL;
	if (fd)
		return fd;
	fd = dial(&d, address);
	green__addresses_free(&d.list);
	green__addresses_free(&d.local);
	return fd;
}
