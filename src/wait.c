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

#include "mem.h"
#include "os.h"
#include "tools.h"

#include <sched.h>

/* ---- the lock ---------------------------------------------------------- */

/* Acquire pairs with the release in green__queue_unlock_shared(). */
static inline bool
try_lock(struct wait_queue *q)
{
	return !atomic_exchange_explicit(&q->lock, 1, memory_order_acquire);
}

static noinline void
lock_held(struct wait_queue *q)
{
	unsigned spins = 0;

	/* The holder never sleeps, but may have been preempted. */
	do
		while (atomic_load_explicit(&q->lock, memory_order_relaxed))
			if (++spins % 64 == 0)
				sched_yield();
	while (!try_lock(q));
	green__tools_acquire(q);
}

void
green__queue_lock_shared(struct wait_queue *q)
{
	if (unlikely(!try_lock(q)))
		lock_held(q);
	else if (unlikely(green__tools_listen()))
		green__tools_acquire(q);
}

void
green__queue_unlock_shared(struct wait_queue *q)
{
	if (unlikely(green__tools_listen()))
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
chosen(const struct waiter *waiter)
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
	struct wait_queue *q = node->queue, *first;

	if (!q) {
		if (node->linked || !green__alone())
			green__join_leave(node);
		return;
	}
	if (!node->counted && !node->linked)
		return;
	first = green__queue_first(q);
	green__queue_lock(first);
	if (unlikely(node->linked))
		green__queue_unlink(q, node);
	if (likely(node->counted))
		q->users--;
	green__queue_unlock(first);
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
	/* What it waits for next comes after, because the first may still be
	 * handing it over to the second. */
	for (; waiter; waiter = waiter->then) {
		give_up(waiter);
		leave_all(waiter);
		if (waiter->count > WAITER_NODES_ON_STACK)
			green__free(waiter->nodes);
	}
}

static void
forget(struct wait_node *node)
{
	struct wait_queue *q = node->queue;

	if (!q) {
		green__join_leave(node);
		return;
	}
	q->head = q->tail = NULL;
	q->length = 0;
	if (!(q->flags & QUEUE_PRIVATE))
		q->users = 0;
	atomic_store(&green__queue_first(q)->lock, 0);
}

void
green__wait_forget(struct waiter *waiter)
{
	uint32_t i;

	for (; waiter; waiter = waiter->then) {
		for (i = 0; i < waiter->count; i++)
			forget(&waiter->nodes[i]);
		if (waiter->count > WAITER_NODES_ON_STACK)
			green__free(waiter->nodes);
	}
}

/* ---- waiting ----------------------------------------------------------- */

/* A scope that the thread is in may have an earlier deadline: then a wake-up.
 * If another OS thread has cancelled it since it looked, that wake-up is to
 * come. */
static noinline int
park_in_scope(struct thread *self, int64_t deadline, struct thread *next)
{
	int64_t until = deadline;
	int error;

	green__cancel_look(self, &until);
	error = green__park(self->worker, until, next);
	return until != deadline && error == -ETIMEDOUT ? 0 : error;
}

static inline int
park_once(struct thread *self, int64_t deadline, struct thread *next)
{
	if (green__may_be_cancelled(self))
		return park_in_scope(self, deadline, next);
	return green__park(self->worker, deadline, next);
}

