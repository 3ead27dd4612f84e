/* SPDX-License-Identifier: MIT */
/*
 * Threads that will not run again: let go of without running them.
 *
 * Their frames are not unwound, since they may be anywhere. What they wait for
 * forgets them, whoever joins them gets -ESRCH, their blocks and stacks go
 * back. In the child of fork() nobody is told, and of other OS threads, which
 * may have been in the middle of anything, nothing is touched that could be
 * half changed.
 */

#include "config.h"

#include "base.h"
#include "sched.h"
#include "thread.h"
#include "tools.h"
#include "worker.h"

/* The thread of w that an entry has, with the entry locked; NULL, and nothing
 * locked, if it has none. */
static struct thread *
lock_own(const struct worker *w, struct id_entry *e)
{
	struct thread *t;

	green__id_relock(e);
	t = green__id_thread(e);
	if (t && t->worker == w)
		return t;
	green__id_unlock(e);
	return NULL;
}

/* A parked thread of w that will not run again forgets what it waits for.
 * hooks: false after fork(). */
static void
abandon_wait(struct worker *w, struct id_entry *e, bool hooks)
{
	struct thread *t = lock_own(w, e);
	struct waiter *waits;

	if (!t)
		return;
	waits = t->waits;
	t->waits = NULL;
	t->timer.pprev = NULL;
	/* Not under the lock: two of them would have no order. */
	green__id_unlock(e);
	if (waits && hooks)
		green__wait_abandon(waits);
	else if (waits)
		green__wait_forget(waits);
}

static void
abandon_stack(struct worker *w, struct thread *t)
{
	bool started = !(t->flags & T_NEW);

	if (t->flags & T_MAIN || t->state == THREAD_ENDED)
		return;
	if (started && t->flags & T_TOOLS) {
		green__tools_unroot(t->stack.lo, t->stack.size);
		green__tools_abandon(&t->extra->tools);
	}
	if (t->stack.class == STACK_CLASS_OWN)
		return;
	if (started)
		green__stack_give(w->stacks, t->stack);
	else
		green__stack_unreserve(w->stacks, t->stack.class);
}

/* Let go of a thread of w without running it. hooks: call destroy, and send
 * its joiner away. */
static void
abandon(struct worker *w, struct id_entry *e, bool hooks)
{
	struct thread *t = lock_own(w, e);
	struct thread_slab *slab;
	bool local;

	if (!t)
		return;
	if (t->state != THREAD_ENDED && !(t->flags & T_MAIN))
		atomic_fetch_add_explicit(&w->abandoned, 1,
					  memory_order_relaxed);
	if (hooks) {
		green__join_abandon(t);
		green__scopes_abandon(t);
	} else {
		t->hooks = NULL;
	}
	/* Another OS thread may have been in the middle of something when this
	 * one forked. Its pool goes back as a whole; its tables of keys do
	 * not: one could be free already. */
	if (hooks || w == green__worker)
		abandon_stack(w, t);
	else
		t->keys = NULL;
	w->blocks--;
	/* Whose OS thread it is does not matter: none of them runs now. */
	slab = green__home(t, &local);
	green__thread_release(t, slab, true);
}

/* First all of them stop to wait: afterwards no joiner is left that is itself
 * abandoned. A block that another OS thread has counted as released may still
 * be in its hands, which shows in the lock of its entry only: such counts must
 * not end the walk. */
void
green__abandon_all(struct worker *w, const struct thread *except, bool hooks)
{
	uint32_t keep = except ? 1 : 0, i;
	struct id_entry *e;

	if (w->blocks <= keep)
		return;
	for (i = 0; (e = green__id_at(i)); i++)
		if (!except || e != except->entry)
			abandon_wait(w, e, hooks);
	for (i = 0; w->blocks > keep && (e = green__id_at(i)); i++)
		if (!except || e != except->entry)
			abandon(w, e, hooks);
	w->blocks = keep;
	atomic_store_explicit(&w->released, 0, memory_order_relaxed);
}

void
green__worker_abandon_others(struct worker *w)
{
	green__abandon_all(w, w->current, true);
	green__wheel_init(&w->wheel, green__now(w));
	w->head = w->tail = 0;
	w->holes = 0;
	w->forever = 0;
	w->fd_waits = 0;
	green__lobby_init(&w->lobby);
	w->alive = 1;
}
