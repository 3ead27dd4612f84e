/* SPDX-License-Identifier: MIT */
/*
 * Waiting: the lock of objects, and the two ways to wait. The rules are in
 * wait.h. tests/models/wait.pml is this.
 *
 * A green thread parks; a pthread without a worker sleeps on `done` itself.
 *
 * Rejected: a lock-free queue per object (a waiter that gives up would need
 * hazard pointers, and select cannot take from two of them at once); one lock
 * for all objects (the workers of a machine would meet there); waking after
 * the unlock, which is shorter, and touches a waiter that may be gone.
 */

#include "config.h"

#include "wait.h"

#include "os.h"
#include "tools.h"

#include <sched.h>

/* ---- the lock ---------------------------------------------------------- */

void
green__queue_lock_shared(struct wait_queue *q)
{
	unsigned spins = 0;

	/* Acquire pairs with the release in green__queue_unlock_shared(). The
	 * holder never sleeps, but may have been preempted. */
	while (atomic_exchange_explicit(&q->lock, 1, memory_order_acquire))
		while (atomic_load_explicit(&q->lock, memory_order_relaxed))
			if (++spins % 64 == 0)
				sched_yield();
	green__tools_acquire(q);
}

void
green__queue_unlock_shared(struct wait_queue *q)
{
	green__tools_release(q);
	atomic_store_explicit(&q->lock, 0, memory_order_release);
}

int
green__queue_check_private(const struct wait_queue *q)
{
	return q->owner && q->owner == green__worker ? 0 : -EPERM;
}

/* ---- the end of a wait ------------------------------------------------- */

static bool
chosen(struct waiter *waiter)
{
	/* Acquire pairs with the exchange in green__node_choose(). */
	return atomic_load_explicit(&waiter->done, memory_order_acquire) ==
	       WAITER_CHOSEN;
}

/* From now on nobody can choose one of the nodes; false if one was. */
static bool
give_up(struct waiter *waiter)
{
	uint32_t expected = WAITER_WAITS;

	/* Pairs with the exchange in green__node_choose(). */
	return atomic_compare_exchange_strong(&waiter->done, &expected,
					      WAITER_GIVEN_UP);
}

/* Nobody is at the node any more when this returns. */
static void
leave(struct wait_node *node)
{
	struct wait_queue *q = node->queue;

	if (!q) {
		if (node->linked || !green__alone())
			green__join_leave(node);
		return;
	}
	if (!node->linked && green__queue_alone(q))
		return;
	green__queue_lock(q);
	if (node->linked)
		green__queue_unlink(q, node);
	green__queue_unlock(q);
}

static void
leave_all(struct waiter *waiter)
{
	uint32_t i;

	for (i = 0; i < waiter->count; i++)
		leave(&waiter->nodes[i]);
}

void
green__wait_abandon(struct waiter *waiter)
{
	give_up(waiter);
	leave_all(waiter);
}

void
green__wait_forget(struct waiter *waiter)
{
	uint32_t i;

	for (i = 0; i < waiter->count; i++) {
		struct wait_node *node = &waiter->nodes[i];

		if (!node->queue) {
			green__join_leave(node);
			continue;
		}
		node->queue->head = node->queue->tail = NULL;
		atomic_store(&node->queue->lock, 0);
	}
}

/* ---- waiting ----------------------------------------------------------- */

static int
park(struct waiter *waiter, int64_t deadline, struct thread *next)
{
	struct thread *self = waiter->thread;
	int error = 0;

	self->flags |= T_INTERRUPTIBLE;
	while (!chosen(waiter)) {
		/* next must run. Whoever has cancelled us since the caller
		 * looked is another OS thread, and its wake-up is to come. */
		if (!next && green__is_cancelled(self))
			error = -ECANCELED;
		if (error)
			break;
		error = green__park(self->worker, deadline, next);
		next = NULL;
	}
	self->flags &= ~(uint32_t)T_INTERRUPTIBLE;
	return error;
}

/* A signal does not end the wait of a pthread. */
static int
sleep_on(struct waiter *waiter, int64_t deadline)
{
	int error = 0;

	while (!chosen(waiter) && error != -ETIMEDOUT)
		error = green__futex_wait(&waiter->done, WAITER_WAITS,
					  deadline);
	return error;
}

int
green__wait(struct waiter *waiter, int64_t deadline, struct thread *next)
{
	struct thread *self = waiter->thread;
	int error = self ? park(waiter, deadline, next)
			 : sleep_on(waiter, deadline);

	if (chosen(waiter) || !give_up(waiter))
		error = 0;
	leave_all(waiter);
	if (!self)
		return error;
	self->waits = NULL;
	/* The wake-up came from outside, and another reason to go on came
	 * first. Acquire pairs with the release push in green__wake(). */
	if (unlikely(atomic_load_explicit(&self->sent, memory_order_acquire)))
		green__inbox_drain(self->worker);
	return error;
}

int
green__queue_wait(struct wait_queue *q, struct wait_node *node,
		  int64_t deadline)
{
	struct waiter waiter;
	int error = 0;

	if (deadline != GREEN_NEVER)
		error = green__deadline_check(deadline);
	if (error) {
		green__queue_unlock(q);
		return error;
	}
	green__waiter_init(&waiter, node, 1);
	node->waiter = &waiter;
	node->object = q;
	green__queue_link(q, node);
	green__queue_unlock(q);
	error = green__wait(&waiter, deadline, NULL);
	return error ? error : node->result;
}

void
green__waiter_wake(struct waiter *waiter)
{
	if (likely(waiter->thread != NULL))
		green__wake(waiter->thread);
	else
		green__futex_wake(&waiter->done);
}

/* ---- reports ----------------------------------------------------------- */

static void
describe(struct out *o, const struct wait_node *node)
{
	switch ((enum wait_kind)node->kind) {
	case WAIT_JOIN:
		green__out_str(o, "joins thread ");
		green__out_dec(o, node->id);
		return;
	}
}

void
green__wait_describe(struct out *o, const struct waiter *waiter)
{
	uint32_t i;

	for (i = 0; i < waiter->count; i++) {
		if (i)
			green__out_str(o, " or ");
		describe(o, &waiter->nodes[i]);
	}
}
