/* SPDX-License-Identifier: MIT */
/*
 * Reader-writer locks: first in, first out, neighbouring readers together.
 *
 * Everything is under the lock of the queue.
 *
 * What holds:
 * - There is a holder, or there are readers, or neither.
 * - Who comes while somebody waits, waits too. So a writer waits for those
 *   readers only that were there before it, and readers for one writer each.
 * - Nobody waits at the head of the queue who could be let in. So it is looked
 *   at whenever somebody lets go, and when one gives up waiting: the readers
 *   behind a writer who does need not wait any more.
 *
 * Rejected: preferring readers (writers starve) or writers (readers do); phases
 * that let in all readers at each end of a writer (fair as well, and with the
 * same queue no simpler; it serves those first who came last).
 */

#include "config.h"

#include "sync.h"

#include <errno.h>

struct rwlock {
	struct wait_held held; /* by a writer */
	uint32_t readers;
};

_Static_assert(sizeof(struct rwlock) <= sizeof(struct green_rwlock),
	       "fits into the public storage");

struct rwlock_wait {
	struct wait_node node;
	uint64_t self;
};

static struct rwlock *
inside(struct green_rwlock *lock)
{
	return (struct rwlock *)(void *)lock;
}

/* Under the lock; atomic for reports only. */
static uint64_t
writer(struct rwlock *l)
{
	return atomic_load_explicit(&l->held.holder, memory_order_relaxed);
}

static void
set_writer(struct rwlock *l, uint64_t id)
{
	atomic_store_explicit(&l->held.holder, id, memory_order_relaxed);
}

/* Could one of that kind hold it, if nobody waits? */
static bool
has_room(struct rwlock *l, uint8_t kind)
{
	return !writer(l) && (kind == WAIT_READ || !l->readers);
}

static void
hold(struct rwlock *l, uint8_t kind, uint64_t self)
{
	if (kind == WAIT_READ)
		l->readers++;
	else
		set_writer(l, self);
}

/* Let in who waits at the head, as far as there is room. */
static void
admit(struct rwlock *l)
{
	struct wait_queue *q = &l->held.queue;
	struct wait_node *node;

	while ((node = green__queue_peek(q)) && has_room(l, node->kind)) {
		green__queue_unlink(q, node);
		if (!green__node_choose(node, green__queue_alone(q)))
			continue;
		hold(l, node->kind,
		     container_of(node, struct rwlock_wait, node)->self);
		green__waiter_wake(node->waiter);
	}
}

static int
lock_wait(struct rwlock *l, uint8_t kind, int64_t deadline)
{
	struct wait_queue *q = &l->held.queue;
	struct rwlock_wait wait = {
		.node.kind = kind,
		.self = green__sync_self(),
	};
	int error = green__queue_wait(q, &wait.node, deadline);

	if (!error)
		return 0;
	green__queue_lock(q);
	admit(l);
	green__queue_unlock(q);
	return error;
}

static int
lock_as(struct green_rwlock *lock, uint8_t kind, int64_t deadline)
{
	struct rwlock *l = inside(lock);
	struct wait_queue *q;
	int error;

	if (!l || deadline < 0)
		return -EINVAL;
	q = &l->held.queue;
	error = green__may_block(q);
	if (error)
		return error;
	green__queue_lock(q);
	if (writer(l) && green__sync_is_self(writer(l)))
		error = -EDEADLK;
	else if (kind == WAIT_READ && l->readers == UINT32_MAX)
		error = -EAGAIN;
	else if (green__queue_peek(q) || !has_room(l, kind))
		return lock_wait(l, kind, deadline);
	else
		hold(l, kind, green__sync_self());
	green__queue_unlock(q);
	return error;
}

int
green_rwlock_read(struct green_rwlock *lock, int64_t deadline)
{
	return lock_as(lock, WAIT_READ, deadline);
}

int
green_rwlock_write(struct green_rwlock *lock, int64_t deadline)
{
	return lock_as(lock, WAIT_WRITE, deadline);
}

/* Under the lock. */
static int
let_go(struct rwlock *l)
{
	if (writer(l) ? !green__sync_is_self(writer(l)) : !l->readers)
		return -EPERM;
	if (writer(l))
		set_writer(l, 0);
	else
		l->readers--;
	admit(l);
	return 0;
}

int
green_rwlock_unlock(struct green_rwlock *lock)
{
	struct rwlock *l = inside(lock);
	int error;

	if (!l)
		return -EINVAL;
	green__choice_point(green__worker);
	error = green__queue_check(&l->held.queue);
	if (error)
		return error;
	green__queue_lock(&l->held.queue);
	error = let_go(l);
	green__queue_unlock(&l->held.queue);
	return error;
}

int
green_rwlock_init(struct green_rwlock *lock, const struct green_sync_attr *attr)
{
	return green__sync_init(lock, sizeof(*lock), attr, GREEN_PRIVATE);
}

int
green_rwlock_fini(struct green_rwlock *lock)
{
	struct rwlock *l = inside(lock);
	int error = l ? green__sync_fini_lock(&l->held.queue) : 0;

	if (!l || error)
		return error;
	return green__sync_fini(&l->held.queue, sizeof(*lock),
				writer(l) || l->readers);
}
