/* SPDX-License-Identifier: MIT */
/*
 * Polling: several descriptors, and both directions of one.
 *
 * What is ready is asked of the kernel, with one poll(2) for all; when to ask
 * again is known from changes (fd.h). There is a look and a node for each
 * direction of each descriptor. The nodes are linked one after the other, each
 * under the lock of its own entry: nothing is handed over, so it does no harm
 * if one is chosen while the next is linked.
 *
 * Rejected: an epoll for each call, to be waited for as one descriptor (two
 * calls to the kernel for each descriptor, where this has none from the second
 * time on).
 */

#include "config.h"

#include "poll.h"

#include "base.h"
#include "mem.h"

#include <errno.h>

#include <green/io.h>

#define HERE WAITER_NODES_ON_STACK
#define N_MAX (1u << 24)
#define IN_EVENTS (POLLIN | POLLPRI | POLLRDHUP | POLLRDNORM | POLLRDBAND)
#define OUT_EVENTS (POLLOUT | POLLWRNORM | POLLWRBAND)

int
green__poll_now(struct pollfd *fds, size_t n)
{
	size_t at = 0, step = n;
	int ready = 0, got;

	while (at < n) {
		if (step > n - at)
			step = n - at;
		got = poll(fds + at, step, 0);
		if (got >= 0) {
			ready += got;
			at += step;
		} else if (errno == EINVAL && step > 1) {
			step /= 2; /* more than RLIMIT_NOFILE */
		} else if (errno != EINTR) {
			return -ENOMEM;
		}
	}
	return ready;
}

int
green__poll_watch(const struct fd_look *looks, size_t n)
{
	struct worker *w = green__worker_get();
	int error = w ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; i < n && !error; i++) {
		if (!looks[i].entry && looks[i].fd < 0)
			continue;
		error = green__fd_watch(w, &looks[i]);
		if (error == -EBADF)
			error = 0;
	}
	return error;
}

/* ---- one call ------------------------------------------------------------ */

struct call {
	struct pollfd *fds;
	size_t n;
	/* For each direction of interest, in the order of fds. */
	struct wait_node *nodes;
	struct fd_look *looks;
	uint32_t count;
};

/* 1 << FD_IN, 1 << FD_OUT: errors show in both. */
static unsigned
ways(const struct pollfd *p)
{
	unsigned in = 1u << FD_IN, out = 1u << FD_OUT;

	if (p->fd < 0)
		return 0;
	if (!(p->events & OUT_EVENTS))
		return in;
	return p->events & IN_EVENTS ? in | out : out;
}

static int
look_first(struct call *call)
{
	struct fd_look *look = call->looks;
	enum fd_way way;
	size_t i;

	for (i = 0; i < call->n; i++) {
		unsigned wanted = ways(&call->fds[i]);

		for (way = FD_IN; way <= FD_OUT; way++) {
			if (!(wanted >> way & 1))
				continue;
			green__fd_look(call->fds[i].fd, way, look);
			if (green__fd_make(look++))
				return -ENOMEM;
		}
	}
	return 0;
}

static void
look_again(struct call *call)
{
	uint32_t k;

	for (k = 0; k < call->count; k++)
		green__fd_look_again(&call->looks[k]);
}

/* How many are ready, or were closed meanwhile, whatever has the number now. */
static int
ready(struct call *call)
{
	int found = green__poll_now(call->fds, call->n);
	const struct fd_look *look = call->looks;
	size_t i;

	for (i = 0; i < call->n && found >= 0; i++) {
		struct pollfd *p = &call->fds[i];
		unsigned wanted = ways(p);
		bool stale = wanted && green__fd_is_stale(look);

		look += (wanted & 1) + (wanted >> 1);
		if (!stale)
			continue;
		found += !p->revents;
		p->revents = POLLNVAL;
	}
	return found;
}

/* ---- waiting ------------------------------------------------------------- */

