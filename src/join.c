/* SPDX-License-Identifier: MIT */
/*
 * The end of threads, and those who wait for it.
 *
 * Everything happens under the lock of the thread's id entry. A joiner leaves
 * a waiter on its own stack and parks. The thread that ends finds it there,
 * puts its value into it, marks it done, wakes the joiner and releases its
 * own control block, all in one locked stretch; so a value is handed over
 * exactly once, and whoever finds the id stale afterwards finds its waiter
 * done.
 *
 * A joiner that gives up (deadline, interruption) takes its waiter out under
 * the same lock. If the id is stale by then, the thread has ended in the
 * meantime and the join has succeeded; the wake-up that was sent from another
 * OS thread is then in this worker's inbox, which must be drained before the
 * joiner goes on, because the inbox is linked through its control block.
 *
 * The one that hands over from another OS thread touches the joiner (the inbox
 * is linked through its control block) and its worker until the wake-up is
 * sent, which is after `done` was set. So a joiner in a worker of its own
 * looks at the id once more before it goes on. Stale means that all of that is
 * over, because the id is retired afterwards.
 *
 * When an OS thread ends, its green threads are abandoned: those who join one
 * of them get -ESRCH, and what its threads themselves wait for forgets them.
 *
 * A plain pthread, without a worker, waits on a futex in the waiter instead.
 */

#include "config.h"

#include "base.h"
#include "context.h"
#include "os.h"
#include "sched.h"
#include "thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* Under the lock of the thread's entry. w must not be touched after it is
 * done. */
static void
hand_over(struct waiter *w, void *value, enum waiter_done done)
{
	struct thread *joiner = w->thread;

	w->value = value;
	/* Release pairs with the acquire load of a pthread's wait. */
	atomic_store_explicit(&w->done, done, memory_order_release);
	if (joiner)
		green__wake(joiner);
	else
		green__futex_wake(&w->done);
}

/* Before the end of self, when somebody wants to know of each end: the main
 * flow in green_exit(), or a process after fork() which has no main flow. */
static void
end_noticed(struct worker *w, struct thread *self)
{
	if (!w->orphan) {
		green__ready(w, w->main, 0);
		return;
	}
	if (w->alive == 1)
		exit(0);
	if (self == w->main)
		w->main = NULL;
}

/* Unwatched: it returns when the tools are on the next stack already. */
unwatched void **
green__finish(struct worker *w, void *value)
{
	struct thread *self = w->current;
	struct stack stack = self->stack;
	struct thread_extra *watched = NULL;

	if (unlikely(self->keys))
		green__keys_run(self);
	if (unlikely(w->main_exits))
		end_noticed(w, self);
	if (unlikely(self->flags & T_FP))
		green__fp_set(w->fp);
	if (unlikely(self->flags & T_TOOLS)) {
		watched = self->extra;
		self->extra = NULL;
	}
	w->alive--;
	w->current = &w->nobody;
	green__id_relock(self->entry);
	if (unlikely(watched)) {
		green__tools_acquire(self->entry);
		green__tools_release(self->entry);
	}
	self->state = THREAD_ENDED;
	if (self->joiner)
		hand_over(self->joiner, value, WAITER_JOINED);
	if (self->joiner || self->end == END_DETACHED) {
		w->blocks--;
		green__thread_release(self, &w->slab, true);
	} else {
		self->end = END_WAITING;
		self->value = value;
		green__id_unlock(self->entry);
	}
	return green__leave_for_good(w, stack, watched);
}

/* Let go of an ended thread, locked, from whichever OS thread. */
static void
release(struct thread *t)
{
	struct worker *owner = t->worker;
	bool local = owner == green__worker;

	if (local) {
		owner->blocks--;
	} else {
		atomic_fetch_add_explicit(&owner->released, 1,
					  memory_order_relaxed);
		green__tools_acquire(t->entry);
	}
	green__thread_release(t, &owner->slab, local);
}

/* What a deadline says, for a thread that has not ended. */
static int
may_wait(struct thread *t, struct worker *w, int64_t deadline)
{
	if (t->joiner)
		return -EBUSY;
	if (w && t == w->current)
		return -EDEADLK;
	return deadline == GREEN_NEVER ? 0 : green__deadline_check(deadline);
}

bool
green__join_withdraw(green_t id)
{
	struct id_entry *e;
	struct thread *t = green__id_lock(id, &e);

	if (!t)
		return false;
	t->joiner = NULL;
	green__id_unlock(e);
	return true;
}

void
green__join_abandon(struct thread *t)
{
	if (t->joiner)
		hand_over(t->joiner, NULL, WAITER_ABANDONED);
	t->joiner = NULL;
}

