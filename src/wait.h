/* SPDX-License-Identifier: MIT */
#ifndef GREEN__WAIT_H
#define GREEN__WAIT_H

/*
 * Waiting: what every object that somebody can wait for is made of. It serves
 * green threads of any worker, and plain pthreads, alike.
 *
 * A waiter lies on the stack of whoever waits, with a node for each object
 * that can end the wait. A node is in the queue of its object. Whoever ends
 * the wait *chooses* one node: exactly one, for all of them.
 *
 * What holds:
 * - An object has a lock, in its queue. The state of the object, its queue and
 *   the nodes in it are touched under that lock only.
 * - Whoever chooses a node does everything under the lock of the object: takes
 *   it out, hands over, wakes. Nothing is touched after the unlock.
 * - Whoever waited goes through the locks of all its objects before it leaves
 *   (green__wait()), unless this OS thread is alone. So its waiter, its thread
 *   and its worker outlive everybody who may touch them, and the object may
 *   be freed as soon as the wait is over.
 * - `done` is changed once, by compare and exchange: to chosen by one of those
 *   who hold locks of different objects, or to given up by the waiter itself.
 *   A node that could not be chosen is as good as not there; its waiter is
 *   about to take it out.
 * - The queue counts those who have not left yet, woken or not: an object with
 *   users is busy. Whoever was woken by a private one touches it no more.
 * - Nobody holds two locks, but green_select(), which takes them in the order
 *   of addresses, those of thread ends (id.h) among them; and whoever signals a
 *   condition, who takes that of the mutex second; and who finishes or drops a
 *   job, within the lock of the pool. None is held across a switch.
 * - A wake-up may come late or without need (green__wake()), so parking is
 *   always in a loop.
 *
 * While the process has one OS thread, or when an object is private to one
 * worker, no lock is taken: nothing in a locked stretch parks or makes an OS
 * thread, so lock and unlock agree.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"
#include "id.h"
#include "os.h"
#include "sched.h"
#include "thread.h"

/* All zero is an empty one. It begins every object that can be waited for. */
struct wait_queue {
	_Atomic uint32_t lock; /* 1: held */
	uint32_t flags;        /* QUEUE_* */
	struct wait_node *head, *tail;
	union {
		struct worker *owner; /* of a private one */
		/* Nodes that were linked and have not left yet. */
		uint64_t users;
	};
	uint32_t length; /* nodes in it */
};

enum {
	/* The public ones, as they come. */
	QUEUE_PRIVATE = 1 << 0,   /* to the threads of owner */
	QUEUE_RECURSIVE = 1 << 1, /* of a mutex */
	QUEUE_AUTO = 1 << 2,      /* of an event */
	/* Our own. The second of an object that has two; the lock is the
	 * first's. */
	QUEUE_SECOND = 1 << 16,
};

/* It begins those that one thread can hold. */
struct wait_held {
	struct wait_queue queue;
	/* Its id, or the number of an OS thread that is no worker, which is
	 * less than any id; 0: nobody. Written by those who come to hold the
	 * object, and hand it over; reports read it at any time. */
	_Atomic uint64_t holder;
};

/* The queue that has the lock, and is the beginning of the object. */
static inline struct wait_queue *
green__queue_first(struct wait_queue *q)
{
	return q - !!(q->flags & QUEUE_SECOND);
}

/* ---- the lock ---------------------------------------------------------- */

void green__queue_lock_shared(struct wait_queue *q);
void green__queue_unlock_shared(struct wait_queue *q);

/* Is the lock not needed? The same for lock and unlock. */
static inline bool
green__queue_alone(const struct wait_queue *q)
{
	return green__alone() || q->flags & QUEUE_PRIVATE;
}

static inline void
green__queue_lock(struct wait_queue *q)
{
	if (unlikely(!green__queue_alone(q)))
		green__queue_lock_shared(q);
}

static inline void
green__queue_unlock(struct wait_queue *q)
{
	if (unlikely(!green__queue_alone(q)))
		green__queue_unlock_shared(q);
}

/* May the calling thread use the object? 0, or -EPERM. */
int green__queue_check_private(const struct wait_queue *q);
static inline int
green__queue_check(const struct wait_queue *q)
{
	return unlikely(q->flags & QUEUE_PRIVATE)
		       ? green__queue_check_private(q)
		       : 0;
}

/* ---- the waiter -------------------------------------------------------- */

