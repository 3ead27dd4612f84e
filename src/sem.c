/* SPDX-License-Identifier: MIT */
/*
 * Counting semaphores.
 *
 * Under the lock of the queue: while the value is not zero, nobody waits
 * whose wait can still be ended. So whoever gives one looks at the queue
 * first, whoever takes one at the value.
 */

#include "config.h"

#include "base.h"
#include "select.h"
#include "sync.h"
#include "wait.h"

#include <green/sync.h>

struct sem {
	struct wait_queue queue;
	uint32_t value;
};

_Static_assert(sizeof(struct sem) <= sizeof(struct green_sem), "it fits");
_Static_assert(GREEN_SEM_MAX <= INT32_MAX, "a value fits an int");

static struct sem *
inside(struct green_sem *sem)
{
	return (struct sem *)(void *)sem;
}

int
green_sem_init(struct green_sem *sem, uint32_t value,
	       const struct green_sync_attr *attr)
{
	int error;

	if (value > GREEN_SEM_MAX)
		return -EINVAL;
	error = green__sync_init(sem, sizeof(*sem), attr, GREEN_PRIVATE);
	if (!error)
		inside(sem)->value = value;
	return error;
}

int
green_sem_fini(struct green_sem *sem)
{
	struct sem *s = inside(sem);
	int error = s ? green__sync_fini_lock(&s->queue) : 0;

	if (!s || error)
		return error;
	return green__sync_fini(&s->queue, sizeof(*sem), false);
}

int
green_sem_wait(struct green_sem *sem, int64_t deadline)
{
	struct sem *s = inside(sem);
	struct wait_node node;
	int error;

	if (unlikely(!s) || unlikely(deadline < 0))
		return -EINVAL;
	error = green__may_block(&s->queue);
	if (unlikely(error))
		return error;
	green__queue_lock(&s->queue);
	if (s->value) {
		s->value--;
		green__queue_unlock(&s->queue);
		return 0;
	}
	node.kind = WAIT_SEM;
	return green__queue_wait(&s->queue, &node, deadline);
}

int
green_sem_post(struct green_sem *sem)
{
	struct sem *s = inside(sem);
	struct wait_node *node;
	int error;

	if (unlikely(!s))
		return -EINVAL;
	green__choice_point(green__worker);
	error = green__queue_check(&s->queue);
	if (unlikely(error))
		return error;
	green__queue_lock(&s->queue);
	node = green__queue_choose(&s->queue);
	if (node) {
		node->result = 0;
		green__waiter_wake(node->waiter);
	} else if (likely(s->value < GREEN_SEM_MAX)) {
		s->value++;
	} else {
		error = -EOVERFLOW;
	}
	green__queue_unlock(&s->queue);
	return error;
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
	return inside(c->object)->value > 0;
}

static bool
act(struct green_clause *c)
{
	inside(c->object)->value--;
	c->result = 0;
	return true;
}

static void
begin(const struct green_clause *c, struct wait_node *node)
{
	node->kind = WAIT_SEM;
	green__queue_link(&inside(c->object)->queue, node);
}

const struct clause_ops green__clause_sem = {
	.fields = CLAUSE_OBJECT,
	.check = check,
	.ready = ready,
	.act = act,
	.link = begin,
};