/* Acquire pairs with the release store in hand_over(). */
static enum waiter_done
done(struct waiter *waiter)
{
	return atomic_load_explicit(&waiter->done, memory_order_acquire);
}

/* A pthread waits; the entry is not locked any more. A signal does not end
 * the wait. */
static int
wait_outside(green_t id, struct waiter *waiter, int64_t deadline)
{
	while (!done(waiter))
		if (green__futex_wait(&waiter->done, WAITER_WAITS, deadline) ==
			    -ETIMEDOUT &&
		    green__join_withdraw(id))
			return -ETIMEDOUT;
	return 0;
}

/* remote: the thread is another worker's. */
static int
wait_inside(struct worker *w, green_t id, struct waiter *waiter,
	    int64_t deadline, struct thread *next, bool remote)
{
	struct thread *self = w->current;
	int error;

	self->waits_for = id;
	self->flags |= T_INTERRUPTIBLE;
	error = green__park(w, deadline, next);
	self->flags &= ~(uint32_t)T_INTERRUPTIBLE;
	self->waits_for = 0;
	if (unlikely(remote || !done(waiter)) && green__join_withdraw(id))
		return error;
	/* Its wake-up may still be in the inbox. */
	if (unlikely(atomic_load_explicit(&w->inbox, memory_order_acquire)))
		green__inbox_drain(w);
	return 0;
}

/* Join a thread that has not ended; its entry is locked. */
static int
join_alive(struct worker *w, struct thread *t, struct id_entry *e,
	   void **ret_value, int64_t deadline)
{
	struct waiter waiter = { w ? w->current : NULL, NULL, 0 };
	struct thread *next = NULL;
	bool remote = t->worker != w;
	green_t id = t->id;
	int error = may_wait(t, w, deadline);

	if (error) {
		green__id_unlock(e);
		return error;
	}
	t->joiner = &waiter;
	if (!remote && t->flags & T_NEW && green__queue_remove(w, t))
		next = t;
	green__id_unlock(e);
	if (w)
		error = wait_inside(w, id, &waiter, deadline, next, remote);
	else
		error = wait_outside(id, &waiter, deadline);
	if (unlikely(remote))
		green__tools_acquire(e);
	if (!error && unlikely(done(&waiter) == WAITER_ABANDONED))
		return -ESRCH;
	if (!error && ret_value)
		*ret_value = waiter.value;
	return error;
}

int
green_join(green_t id, void **ret_value, int64_t deadline)
{
	struct worker *w = green__worker;
	struct id_entry *e;
	struct thread *t;

	if (!id || deadline < 0)
		return -EINVAL;
	t = green__id_lock(id, &e);
	if (!t)
		return -ESRCH;
	if (w && t == w->current && !(t->flags & T_MAIN)) {
		green__id_unlock(e);
		return -EDEADLK;
	}
	if (t->end == END_DETACHED) {
		green__id_unlock(e);
		return -EINVAL;
	}
	if (t->end != END_WAITING)
		return join_alive(w, t, e, ret_value, deadline);
	if (ret_value)
		*ret_value = t->value;
	release(t);
	return 0;
}

int
green_detach(green_t id)
{
	struct id_entry *e;
	struct thread *t;
	int error = 0;

	if (!id)
		return -EINVAL;
	t = green__id_lock(id, &e);
	if (!t)
		return -ESRCH;
	if (t->end == END_WAITING) {
		release(t);
		return 0;
	}
	if (t->worker != green__worker)
		green__tools_release(e);
	if (t->joiner)
		error = -EBUSY;
	else if (t->end == END_DETACHED)
		error = -EINVAL;
	else
		t->end = END_DETACHED;
	green__id_unlock(e);
	return error;
}

void
green_exit(void *value)
{
	struct worker *w = green__worker_get();
	struct thread *self;

	if (!w)
		pthread_exit(value);
	self = w->current;
	if (!(self->flags & T_MAIN))
		green__jump(green__finish(w, value), NULL);
	if (self->keys)
		green__keys_run(self);
	w->main_exits = true;
	while (w->alive > 1)
		green__park(w, GREEN_NEVER, NULL);
	w->main_exits = false;
	pthread_exit(value);
}

int
green_interrupt(green_t id)
{
	struct worker *w = green__worker;
	struct id_entry *e;
	struct thread *t;
	int error = 0;

	if (!id)
		return -EINVAL;
	t = green__id_lock(id, &e);
	if (!t)
		return -ESRCH;
	if (t->worker != w)
		error = -EPERM;
	else if (t->state != THREAD_PARKED || !(t->flags & T_INTERRUPTIBLE))
		error = -EALREADY;
	else
		green__ready(w, t, -EINTR);
	green__id_unlock(e);
	return error;
}
