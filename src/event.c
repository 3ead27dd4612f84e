/* SPDX-License-Identifier: MIT */
/*
 * Events.
 *
 * Under the lock of the queue: while it is set, nobody waits whose wait can
 * still be ended. One that resets itself is handed over: it is set only when
 * there is nobody to let go.
 */

#include "config.h"

#include "base.h"
#include "select.h"
#include "sync.h"
#include "wait.h"

#include <green/sync.h>

struct event {
	struct wait_queue queue;
	bool set;
};

_Static_assert(sizeof(struct event) <= sizeof(struct green_event), "it fits");
_Static_assert(GREEN_EVENT_AUTO == QUEUE_AUTO, "flags are kept as they come");

static struct event *
inside(struct green_event *event)
{
	return (struct event *)(void *)event;
}

int
green_event_init(struct green_event *event, const struct green_sync_attr *attr)
{
	return green__sync_init(event, sizeof(*event), attr,
				GREEN_PRIVATE | GREEN_EVENT_AUTO);
}

int
green_event_fini(struct green_event *event)
{
	struct event *e = inside(event);
	int error = e ? green__sync_fini_lock(&e->queue) : 0;

	if (!e || error)
		return error;
	return green__sync_fini(&e->queue, sizeof(*event), false);
}

/* Under the lock: it is set, and the caller goes on. */
static inline void
pass(struct event *e)
{
	if (e->queue.flags & QUEUE_AUTO)
		e->set = false;
}

int
green_event_wait(struct green_event *event, int64_t deadline)
{
	struct event *e = inside(event);
	struct wait_node node;
	int error;

	if (unlikely(!e) || unlikely(deadline < 0))
		return -EINVAL;
	error = green__may_block(&e->queue);
	if (unlikely(error))
		return error;
	green__queue_lock(&e->queue);
	if (e->set) {
		pass(e);
		green__queue_unlock(&e->queue);
		return 0;
	}
	node.kind = WAIT_EVENT;
	return green__queue_wait(&e->queue, &node, deadline);
}

int
green_event_set(struct green_event *event)
{
	struct event *e = inside(event);
	struct wait_node *node;
	int error;
	bool one;

	green__choice_point(green__worker);
	error = e ? green__queue_check(&e->queue) : -EINVAL;
	if (error)
		return error;
	one = e->queue.flags & QUEUE_AUTO;
	green__queue_lock(&e->queue);
	while ((node = green__queue_choose(&e->queue))) {
		node->result = 0;
		green__waiter_wake(node->waiter);
		if (one)
			break;
	}
	if (!one || !node)
		e->set = true;
	green__queue_unlock(&e->queue);
	return 0;
}

int
green_event_reset(struct green_event *event)
{
	struct event *e = inside(event);
	int error;

	green__choice_point(green__worker);
	error = e ? green__queue_check(&e->queue) : -EINVAL;
	if (error)
		return error;
	green__queue_lock(&e->queue);
	e->set = false;
	green__queue_unlock(&e->queue);
	return 0;
}

/* ---- in a select -------------------------------------------------------- */

static int
check(const struct green_clause *c)
{
	return green__queue_check(c->object);
}

static bool
ready(const struct green_clause *c)
{
	return inside(c->object)->set;
}

static bool
act(struct green_clause *c)
{
	pass(c->object);
	c->result = 0;
	return true;
}

static void
begin(const struct green_clause *c, struct wait_node *node)
{
	node->kind = WAIT_EVENT;
	green__queue_link(&inside(c->object)->queue, node);
}

const struct clause_ops green__clause_event = {
	.fields = CLAUSE_OBJECT,
	.check = check,
	.ready = ready,
	.act = act,
	.link = begin,
};
