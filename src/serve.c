/* SPDX-License-Identifier: MIT */
/*
 * Serving: a loop that accepts, and a green thread for each connection.
 *
 * The loop makes one step after the other: room for a connection within the
 * limit, memory for it, accept, a thread. A step that fails for want of
 * something keeps what it has got, a connection above all, and is made again
 * when that may have changed. So nobody is refused.
 *
 * What the loop waits for is always a change of the listener (fd.h): a
 * connection has come, or the listener was shut down or closed. A connection
 * that ends while the loop waits for room reports such a change, too. Neither
 * gets lost: the loop says that it waits, looks, makes the step again, and
 * waits only if nothing has changed since the look; whoever ends first gives
 * back all it had, then sees whether the loop waits.
 *
 * Connections are members of a scope. The loop's thread, whose stack has
 * everything, leaves when that is empty.
 *
 * Rejected: a semaphore for the limit, which would not end when the listener is
 * closed; closing connections that come while there is no room, to look busy:
 * in the backlog they have a chance.
 */

#include "config.h"

#include "base.h"
#include "fd.h"
#include "mem.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include <green/io.h>
#include <green/net.h>
#include <green/scope.h>
#include <green/thread.h>

#define ATTR_MIN sizeof(struct green_serve_attr) /* of the first release */
#define MOMENT (100 * GREEN_MILLISECOND)
#define YIELD_EVERY 16 /* connections, so that they have their turn */

struct connection {
	struct server *server;
	int fd; /* -1: none yet */
};

struct server {
	int fd;
	uint32_t generation; /* that fd had at first */
	const struct green_serve_attr *attr;
	green_serve_fn fn;
	void *arg;
	struct green_scope *scope;
	struct connection *next; /* that has no thread yet, or NULL */
	_Atomic uint64_t active; /* connections that have one */
	_Atomic bool waits;      /* the loop, for room */
	struct green_serve_stats stats;
};

/* ---- a connection -------------------------------------------------------- */

static void *
serve_one(void *arg)
{
	struct connection *c = arg;
	struct server *s = c->server;

	s->fn(c->fd, s->arg);
	green_close(c->fd);
	green__free(c);
	/* Both pair with wait_for_room() and step(): either it sees that there
	 * is one less, or this that it waits. */
	atomic_fetch_sub(&s->active, 1);
	if (atomic_load(&s->waits))
		green__fd_nudge(s->fd, FD_IN);
	return NULL;
}

/* ---- the loop ------------------------------------------------------------ */

/* Nothing will come any more. accept(2) does not say so of a UNIX socket, nor
 * when it is not called. */