/*
 * How a call that can block goes:
 *
 *	arguments; green__may_block(q)
 *	green__queue_lock(q)
 *	at once if possible: green__queue_unlock(q), return
 *	return green__queue_wait(q, &node, deadline)
 *
 * and one that ends waits:
 *
 *	green__queue_lock(q)
 *	node = green__queue_choose(q)
 *	if (node) fill in value and result, green__waiter_wake(node->waiter)
 *	green__queue_unlock(q)
 */

/* First thing of each call that can block: 0, -EPERM or -ECANCELED. */
static inline int
green__may_block(const struct wait_queue *q)
{
	struct worker *w = green__worker;
	int error;

	green__choice_point(w);
	error = green__queue_check(q);
	if (likely(!error) && w && green__is_cancelled(w->current))
		error = -ECANCELED;
	return error;
}

/* A pthread, which has no worker, begins to wait. */
void green__waiter_list(struct waiter *waiter);

/*
 * The calls that matter most come in three forms, and one look says which is
 * wanted. What they do is inline, and compiled for each:
 *
 *	way = arguments are fine ? green__way(q, green__worker) : WAY_LONG
 *	if (likely(way == WAY_ALONE))
 *		return call_alone(object)
 *	return way == WAY_SHARED ? call_shared(object) : call_long(object)
 *
 * The first has no lock, and no frame as long as everything else, to wait above
 * all, is a tail call. The second is the same under the lock. The last one
 * checks all there is to check, then does one of the two.
 */
enum wait_way {
	WAY_ALONE,  /* nobody else can be at the object */
	WAY_SHARED, /* somebody can */
	WAY_LONG,   /* it may not even be allowed */
};

/* For a green thread of w. */
static inline enum wait_way
green__way_to(const struct wait_queue *q, const struct worker *w)
{
	if (unlikely(q->flags & QUEUE_PRIVATE))
		return q->owner == w ? WAY_ALONE : WAY_LONG;
	return likely(green__alone()) ? WAY_ALONE : WAY_SHARED;
}

/* For whoever calls: WAY_LONG if green__may_block() might say no. */
static inline enum wait_way
green__way(const struct wait_queue *q, const struct worker *w)
{
	if (unlikely(!w || w->preempts || green__may_be_cancelled(w->current)))
		return WAY_LONG;
	return green__way_to(q, w);
}

/* Reports are to say since when threads wait; in report.c. Pairs with nothing:
 * what has begun to wait before is not told. */
extern _Atomic bool green__dump_times;

/* A waiter of the calling thread that will be the second: `then` of another. */
static inline void
green__waiter_init_then(struct waiter *waiter, struct wait_node *nodes,
			uint32_t count)
{
	struct worker *w = green__worker;

	waiter->nodes = nodes;
	waiter->count = count;
	waiter->on_heap = count > WAITER_NODES_ON_STACK;
	waiter->then = NULL;
	atomic_store_explicit(&waiter->done, WAITER_WAITS,
			      memory_order_relaxed);
	waiter->thread = w ? w->current : NULL;
	waiter->since = 0;
	if (unlikely(atomic_load_explicit(&green__dump_times,
					  memory_order_relaxed)))
		waiter->since = green__now(w);
}

/* Begin to wait with these nodes, before the first of them is linked.
 * green__wait() must follow. */
static inline void
green__waiter_init(struct waiter *waiter, struct wait_node *nodes,
		   uint32_t count)
{
	green__waiter_init_then(waiter, nodes, count);
	if (likely(waiter->thread != NULL))
		waiter->thread->waits = waiter;
	else
		green__waiter_list(waiter);
}

static inline bool
green__waiter_chosen(const struct waiter *waiter)
{
	/* Acquire pairs with the exchange in green__node_choose(). */
	return atomic_load_explicit(&waiter->done, memory_order_acquire) ==
	       WAITER_CHOSEN;
}

/* Wait until one of the nodes is chosen: 0. Otherwise the deadline, an
 * interruption or a cancellation came first: -ETIMEDOUT, -EINTR, -ECANCELED.
 * Afterwards no node is linked and nobody touches the waiter. next: a thread
 * to go to, out of the run queue, or NULL. No lock is held. */
int green__wait(struct waiter *waiter, int64_t deadline, struct thread *next);

/* The same for one who has done something since the first of the nodes was
 * linked that may have woken the calling thread, which was not parked. */
int green__wait_if_need(struct waiter *waiter, int64_t deadline);

/* The wait is over, or error is a reason to end it, or not to begin with it:
 * 0 if one of the nodes was chosen all the same, otherwise error. Nodes that
 * were not linked have a queue and say so. */
