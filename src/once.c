/* SPDX-License-Identifier: MIT */
/*
 * Once.
 *
 * `done` is set last, under the lock of the queue, and never taken back; who
 * finds it set needs no lock. Until then there is a holder while fn runs, and
 * who comes waits. A holder whose fn fails makes the first of those the holder;
 * it runs its own.
 */

#include "config.h"

#include "sync.h"
#include "tools.h"

#include <errno.h>

struct once {
	struct wait_held held; /* by the one that runs fn */
	_Atomic bool done;
};

_Static_assert(sizeof(struct once) <= sizeof(struct green_once),
	       "fits into the public storage");

/* Result of a wait: it is the waiter's turn. */
#define YOUR_TURN 1

struct once_wait {
	struct wait_node node;
	uint64_t self;
};

static struct once *
inside(struct green_once *once)
{
	return (struct once *)(void *)once;
}

/* Under the lock; atomic for reports only. */
static uint64_t
holder(struct once *o)
{
	return atomic_load_explicit(&o->held.holder, memory_order_relaxed);
}

static void
set_holder(struct once *o, uint64_t id)
{
	atomic_store_explicit(&o->held.holder, id, memory_order_relaxed);
}

static bool
is_done(struct once *o)
{
	/* Acquire pairs with the release in finish(). */
	if (!atomic_load_explicit(&o->done, memory_order_acquire))
		return false;
	green__tools_acquire(o);
	return true;
}

/* Under the lock: fn has succeeded. */
static void
finish(struct once *o)
{
	struct wait_node *node;

	green__tools_release(o);
	/* Release pairs with the acquire in is_done(). */
	atomic_store_explicit(&o->done, true, memory_order_release);
	while ((node = green__queue_choose(&o->held.queue)))
		green__waiter_wake(node->waiter);
}

/* Under the lock: fn has failed. */
static void
pass_on(struct once *o)
{
	struct wait_node *node = green__queue_choose(&o->held.queue);

	if (!node)
		return;
	set_holder(o, container_of(node, struct once_wait, node)->self);
	node->result = YOUR_TURN;
	green__waiter_wake(node->waiter);
}

/* The calling thread is the holder. */
static int
run(struct once *o, int (*fn)(void *arg), void *arg)
{
	int error = fn(arg);

	green__queue_lock(&o->held.queue);
	set_holder(o, 0);
	if (error < 0)
		pass_on(o);
	else
		finish(o);
	green__queue_unlock(&o->held.queue);
	return error < 0 ? error : 0;
}

/* Is it done, or our turn, or what came instead? */
static int
begin(struct once *o, int64_t deadline)
{
	struct wait_queue *q = &o->held.queue;
	struct once_wait wait = {
		.node.kind = WAIT_ONCE,
		.self = green__sync_self(),
	};
	int result = 0;

	green__queue_lock(q);
	if (holder(o)) {
		if (!green__sync_is_self(holder(o)))
			return green__queue_wait(q, &wait.node, deadline);
		result = -EDEADLK;
	} else if (!is_done(o)) {
		set_holder(o, wait.self);
		result = YOUR_TURN;
	}
	green__queue_unlock(q);
	return result;
}

int
green_once_run(struct green_once *once, int (*fn)(void *arg), void *arg,
	       int64_t deadline)
{
	struct once *o = inside(once);
	int result;

	if (!o || !fn || deadline < 0)
		return -EINVAL;
	result = green__may_block(&o->held.queue);
	if (result || is_done(o))
		return result;
	result = begin(o, deadline);
	return result == YOUR_TURN ? run(o, fn, arg) : result;
}

int
green_once_init(struct green_once *once, const struct green_sync_attr *attr)
{
	return green__sync_init(once, sizeof(*once), attr, GREEN_PRIVATE);
}

int
green_once_fini(struct green_once *once)
{
	struct once *o = inside(once);
	int error = o ? green__sync_fini_lock(&o->held.queue) : 0;

	if (!o || error)
		return error;
	return green__sync_fini(&o->held.queue, sizeof(*once), holder(o) != 0);
}
