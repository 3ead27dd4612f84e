/* SPDX-License-Identifier: MIT */
/*
 * Mutexes.
 *
 * `state` alone decides who may hold a mutex. It is changed
 * - from FREE to HELD by anybody, who holds it then;
 * - from HELD to FREE by the holder, with the last access of its unlock;
 * - from HELD to AWAITED by one who is about to wait, under the queue's lock;
 * - from AWAITED to HELD by the holder, under that lock, with nobody in the
 *   queue.
 *
 * What holds:
 * - While a node is in the queue the state is AWAITED. So an unlock that finds
 *   HELD need not look at the queue, and nobody finds it FREE while others
 *   wait.
 * - An AWAITED mutex does not become FREE. Its holder makes the first in the
 *   queue the holder, or finds the queue empty and makes it HELD.
 * - Once the state is FREE, whoever freed it does not touch the mutex again:
 *   the next one to hold it may free its memory. That is why an unlock that
 *   finds the queue empty gives the queue's lock back first and tries again: to
 *   store FREE under that lock would leave its release to memory that is gone.
 * - `holder` and `depth` belong to the holder. Nobody else finds itself in
 *   `holder`, so it needs no order.
 *
 * tests/models/mutex.pml is this.
 *
 * Rejected: unlocking with a plain store, those who begin to wait making up for
 * it with membarrier(2) (5 ns less, and the look for waiters that must follow
 * the store touches a mutex that may be gone); leaving a mutex FREE for
 * whoever comes first, when somebody waits (starves); spinning before the wait
 * (the holder may be a thread of this very worker).
 */

#include "config.h"

#include "mutex.h"

#include "sync.h"
#include "tools.h"

#include <errno.h>

_Static_assert(sizeof(struct mutex) <= sizeof(struct green_mutex),
	       "fits into the public storage");

static struct mutex *
inside(struct green_mutex *mutex)
{
	return (struct mutex *)(void *)mutex;
}

static uint64_t
holder(struct mutex *m)
{
	return atomic_load_explicit(&m->held.holder, memory_order_relaxed);
}

static void
set_holder(struct mutex *m, uint64_t id)
{
	atomic_store_explicit(&m->held.holder, id, memory_order_relaxed);
}

/* From one state to another; alone: nobody else can be at it. */
static inline bool
change(struct mutex *m, bool alone, uint32_t from, uint32_t to,
       memory_order order)
{
	if (unlikely(!alone))
		return atomic_compare_exchange_strong_explicit(
			&m->state, &from, to, order, memory_order_relaxed);
	if (atomic_load_explicit(&m->state, memory_order_relaxed) != from)
		return false;
	atomic_store_explicit(&m->state, to, memory_order_relaxed);
	return true;
}

/* The short ways of lock and unlock are for green threads, which use the mutex
 * alone for the time being, or with others. They have no frame: what they call
 * otherwise are tail calls, right to where somebody waits if that is why. */
static inline enum wait_way
way_to(const struct mutex *m, const struct worker *w)
{
	enum wait_way way = green__way_to(&m->held.queue, w);

	return way == WAY_SHARED && unlikely(green__tools_listen()) ? WAY_LONG
								    : way;
}

/* ---- lock --------------------------------------------------------------- */

/* Hold it if it is free. Acquire pairs with the release in let_go(). */
static inline bool
take(struct mutex *m, bool alone, uint64_t self)
{
	if (unlikely(!change(m, alone, MUTEX_FREE, MUTEX_HELD,
			     memory_order_acquire)))
		return false;
	set_holder(m, self);
	return true;
}

/* Under the lock: hold it if it is free, or see to it that whoever unlocks it
 * looks into the queue. */
static bool
take_or_await(struct mutex *m, uint64_t self)
{
	bool alone = green__queue_alone(&m->held.queue);

	for (;;) {
		if (take(m, alone, self))
			return true;
		/* Pairs with the exchange in let_go(): the one that
		 * comes second sees the first. What orders us with the holder
		 * is the queue's lock. */
		if (change(m, alone, MUTEX_HELD, MUTEX_AWAITED,
			   memory_order_relaxed))
			return false;
		if (atomic_load_explicit(&m->state, memory_order_relaxed) ==
		    MUTEX_AWAITED)
			return false;
	}
}

static int
lock_again(struct mutex *m)
{
	if (!(m->held.queue.flags & QUEUE_RECURSIVE))
		return -EDEADLK;
	if (m->depth == UINT32_MAX)
		return -EAGAIN;
	m->depth++;
	return 0;
}

static noinline int
lock_slow(struct mutex *m, uint64_t self, int64_t deadline)
{
	struct wait_queue *q = &m->held.queue;
	struct mutex_wait wait;

	if (green__sync_is_self(holder(m)))
		return lock_again(m);
	if (!deadline)
		return -EAGAIN;
	green__queue_lock(q);
	if (take_or_await(m, self)) {
		green__queue_unlock(q);
		return 0;
	}
	wait.node.kind = WAIT_MUTEX;
	wait.node.result = 0;
	wait.self = self;
	return green__queue_wait(q, &wait.node, deadline);
}