int green__wait_end(struct waiter *waiter, int error);

/* As green__wait() without an end, with the waiter that was `then` of another
 * one and may have been chosen already. Only an interruption comes first. The
 * calling thread is shielded. */
int green__wait_then(struct waiter *waiter);

/* Wait in a queue, whose lock is held and is released: node's kind, value
 * and mode are filled in, the rest is done here. What the deadline says first:
 * -EAGAIN, -ETIMEDOUT or -EINVAL. When green__wait() returns 0: the result of
 * the node. */
int green__queue_wait(struct wait_queue *q, struct wait_node *node,
		      int64_t deadline);
/* The same with a node of its own, for a caller who needs none. */
int green__queue_wait_for(struct wait_queue *q, enum wait_kind kind,
			  void *value, int64_t deadline);

/* ---- nodes, under the lock --------------------------------------------- */

/* Last in the queue. */
static inline void
green__queue_link(struct wait_queue *q, struct wait_node *node)
{
	node->queue = q;
	node->next = NULL;
	node->prev = q->tail;
	node->linked = true;
	node->counted = false;
	if (likely(!(q->flags & QUEUE_PRIVATE))) {
		node->counted = true;
		q->users++;
	}
	if (q->tail)
		q->tail->next = node;
	else
		q->head = node;
	q->tail = node;
	q->length++;
}

static inline void
green__queue_unlink(struct wait_queue *q, struct wait_node *node)
{
	node->linked = false;
	q->length--;
	if (node->prev)
		node->prev->next = node->next;
	else
		q->head = node->next;
	if (node->next)
		node->next->prev = node->prev;
	else
		q->tail = node->prev;
}

/* End the wait of a node; false if it has ended for another reason. alone: no
 * other OS thread can be at its object, though one may be at another that the
 * same waiter waits for. */
static inline bool
green__node_choose(struct wait_node *node, bool alone)
{
	struct waiter *waiter = node->waiter;
	uint32_t expected = WAITER_WAITS;

	if (likely(alone) && (likely(waiter->count == 1) || green__alone())) {
		if (atomic_load_explicit(&waiter->done, memory_order_relaxed))
			return false;
		atomic_store_explicit(&waiter->done, WAITER_CHOSEN,
				      memory_order_relaxed);
	} else if (!atomic_compare_exchange_strong(&waiter->done, &expected,
						   WAITER_CHOSEN)) {
		/* Pairs with the one in give_up(), and with other objects'. */
		return false;
	}
	waiter->chosen = node;
	return true;
}

/* The first one, which is node. */
static inline void
green__queue_shift(struct wait_queue *q, struct wait_node *node)
{
	node->linked = false;
	q->length--;
	q->head = node->next;
	if (q->head)
		q->head->prev = NULL;
	else
		q->tail = NULL;
}

/* Take the first one out whose wait can be ended, and end it; NULL: none.
 * green__waiter_wake() must follow. alone: green__queue_alone(q). */
static inline struct wait_node *
green__queue_choose_as(struct wait_queue *q, bool alone)
{
	struct wait_node *node;

	while ((node = q->head)) {
		green__queue_shift(q, node);
		if (likely(green__node_choose(node, alone)))
			return node;
	}
	return NULL;
}

static inline struct wait_node *
green__queue_choose(struct wait_queue *q)
{
	return green__queue_choose_as(q, green__queue_alone(q));
}

/* The first one whose wait can be ended, as far as can be told: another OS
 * thread may end it at any moment. NULL: none. */
static inline struct wait_node *
green__queue_peek(struct wait_queue *q)
{
	struct wait_node *node;

	/* Relaxed: whoever acts on it goes through green__node_choose(). */
	while ((node = q->head) &&
	       atomic_load_explicit(&node->waiter->done, memory_order_relaxed))
		green__queue_shift(q, node);
	return node;
}

/* Has anybody not left yet? Such an object must not go. */
static inline bool
green__queue_busy(const struct wait_queue *q)
{
	return q->head || (!(q->flags & QUEUE_PRIVATE) && q->users);
}

/* Wake one that was chosen, after its node was filled in. */
static inline void
green__waiter_wake(struct waiter *waiter)
{
	if (likely(waiter->thread != NULL))
		green__wake(waiter->thread);
	else
		green__futex_wake(&waiter->done);
}

/* For reports, in describe.c: what a thread of this worker waits for. */
void green__wait_describe(struct out *o, const struct waiter *waiter);

#endif
