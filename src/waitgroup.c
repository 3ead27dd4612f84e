/* SPDX-License-Identifier: MIT */
/*
 * Wait groups: a count, and those who wait until it is zero.
 *
 * Everything is under the lock of the queue. While somebody waits the count is
 * not zero; whoever makes it that wakes all of them.
 */

#include "config.h"

#include "sync.h"

#include <errno.h>

struct waitgroup {
	struct wait_queue queue;
	int64_t count; /* never negative */
};

_Static_assert(sizeof(struct waitgroup) <= sizeof(struct green_waitgroup),
	       "fits into the public storage");

static struct waitgroup *
inside(struct green_waitgroup *group)
{
	return (struct waitgroup *)(void *)group;
}

/* Under the lock. */
static int
add(struct waitgroup *g, int64_t n)
{
	struct wait_node *node;
	int64_t count;

	if (__builtin_add_overflow(g->count, n, &count) || count < 0)
		return -EINVAL;
	g->count = count;
	while (!count && (node = green__queue_choose(&g->queue)))
		green__waiter_wake(node->waiter);
	return 0;
}

int
green_waitgroup_add(struct green_waitgroup *group, int64_t n)
{
	struct waitgroup *g = inside(group);
	int error;

	if (!g)
		return -EINVAL;
	green__choice_point(green__worker);
	error = green__queue_check(&g->queue);
	if (error)
		return error;
	green__queue_lock(&g->queue);
	error = add(g, n);
	green__queue_unlock(&g->queue);
	return error;
}

int
green_waitgroup_done(struct green_waitgroup *group)
{
	return green_waitgroup_add(group, -1);
}

int
green_waitgroup_wait(struct green_waitgroup *group, int64_t deadline)
{
	struct waitgroup *g = inside(group);
	struct wait_node node = { .kind = WAIT_GROUP };
	int error;

	if (!g || deadline < 0)
		return -EINVAL;
	error = green__may_block(&g->queue);
	if (error)
		return error;
	green__queue_lock(&g->queue);
	if (g->count)
		return green__queue_wait(&g->queue, &node, deadline);
	green__queue_unlock(&g->queue);
	return 0;
}

int
green_waitgroup_init(struct green_waitgroup *group,
		     const struct green_sync_attr *attr)
{
	return green__sync_init(group, sizeof(*group), attr, GREEN_PRIVATE);
}

int
green_waitgroup_fini(struct green_waitgroup *group)
{
	struct waitgroup *g = inside(group);
	int error = g ? green__sync_fini_lock(&g->queue) : 0;

	if (!g || error)
		return error;
	return green__sync_fini(&g->queue, sizeof(*group), g->count != 0);
}