/* Whatever the short way is not for. */
static noinline int
lock_otherwise(struct mutex *m, int64_t deadline)
{
	struct wait_queue *q = &m->held.queue;
	uint64_t self;
	int error;

	if (!m || deadline < 0)
		return -EINVAL;
	error = green__may_block(q);
	if (error)
		return error;
	self = green__sync_self();
	if (unlikely(!take(m, green__queue_alone(q), self)))
		return lock_slow(m, self, deadline);
	green__tools_acquire(m);
	return 0;
}

int
green_mutex_lock(struct green_mutex *mutex, int64_t deadline)
{
	struct mutex *m = inside(mutex);
	const struct worker *w = green__worker;

	if (likely(m && w && !w->preempts && deadline >= 0 &&
		   !green__may_be_cancelled(w->current))) {
		uint64_t self = w->current->id;
		enum wait_way way = way_to(m, w);

		if (likely(way != WAY_LONG))
			return take(m, way == WAY_ALONE, self)
				       ? 0
				       : lock_slow(m, self, deadline);
	}
	return lock_otherwise(m, deadline);
}

/* ---- unlock ------------------------------------------------------------- */

/* To the first that waits. Returns false if nobody does. */
static bool
hand_over(struct mutex *m)
{
	struct wait_queue *q = &m->held.queue;
	struct wait_node *node;

	if (atomic_load_explicit(&m->state, memory_order_relaxed) !=
	    MUTEX_AWAITED)
		return false;
	green__queue_lock(q);
	node = green__queue_choose(q);
	if (!q->head)
		atomic_store_explicit(&m->state, MUTEX_HELD,
				      memory_order_relaxed);
	if (node) {
		set_holder(m,
			   container_of(node, struct mutex_wait, node)->self);
		green__waiter_wake(node->waiter);
	}
	green__queue_unlock(q);
	return node != NULL;
}

/* Not when somebody may wait. Release pairs with the acquire in take(). */
static inline bool
let_go(struct mutex *m, bool alone)
{
	uint64_t self = holder(m);

	set_holder(m, 0);
	if (likely(change(m, alone, MUTEX_HELD, MUTEX_FREE,
			  memory_order_release)))
		return true;
	set_holder(m, self);
	return false;
}

/* Somebody may wait. */
static noinline int
unlock_slow(struct mutex *m)
{
	struct wait_queue *q = &m->held.queue;

	if (unlikely(!green__queue_alone(q)))
		green__tools_release(m);
	while (!hand_over(m) && !let_go(m, green__queue_alone(q)))
		continue;
	return 0;
}

/* Whatever the short way is not for. */
static noinline int
unlock_otherwise(struct mutex *m)
{
	if (!m)
		return -EINVAL;
	green__choice_point(green__worker);
	if (!green__mutex_is_mine(m))
		return -EPERM;
	if (m->depth) {
		m->depth--;
		return 0;
	}
	return unlock_slow(m);
}

int
green_mutex_unlock(struct green_mutex *mutex)
{
	struct mutex *m = inside(mutex);
	const struct worker *w = green__worker;

	if (likely(m && w && !w->preempts && !m->depth &&
		   holder(m) == w->current->id)) {
		enum wait_way way = way_to(m, w);

		if (likely(way != WAY_LONG))
			return let_go(m, way == WAY_ALONE) ? 0 : unlock_slow(m);
	}
	return unlock_otherwise(m);
}

/* ---- for conditions ----------------------------------------------------- */

bool
green__mutex_is_mine(struct mutex *m)
{
	return green__sync_is_self(holder(m)) &&
	       !green__queue_check(&m->held.queue);
}

uint32_t
green__mutex_release(struct mutex *m)
{
	uint32_t depth = m->depth;

	m->depth = 0;
	unlock_otherwise(m);
	return depth;
}

void
green__mutex_pass(struct mutex *m, struct mutex_wait *wait)
{
	struct wait_queue *q = &m->held.queue;
	bool taken;

	green__queue_lock(q);
	taken = take_or_await(m, wait->self);
	green__queue_link(q, &wait->node);
	/* In the queue of one that was free there is nobody else. */
	if (taken)
		green__waiter_wake(green__queue_choose(q)->waiter);
	green__queue_unlock(q);
}

/* ---- beginning and end -------------------------------------------------- */

int
green_mutex_init(struct green_mutex *mutex, const struct green_sync_attr *attr)
{
	return green__sync_init(mutex, sizeof(*mutex), attr,
				GREEN_PRIVATE | GREEN_RECURSIVE);
}

int
green_mutex_fini(struct green_mutex *mutex)
{
	struct mutex *m = inside(mutex);
	int error = m ? green__sync_fini_lock(&m->held.queue) : 0;

	if (!m || error)
		return error;
	return green__sync_fini(
		&m->held.queue, sizeof(*mutex),
		atomic_load_explicit(&m->state, memory_order_relaxed) !=
			MUTEX_FREE);
}
