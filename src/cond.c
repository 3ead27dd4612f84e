/* SPDX-License-Identifier: MIT */
/*
 * Condition variables.
 *
 * Who waits has two waiters: one for the condition, and the other, its `then`,
 * for the mutex. Whoever signals chooses the first, which thereby cannot give
 * up any more, and then locks the mutex for the second: it gets the mutex at
 * once or waits in its queue, without having run in between. So a broadcast
 * wakes one thread, and each unlock after it the next.
 *
 * What holds:
 * - The node of the first is linked before the mutex is unlocked. So a signal
 *   that follows the unlock finds it.
 * - The second waiter is touched by others only once the first was chosen, and
 *   that under the lock of the condition, through which its thread goes before
 *   it looks at the second.
 * - Locks are taken in the order condition, mutex.
 * - A signal may come before the mutex is unlocked, from one that does not hold
 *   it. Then the second waiter is in the mutex's queue, and the unlock may hand
 *   over to the very thread that unlocks: it must look before it parks.
 * - A pthread sleeps on one word at a time, so it is woken when its first wait
 *   is over, to sleep on the word of the second.
 *
 * Rejected: waking those who waited, to lock the mutex themselves (a thundering
 * herd, and whoever comes later is faster); one waiter that moves from queue to
 * queue (who gives up would have to find out in which of them it is).
 */

#include "config.h"

#include "mutex.h"
#include "sync.h"

#include <errno.h>

struct cond {
	struct wait_queue queue;
};

_Static_assert(sizeof(struct cond) <= sizeof(struct green_cond),
	       "fits into the public storage");

struct cond_wait {
	struct wait_node node;
	struct waiter waiter;
	/* And then: */
	struct mutex *mutex;
	struct mutex_wait lock;
	struct waiter locker;
};

static struct cond *
inside(struct green_cond *cond)
{
	return (struct cond *)(void *)cond;
}

/* ---- wait --------------------------------------------------------------- */

static int
check_wait(struct cond *c, struct mutex *m, int64_t deadline)
{
	int error;

	if (!c || !m || deadline < 0)
		return -EINVAL;
	error = green__may_block(&c->queue);
	if (error)
		return error;
	if (!green__mutex_is_mine(m))
		return -EPERM;
	/* Whoever signals works on the mutex, too. */
	if (m->held.queue.flags & ~c->queue.flags & QUEUE_PRIVATE)
		return -EINVAL;
	return green__deadline_check(deadline);
}

static void
init(struct cond_wait *wait, struct cond *c, struct mutex *m)
{
	wait->mutex = m;
	green__waiter_init_then(&wait->locker, &wait->lock.node, 1);
	wait->lock.self = green__sync_self();
	wait->lock.node = (struct wait_node){
		.waiter = &wait->locker,
		.queue = &m->held.queue,
		.object = m,
		.kind = WAIT_MUTEX,
	};
	green__waiter_init(&wait->waiter, &wait->node, 1);
	wait->waiter.then = &wait->locker;
	wait->node = (struct wait_node){
		.waiter = &wait->waiter,
		.object = c,
		.kind = WAIT_COND,
	};
}

/* The mutex is locked whatever happens. error: of the first wait. */
static void
lock_again(struct cond_wait *wait, int error)
{
	struct thread *self = wait->waiter.thread;
	bool shield = self && green__shield(self, true);

	if (!error)
		error = green__wait_then(&wait->locker);
	/* The second one is in no queue: it never was, or was interrupted. */
	while (error)
		error = green_mutex_lock((struct green_mutex *)wait->mutex,
					 GREEN_NEVER);
	if (self)
		green__shield(self, shield);
}

int
green_cond_wait(struct green_cond *cond, struct green_mutex *mutex,
		int64_t deadline)
{
	struct cond *c = inside(cond);
	struct mutex *m = (struct mutex *)(void *)mutex;
	int error = check_wait(c, m, deadline);
	struct cond_wait wait;
	uint32_t depth;

	if (error)
		return error;
	green__queue_lock(&c->queue);
	init(&wait, c, m);
	green__queue_link(&c->queue, &wait.node);
	green__queue_unlock(&c->queue);
	depth = green__mutex_release(m);
	error = green__wait_if_need(&wait.waiter, deadline);
	lock_again(&wait, error);
	m->depth = depth;
	return error;
}

/* ---- signal ------------------------------------------------------------- */

/* Under the lock. False if nobody waits. */
static bool
signal_one(struct cond *c)
{
	struct wait_node *node = green__queue_choose(&c->queue);
	struct cond_wait *wait;

	if (!node)
		return false;
	wait = container_of(node, struct cond_wait, node);
	green__mutex_pass(wait->mutex, &wait->lock);
	if (!wait->waiter.thread)
		green__waiter_wake(&wait->waiter);
	return true;
}

static int
signal_all(struct cond *c, bool all)
{
	int error;

	if (!c)
		return -EINVAL;
	green__choice_point(green__worker);
	error = green__queue_check(&c->queue);
	if (error)
		return error;
	green__queue_lock(&c->queue);
	while (signal_one(c) && all)
		continue;
	green__queue_unlock(&c->queue);
	return 0;
}

int
green_cond_signal(struct green_cond *cond)
{
	return signal_all(inside(cond), false);
}

int
green_cond_broadcast(struct green_cond *cond)
{
	return signal_all(inside(cond), true);
}

/* ---- beginning and end -------------------------------------------------- */

int
green_cond_init(struct green_cond *cond, const struct green_sync_attr *attr)
{
	return green__sync_init(cond, sizeof(*cond), attr, GREEN_PRIVATE);
}

int
green_cond_fini(struct green_cond *cond)
{
	struct cond *c = inside(cond);
	int error = c ? green__sync_fini_lock(&c->queue) : 0;

	if (!c || error)
		return error;
	return green__sync_fini(&c->queue, sizeof(*cond), false);
}
