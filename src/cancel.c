/* SPDX-License-Identifier: MIT */
/*
 * Cancellation: green_cancel(), and shields.
 *
 * What holds: a thread that is cancelled has a bit set in `cancelled`, and
 * nothing else. Each call that can block looks at it first, and again each
 * time it was woken; whoever sets it wakes the thread afterwards. A thread
 * that parks has looked before, or finds the wake-up in its inbox after it.
 * The wait itself ends as it does at a deadline (wait.c): the waiter gives up
 * by compare and exchange, and if that fails it was chosen before, and
 * succeeds. So nothing is lost, and nobody but the thread itself takes its
 * nodes out.
 *
 * Rejected: a cancellation that is delivered once, as an error or an exception
 * (one lost in a library that handles all errors is never seen again);
 * unwinding or killing the thread (C has no destructors to run); letting the
 * canceller take the waiter out of its queues (it would need the locks of all
 * of them, and could come between a hand-over and its receiver).
 */

#include "config.h"

#include "cancel.h"

#include "sched.h"
#include "thread.h"

#include <errno.h>

#include <green/scope.h>

bool
green__cancel_look(struct thread *t)
{
	return !(t->flags & T_SHIELDED);
}

bool
green__shield(struct thread *t, bool on)
{
	bool was = t->flags & T_SHIELDED;

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
	t = green__id_lock(id, &e);
	if (!t)
		return -ESRCH;
	if (t->end != END_WAITING) {
		/* Before the wake-up, which orders it. The thread takes this
		 * lock before it ends, so it is there until we are through. */
		atomic_fetch_or_explicit(&t->cancelled, CANCEL_SELF,
					 memory_order_relaxed);
		green__wake(t);
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
