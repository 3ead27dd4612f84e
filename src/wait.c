/* SPDX-License-Identifier: MIT */
/*
 * Waiting: the lock of objects, and the two ways to wait. The rules are in
 * wait.h. tests/models/wait.pml is this.
 *
 * A green thread parks; a pthread without a worker sleeps on `done` itself, and
 * is listed for the child of fork().
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
#include "worker.h"

#include <pthread.h>
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
		if (waiter->on_heap)
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
		if (waiter->on_heap)
			green__free(waiter->nodes);
	}
}

/* ---- pthreads that wait -------------------------------------------------- */

/*
 * The child of fork() is to forget them, and finds nothing of them elsewhere
 * but in the queues of objects that it does not know. A waiter is listed from
 * before it is linked until after it has left. The lock is taken last: that of
 * a queue or of an id entry may be held. Nothing of this concerns green
 * threads.
 */
static pthread_mutex_t listed_lock = PTHREAD_MUTEX_INITIALIZER;
static struct waiter *listed; /* under listed_lock */

static void
insert(struct waiter *waiter)
{
	waiter->next = listed;
	waiter->pprev = &listed;
	if (listed)
		listed->pprev = &waiter->next;
	listed = waiter;
}

void
green__waiter_list(struct waiter *waiter)
{
	/* Without memory for that a child may find those who waited. */
	green__fork_init();
	green__waiters_lock();
	insert(waiter);
	green__waiters_unlock();
}

/* It is over with a waiter; its thread goes on with another one, or NULL. */
static void
replace(struct waiter *waiter, struct waiter *then)
{
	green__waiters_lock();
	*waiter->pprev = waiter->next;
	if (waiter->next)
		waiter->next->pprev = waiter->pprev;
	if (then)
		insert(then);
	green__waiters_unlock();
}

void
green__waiters_lock(void)
{
	pthread_mutex_lock(&listed_lock);
}

void
green__waiters_unlock(void)
{
	pthread_mutex_unlock(&listed_lock);
}

void
green__waiters_fork(void)
{
	struct waiter *waiter;

	/* The stacks on which they lie are not used for anything yet. */
	for (waiter = listed; waiter; waiter = waiter->next)
		green__wait_forget(waiter);
	listed = NULL;
	green__waiters_unlock();
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

	while (!green__waiter_chosen(waiter) && !error) {
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

	while (!green__waiter_chosen(waiter) && error != -ETIMEDOUT)
		error = green__futex_wait(&waiter->done, WAITER_WAITS,
					  deadline);
	return error;
}

noinline int
green__wait_end(struct waiter *waiter, int error)
{
	struct thread *self = waiter->thread;
	struct waiter *then = NULL;

	if (green__waiter_chosen(waiter) || !give_up(waiter)) {
		error = 0;
		then = waiter->then;
	}
	leave_all(waiter);
	if (!self) {
		replace(waiter, then);
		return error;
	}
	/* Without a gap: another OS thread may fork. */
	self->waits = then;
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
	return green__wait_end(waiter, error);
}

/* Park a first time. True: that was all, for one who waits for a single node
 * and is alone. Whoever chose that node has taken it out, so this is the short
 * form of green__wait_end(). */
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
green__wait_if_need(struct waiter *waiter, int64_t deadline)
{
	return wait_on(waiter, deadline, 0);
}

int
green__wait_then(struct waiter *waiter)
{
	if (waiter->thread)
		waiter->thread->waits = waiter;
	return green__wait_if_need(waiter, GREEN_NEVER);
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