/* After a first time, which ended with error. */
static int
park_on(struct waiter *waiter, int64_t deadline, int error)
{
	struct thread *self = waiter->thread;

	while (!chosen(waiter) && !error) {
		if (green__is_cancelled(self))
			error = -ECANCELED;
		else
			error = park_once(self, deadline, NULL);
	}
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

/* The wait is over, or error is a reason to end it. */
static noinline int
end_wait(struct waiter *waiter, int error)
{
	struct thread *self = waiter->thread;

	if (chosen(waiter) || !give_up(waiter))
		error = 0;
	leave_all(waiter);
	if (!self)
		return error;
	self->waits = NULL;
	/* The wake-up came from outside, and another reason to go on came
	 * first. Acquire pairs with the exchange in green__wake(). */
	if (unlikely(atomic_load_explicit(&self->sent, memory_order_acquire)))
		green__inbox_drain(self->worker);
	return error;
}

/* Wait as long as it takes, after a first time, which ended with error. */
static noinline int
wait_on(struct waiter *waiter, int64_t deadline, int error)
{
	if (waiter->thread)
		error = park_on(waiter, deadline, error);
	else
		error = sleep_on(waiter, deadline);
	return end_wait(waiter, error);
}

/* Park a first time. True: that was all, for one who waits for a single node
 * and is alone. Whoever chose that node has taken it out, so this is the short
 * form of end_wait(). */
static inline __attribute__((always_inline)) bool
wait_once(struct waiter *waiter, struct wait_node *single, int64_t deadline,
	  struct thread *next, int *ret_error)
{
	struct thread *self = waiter->thread;

	*ret_error = 0;
	if (unlikely(!self))
		return false;
	*ret_error = park_once(self, deadline, next);
	/* Relaxed: it was this OS thread. */
	if (unlikely(
		    atomic_load_explicit(&waiter->done, memory_order_relaxed) !=
		    WAITER_CHOSEN) ||
	    !single || unlikely(!green__alone()))
		return false;
	if (single->counted)
		single->queue->users--;
	self->waits = NULL;
	return true;
}

int
green__wait(struct waiter *waiter, int64_t deadline, struct thread *next)
{
	struct wait_node *single = waiter->count == 1 ? waiter->nodes : NULL;
	int error;

	if (wait_once(waiter, single, deadline, next, &error))
		return 0;
	return wait_on(waiter, deadline, error);
}

int
green__wait_then(struct waiter *waiter)
{
	struct thread *self = waiter->thread;

	if (self)
		self->waits = waiter;
	return wait_on(waiter, GREEN_NEVER, 0);
}

static inline __attribute__((always_inline)) int
wait_in(struct wait_queue *q, struct wait_node *node, int64_t deadline)
{
	struct wait_queue *first = green__queue_first(q);
	struct waiter waiter;
	int error = 0;

	if (deadline != GREEN_NEVER)
		error = green__deadline_check(deadline);
	if (error) {
		green__queue_unlock(first);
		return error;
	}
	green__waiter_init(&waiter, node, 1);
	node->waiter = &waiter;
	node->object = first;
	green__queue_link(q, node);
	green__queue_unlock(first);
	if (likely(wait_once(&waiter, node, deadline, NULL, &error)))
		return node->result;
	error = wait_on(&waiter, deadline, error);
	return error ? error : node->result;
}

int
green__queue_wait(struct wait_queue *q, struct wait_node *node,
		  int64_t deadline)
{
	return wait_in(q, node, deadline);
}

int
green__queue_wait_for(struct wait_queue *q, enum wait_kind kind, void *value,
		      int64_t deadline)
{
	struct wait_node node;

	node.kind = kind;
	node.value = value;
	return wait_in(q, &node, deadline);
}

/* ---- reports ----------------------------------------------------------- */

/* Of what a thread waits for, at most: it has one line. */
#define DESCRIBED 4

static void
describe_object(struct out *o, const char *what, const struct wait_node *node)
{
	green__out_str(o, what);
	green__out_hex(o, (uintptr_t)node->object);
}

static void
describe_held(struct out *o, const char *what, const struct wait_node *node)
{
	struct wait_held *held = container_of(node->queue, struct wait_held,
					      queue);
	/* Pairs with nothing: it may be anybody's by now. */
	uint64_t holder = atomic_load_explicit(&held->holder,
					       memory_order_relaxed);

	describe_object(o, what, node);
	if (!holder)
		return;
	green__out_str(o, holder >> ID_INDEX_BITS ? ", held by thread "
						  : ", held by OS thread ");
	green__out_dec(o, holder);
}

static void
describe_fd(struct out *o, const char *what, const struct wait_node *node)
{
	int fd = green__fd_number(green__queue_first(node->queue));

	green__out_str(o, what);
	green__out_dec(o, (uint64_t)fd);
}

static void
describe(struct out *o, const struct wait_node *node)
{
	switch ((enum wait_kind)node->kind) {
	case WAIT_JOIN:
		green__out_str(o, "joins thread ");
		green__out_dec(o, node->id);
		return;
	case WAIT_COND:
		describe_object(o, "waits for condition ", node);
		return;
	case WAIT_MUTEX:
		describe_held(o, "locks mutex ", node);
		return;
	case WAIT_SEM:
		describe_object(o, "waits for semaphore ", node);
		return;
	case WAIT_SEND:
		describe_object(o, "sends to channel ", node);
		return;
	case WAIT_EVENT:
		describe_object(o, "waits for event ", node);
		return;
	case WAIT_RECV:
		describe_object(o, "receives from channel ", node);
		return;
	case WAIT_SCOPE:
		describe_object(o, "waits for the threads of scope ", node);
		return;
	case WAIT_GROUP:
		describe_object(o, "waits for group ", node);
		return;
	case WAIT_READ:
		describe_held(o, "reads under lock ", node);
		return;
	case WAIT_WRITE:
		describe_held(o, "writes under lock ", node);
		return;
	case WAIT_BARRIER:
		describe_object(o, "waits at barrier ", node);
		return;
	case WAIT_ONCE:
		describe_held(o, "waits for what is done once at ", node);
		return;
	case WAIT_READABLE:
		describe_fd(o, "waits to read from descriptor ", node);
		return;
	case WAIT_WRITABLE:
		describe_fd(o, "waits to write to descriptor ", node);
		return;
	}
}

void
green__wait_describe(struct out *o, const struct waiter *waiter)
{
	uint32_t i;

	while (waiter->then && chosen(waiter))
		waiter = waiter->then;
	for (i = 0; i < waiter->count && i < DESCRIBED; i++) {
		if (i)
			green__out_str(o, " or ");
		describe(o, &waiter->nodes[i]);
	}
	if (i < waiter->count) {
		green__out_str(o, " or one of ");
		green__out_dec(o, waiter->count - i);
		green__out_str(o, " others");
	}
	if (!waiter->count)
		green__out_str(o, "waits for nothing but time");
}