static bool
is_shut_down(const struct server *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

/* A thread for the next connection, which is there. */
static int
start(struct server *s)
{
	struct green_attr attr = { .size = sizeof(attr),
				   .stack_size = s->attr->stack_size };
	uint64_t active = atomic_fetch_add(&s->active, 1) + 1;
	int error = green_scope_spawn(s->scope, NULL, &attr, serve_one,
				      s->next);

	if (error) {
		atomic_fetch_sub(&s->active, 1);
		return error == -EAGAIN ? -ENOMEM : error;
	}
	s->next = NULL;
	s->stats.served++;
	if (active > s->stats.most)
		s->stats.most = active;
	return 0;
}

/* Start one connection more. -EBUSY: there are as many as there may be;
 * -EAGAIN: nobody has come. */
static int
step(struct server *s)
{
	int fd;

	/* Pairs with serve_one(). */
	if (s->attr->connections &&
	    atomic_load(&s->active) >= s->attr->connections)
		return -EBUSY;
	if (!s->next) {
		s->next = green__alloc(sizeof(*s->next));
		if (!s->next)
			return -ENOMEM;
		s->next->server = s;
		s->next->fd = -1;
	}
	if (s->next->fd < 0) {
		fd = green_accept(s->fd, NULL, NULL, 0);
		if (fd < 0)
			return fd;
		s->next->fd = fd;
	}
	return start(s);
}

static bool
is_want(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOBUFS ||
	       error == -ENOMEM;
}

/* Errors of a connection that has come and gone; see accept(2). */
static bool
is_loss(int error)
{
	return error == -ECONNABORTED || error == -EPROTO ||
	       error == -ENOPROTOOPT || error == -ENETDOWN ||
	       error == -ENETUNREACH || error == -EHOSTDOWN ||
	       error == -EHOSTUNREACH || error == -ENONET;
}

/* A step has failed for want of something, or nothing has come. Wait until that
 * may have changed since the look: returns 0. */
static int
wait_for_change(struct server *s, struct fd_look *look, int want)
{
	bool is_short = is_want(want);
	int error;

	if (is_shut_down(s))
		return -EINVAL;
	/* Pairs with serve_one(): the next step sees what it has given back. */
	if (want != -EAGAIN && !atomic_load(&s->waits)) {
		atomic_store(&s->waits, true);
		s->stats.full += !is_short;
		s->stats.starved += is_short;
		return 0;
	}
	error = green__fd_await(look,
				is_short ? green_after(MOMENT) : GREEN_NEVER);
	/* Not even memory to wait for a descriptor. */
	if (is_want(error))
		error = green_sleep_until(green_after(MOMENT));
	return error == -ETIMEDOUT || error == -EINTR ? 0 : error;
}

/* Until it stops: returns why. */
static int
accept_all(struct server *s)
{
	for (;;) {
		struct fd_look look;
		int error;

		green__fd_look(s->fd, FD_IN, &look);
		/* The number may stand for another file by now. */
		if (look.generation != s->generation)
			return -EBADF;
		error = step(s);
		if (!error) {
			atomic_store(&s->waits, false);
			if (s->stats.served % YIELD_EVERY == 0)
				green_yield();
		} else if (is_loss(error)) {
			s->stats.lost++;
		} else if (error == -EAGAIN || error == -EBUSY ||
			   is_want(error)) {
			error = wait_for_change(s, &look, error);
			if (error)
				return error;
		} else {
			return error;
		}
	}
}

/* ---- the end ------------------------------------------------------------- */

/* Let those that are left end by themselves, while there is time. */
static void
wait_for_end(struct server *s, int why)
{
	int64_t until = green_after(s->attr->grace);
	int error;

	/* Who is cancelled waits for them all the same. */
	if (why == -ECANCELED)
		green_shield(1);
	if (!s->attr->grace)
		return;
	do
		error = green_scope_wait(s->scope, until);
	while (error == -EINTR);
}

static int
finish(struct server *s, int why)
{
	int shield = green_shield(1);

	green_shield(shield);
	if (s->next && s->next->fd >= 0)
		green_close(s->next->fd);
	green__free(s->next);
	wait_for_end(s, why);
	s->stats.cancelled = atomic_load(&s->active);
	green_scope_destroy(s->scope);
	green_shield(shield);
	if (s->attr->stats)
		*s->attr->stats = s->stats;
	/* accept(2) says EINVAL of one that listens no more. */
	return why == -EBADF || why == -EINVAL ? 0 : why;
}

static int
check_attr(const struct green_serve_attr *a)
{
	int error = green__struct_check(a, a->size, ATTR_MIN, sizeof(*a));

	if (error)
		return error;
	return a->flags || a->grace < 0 ? -EINVAL : 0;
}

static int
check_listener(int fd)
{
	/* Also makes an entry for it, in which nudges are not lost. */
	int kind = green__fd_kind(fd), listens = 0;
	socklen_t size = sizeof(listens);

	if (kind < 0)
		return kind;
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size))
		return -errno;
	return listens ? 0 : -EINVAL;
}

int
green_serve(int fd, const struct green_serve_attr *attr, green_serve_fn fn,
	    void *arg)
{
	static const struct green_serve_attr defaults = { .size = ATTR_MIN };
	struct server s = { .fd = fd, .fn = fn, .arg = arg };
	struct fd_look look;
	int error;

	s.attr = attr ? attr : &defaults;
	error = check_attr(s.attr);
	if (error)
		return error;
	if (!fn)
		return -EINVAL;
	error = check_listener(fd);
	if (error)
		return error;
	green__fd_look(fd, FD_IN, &look);
	s.generation = look.generation;
	error = green_scope_create(&s.scope, NULL);
	if (error)
		return error;
	return finish(&s, accept_all(&s));
}