/* Link a node unless something has happened: false. */
static bool
line_up(const struct fd_look *look, struct wait_node *node)
{
	struct wait_queue *lock = green__fd_lock(look);
	bool settled;

	green__queue_lock(lock);
	settled = green__fd_is_settled(look);
	if (settled)
		green__fd_link(look, node);
	green__queue_unlock(lock);
	return settled;
}

static void
prepare(struct call *call, struct waiter *waiter)
{
	uint32_t k;

	green__waiter_init(waiter, call->nodes, call->count);
	for (k = 0; k < call->count; k++) {
		struct wait_node *node = &call->nodes[k];

		node->waiter = waiter;
		node->object = node->queue = green__fd_lock(&call->looks[k]);
		node->linked = node->counted = false;
	}
}

/* Wait until one of them has changed since the last look: 0. */
static int
await(struct call *call, int64_t deadline)
{
	struct worker *w = green__worker;
	struct waiter waiter;
	bool settled = true;
	uint32_t k;
	int error;

	prepare(call, &waiter);
	for (k = 0; settled && k < call->count; k++)
		settled = line_up(&call->looks[k], &call->nodes[k]);
	if (!settled) {
		green__wait_end(&waiter, -EAGAIN);
		return 0;
	}
	/* Without any it waits for nothing but the deadline. */
	if (call->count)
		green__fd_wait_begin(w);
	error = green__wait(&waiter, deadline, NULL);
	if (call->count)
		green__fd_wait_end(w);
	return error;
}

static int
run(struct call *call, int64_t deadline)
{
	int found, error = look_first(call);

	while (!error) {
		found = ready(call);
		if (found)
			return found;
		error = green__deadline_check(deadline);
		if (!error)
			error = green__poll_watch(call->looks, call->count);
		if (!error)
			error = await(call, deadline);
		look_again(call);
	}
	return error;
}

static noinline int
run_here(struct call *call, int64_t deadline)
{
	struct wait_node nodes[HERE];
	struct fd_look looks[HERE];

	call->nodes = nodes;
	call->looks = looks;
	return run(call, deadline);
}

/* The waiter knows that the nodes are on the heap; see wait.c. */
static noinline int
run_on_heap(struct call *call, int64_t deadline)
{
	int result;

	call->nodes = green__alloc(
		call->count * (sizeof(*call->nodes) + sizeof(*call->looks)));
	if (!call->nodes)
		return -ENOMEM;
	call->looks = (struct fd_look *)(void *)(call->nodes + call->count);
	result = run(call, deadline);
	green__free(call->nodes);
	return result;
}

int
green_poll(struct pollfd *fds, size_t n, int64_t deadline)
{
	struct worker *w = green__worker;
	struct call call = { .fds = fds, .n = n };
	size_t i, count = 0;
	int found;

	green__choice_point(w);
	if (deadline < 0 || (n && !fds) || n > N_MAX)
		return -EINVAL;
	if (w && green__is_cancelled(w->current))
		return -ECANCELED;
	if (!deadline) {
		found = green__poll_now(fds, n);
		return found ? found : -EAGAIN;
	}
	for (i = 0; i < n; i++) {
		unsigned wanted = ways(&fds[i]);

		count += (wanted & 1) + (wanted >> 1);
	}
	call.count = (uint32_t)count;
	return count <= HERE ? run_here(&call, deadline)
			     : run_on_heap(&call, deadline);
}

int
green_fd_wait(int fd, int events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = (short)events };
	int found;

	/* Where the end of the other side is something to be read. */
	if (events & POLLIN)
		p.events |= POLLRDHUP;

	if (!events || events & ~(POLLIN | POLLOUT))
		return -EINVAL;
	if (fd < 0)
		return -EBADF;
	found = green_poll(&p, 1, deadline);
	if (found < 0)
		return found;
	return p.revents & POLLNVAL ? -EBADF : p.revents;
}
