/* SPDX-License-Identifier: MIT */
/*
 * Barriers.
 *
 * Everything is under the lock of the queue. Who has come is who is in the
 * queue: there is no count that could be wrong when somebody leaves. One who
 * has just given up when the barrier opens, and is in the queue still, has been
 * counted; its node says so, and then it has not given up.
 */

#include "config.h"

#include "sync.h"

#include <errno.h>

struct barrier {
	struct wait_queue queue;
	uint32_t others; /* who must be there before the last one comes */
};

_Static_assert(sizeof(struct barrier) <= sizeof(struct green_barrier),
	       "fits into the public storage");

enum barrier_mode {
	BARRIER_WAITS,
	BARRIER_OPENED, /* and the node was among those who had come */
};

static struct barrier *
inside(struct green_barrier *barrier)
{
	return (struct barrier *)(void *)barrier;
}

/* Under the lock. */
static void
open_all(struct barrier *b)
{
	struct wait_queue *q = &b->queue;
	struct wait_node *node;

	while ((node = q->head)) {
		green__queue_unlink(q, node);
		/* Whoever gives up goes through the lock before it looks. */
		node->mode = BARRIER_OPENED;
		if (green__node_choose(node, green__queue_alone(q)))
			green__waiter_wake(node->waiter);
	}
}

int
green_barrier_wait(struct green_barrier *barrier, int64_t deadline)
{
	struct barrier *b = inside(barrier);
	struct wait_node node = { .kind = WAIT_BARRIER };
	int error;

	if (!b || deadline < 0)
		return -EINVAL;
	error = green__may_block(&b->queue);
	if (error)
		return error;
	green__queue_lock(&b->queue);
	if (b->queue.length < b->others) {
		error = green__queue_wait(&b->queue, &node, deadline);
		return node.mode == BARRIER_OPENED ? 0 : error;
	}
	open_all(b);
	green__queue_unlock(&b->queue);
	return GREEN_BARRIER_SERIAL;
}

int
green_barrier_init(struct green_barrier *barrier, uint32_t count,
		   const struct green_sync_attr *attr)
{
	int error;

	if (!count)
		return -EINVAL;
	error = green__sync_init(barrier, sizeof(*barrier), attr,
				 GREEN_PRIVATE);
	if (!error)
		inside(barrier)->others = count - 1;
	return error;
}

int
green_barrier_fini(struct green_barrier *barrier)
{
	struct barrier *b = inside(barrier);
	int error = b ? green__sync_fini_lock(&b->queue) : 0;

	if (!b || error)
		return error;
	return green__sync_fini(&b->queue, sizeof(*barrier), false);
}
