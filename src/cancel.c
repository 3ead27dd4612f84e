/* SPDX-License-Identifier: MIT */
/*
 * Cancellation: green_cancel(), shields, and what a thread is cancelled by.
 *
 * A thread is cancelled if it itself is, or one of the scopes that it is in,
 * unless a shield lies between. The chain from the inside out is its frames
 * (scope.h), then the thread itself; each link can have a shield, which holds
 * off this link and all outer ones. What is entered inside of a shield works.
 *
 * What holds: `cancelled` of a thread has a bit set if there can be a reason.
 * Each call that can block looks at it first, and again each time it was woken;
 * if it is set, green__cancel_look() goes along the chain. Whoever sets a bit
 * wakes the thread afterwards. A thread that parks has looked before, or finds
 * the wake-up in its inbox after it. The wait itself ends as it does at a
 * deadline (wait.c): the waiter gives up by compare and exchange, and if that
 * fails it was chosen before, and succeeds. So nothing is lost, and nobody but
 * the thread itself takes its nodes out.
 *
 * The deadline of a scope is one of every wait in it: a thread parks until the
 * earliest that counts, and looks at the clock when it begins a call. The first
 * one that finds it passed cancels the whole scope.
 *
 * Rejected: a cancellation that is delivered once, as an error or an exception
 * (one lost in a library that handles all errors is never seen again);
 * unwinding or killing the thread (C has no destructors to run); letting the
 * canceller take the waiter out of its queues (it would need the locks of all
 * of them, and could come between a hand-over and its receiver); keeping the
 * answer, instead of a hint, in the thread (every shield and every scope would
 * have to be followed by whoever cancels, on another OS thread).
 *
 * Rejected for deadlines: a thread that watches each (a stack and two switches
 * for every time-out, and it changes the order in which others run); a timer of
 * the scope's own in a worker's wheel (it would have to be taken out by
 * whichever OS thread destroys the scope, and would be lost with its worker).
 */

#include "config.h"

#include "sched.h"
#include "scope.h"
#include "thread.h"
#include "tools.h"

#include <errno.h>

/* The innermost scope that the thread is in. */
static struct scope_frame *
innermost(const struct thread *t)
{
	return t->extra ? t->extra->scopes : NULL;
}

/* Cancel those scopes whose deadline has passed. */
static void
expire(struct scope_frame *f, int64_t now)
{
	for (; f && !f->shielded; f = f->outer)
		if (f->scope->deadline <= now)
			green__scope_expire(f->scope);
}

bool
green__cancel_look(struct thread *t, int64_t *until)
{
	struct scope_frame *f = innermost(t);

	if (f && !f->shielded && f->deadline != GREEN_NEVER) {
		int64_t now = green__now(t->worker);

		if (until && f->deadline < *until)
			*until = f->deadline;
		if (f->deadline <= now)
			expire(f, now);
	}
	for (; f; f = f->outer) {
		if (f->shielded)
			return false;
		if (green__scope_is_cancelled(f->scope)) {
			green__tools_acquire(f->scope);
			return true;
		}
	}
	/* Acquire pairs with the release in green_cancel(). */
	if (t->flags & T_SHIELDED ||
	    !(atomic_load_explicit(&t->cancelled, memory_order_acquire) &
	      CANCEL_SELF))
		return false;
	green__tools_acquire(&t->cancelled);
	return true;
}

bool
green__shield(struct thread *t, bool on)
{
	struct scope_frame *f = innermost(t);
	bool was = f ? f->shielded : t->flags & T_SHIELDED;

	if (f) {
		f->shielded = on;
		return was;
	}
	t->flags &= ~(uint32_t)T_SHIELDED;
	if (on)
		t->flags |= T_SHIELDED;
	return was;
}

int
green_cancel(green_t id)
{
	struct id_entry *e;
	struct thread *t;

	if (!id)
		return -EINVAL;
	green__choice_point(green__worker);
	t = green__id_lock(id, &e);
	if (!t)
		return -ESRCH;
	if (t->end != END_WAITING) {
		if (t->worker != green__worker)
			green__tools_release(&t->cancelled);
		/* Release pairs with the acquire in green__cancel_look(). The
		 * thread takes the lock that we hold before it ends, so it is
		 * there until we are through. */
		atomic_fetch_or_explicit(&t->cancelled, CANCEL_SELF,
					 memory_order_release);
		green__tell(t);
	}
	green__id_unlock(e);
	return 0;
}

int
green_cancelled(void)
{
	struct worker *w = green__worker;

	return w && green__is_cancelled(w->current);
}

int
green_shield(int on)
{
	struct thread *t;

	if (on != 0 && on != 1)
		return -EINVAL;
	t = green__current();
	return t ? green__shield(t, on) : -ENOMEM;
}
