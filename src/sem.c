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

/* ---- wait --------------------------------------------------------------- */

/* Under the lock. */
static inline bool
take(struct sem *s)
{
	if (!s->value)
		return false;
	s->value--;
	return true;
}

static inline int
wait_alone(struct sem *s, int64_t deadline)
{
	if (take(s))
		return 0;
	return green__queue_wait_for(&s->queue, WAIT_SEM, NULL, deadline);
}

static noinline int
wait_shared(struct sem *s, int64_t deadline)
{
	green__queue_lock_shared(&s->queue);
	if (!take(s))
		return green__queue_wait_for(&s->queue, WAIT_SEM, NULL,
					     deadline);
	green__queue_unlock_shared(&s->queue);
	return 0;
}

static noinline int
wait_long(struct sem *s, int64_t deadline)
{
	int error = s && deadline >= 0 ? green__may_block(&s->queue) : -EINVAL;

	if (error)
		return error;
	return green__queue_alone(&s->queue) ? wait_alone(s, deadline)
					     : wait_shared(s, deadline);
}

int
green_sem_wait(struct green_sem *sem, int64_t deadline)
{
	struct sem *s = inside(sem);
	enum wait_way way = WAY_LONG;

	if (likely(s && deadline >= 0))
		way = green__way(&s->queue, green__worker);
	if (likely(way == WAY_ALONE))
		return wait_alone(s, deadline);
	return way == WAY_SHARED ? wait_shared(s, deadline)
				 : wait_long(s, deadline);
}

/* ---- post --------------------------------------------------------------- */

/* Under the lock, or alone. */
static inline __attribute__((always_inline)) int
give(struct sem *s, bool alone)
{
	struct wait_node *node = green__queue_choose_as(&s->queue, alone);

	if (node) {
		node->result = 0;
		green__waiter_wake(node->waiter);
		return 0;
	}
	if (unlikely(s->value == GREEN_SEM_MAX))
		return -EOVERFLOW;
	s->value++;
	return 0;
}

static noinline int
post_shared(struct sem *s)
{
	int error;

	green__queue_lock_shared(&s->queue);
	error = give(s, false);
	green__queue_unlock_shared(&s->queue);
	return error;
}

static noinline int
post_long(struct sem *s)
{
	int error;

	if (!s)
		return -EINVAL;
	green__choice_point(green__worker);
	error = green__queue_check(&s->queue);
	if (error)
		return error;
	return green__queue_alone(&s->queue) ? give(s, true) : post_shared(s);
}

int
green_sem_post(struct green_sem *sem)
{
	struct sem *s = inside(sem);
	enum wait_way way = WAY_LONG;

	if (likely(s != NULL))
		way = green__way(&s->queue, green__worker);
	if (likely(way == WAY_ALONE))
		return give(s, true);
	return way == WAY_SHARED ? post_shared(s) : post_long(s);
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
