/* SPDX-License-Identifier: MIT */
/*
 * The end of threads, and those who wait for it.
 *
 * Everything happens under the lock of the thread's id entry. A joiner leaves
 * a node on its own stack and waits (wait.h). The thread that ends finds it
 * there, chooses it, puts its value into it, wakes the joiner and releases its
 * own control block, all in one locked stretch; so a value is handed over
 * exactly once, and whoever finds the id stale afterwards finds its waiter
 * done. A joiner whose wait has ended for another reason cannot be chosen: the
 * value then stays.
 *
 * A joiner that gives up (deadline, interruption, cancellation) takes its node
 * out under the same lock. If the id is stale by then, the thread has ended in
 * the meantime and the join has succeeded.
 *
 * The one that hands over from another OS thread touches the joiner (the inbox
 * is linked through its control block) and its worker until the wake-up is
 * sent, which is after the choice. So a joiner looks at the id once more before
 * it goes on. Stale means that all of that is over, because the id is retired
 * afterwards.
 *
 * When an OS thread ends, its green threads are abandoned: those who join one
 * of them get -ESRCH, and what its threads themselves wait for forgets them.
 */

#include "config.h"

#include "base.h"
#include "context.h"
#include "os.h"
#include "sched.h"
#include "select.h"
#include "thread.h"
#include "wait.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* Under the lock of the thread's entry: does somebody still wait for it? */
static bool
is_joined(const struct thread *t)
{
	/* Whoever gives up takes the lock afterwards. */
	return t->joiner &&
	       atomic_load_explicit(&t->joiner->waiter->done,
				    memory_order_relaxed) == WAITER_WAITS;
}

/* Under the lock of the thread's entry: end the wait of its joiner, if there
 * is one. result: 0 with a value, or -ESRCH. */
static bool
hand_over(struct thread *t, void *value, int result)
{
	struct wait_node *node = t->joiner;

	t->joiner = NULL;
	if (!node || !green__node_choose(node, green__alone()))
		return false;
	node->linked = false;
	node->value = value;
	node->result = result;
	green__waiter_wake(node->waiter);
	return true;
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
unwatched struct green__next
green__finish(struct worker *w, void *value)
{
	struct thread *self = w->current;
	struct stack stack = self->stack;
	struct thread_extra *watched = NULL;
	struct thread_slab *slab;
	bool local;

	if (unlikely(self->flags & T_UNUSUAL))
		green__thread_wind_up(self);
	if (unlikely(w->main_exits))
		end_noticed(w, self);
	if (unlikely(self->flags & T_FP))
		green__fp_set(w->fp);
	if (unlikely(self->flags & T_TOOLS)) {
		watched = self->extra;
		self->extra = NULL;
	}
	w->alive--;
	if (w->runtime)
		/* Release pairs with the acquire in runtime.c. */
		atomic_fetch_add_explicit(&w->ended, 1, memory_order_release);
	w->current = &w->nobody;
	green__id_relock(self->entry);
	if (unlikely(watched)) {
		green__tools_acquire(self->entry);
		green__tools_release(self->entry);
	}
	self->state = THREAD_ENDED;
	/* Whoever sent it there is through, by the lock; the block may go. */
	if (unlikely(atomic_load_explicit(&self->sent, memory_order_relaxed)))
		green__inbox_drain(w);
	if (hand_over(self, value, 0) || self->end == END_DETACHED) {
		w->blocks--;
		slab = green__home(self, &local);
		green__thread_release(self, slab, local);
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
	struct thread_slab *slab;
	bool local;

	slab = green__home(t, &local);
	if (owner == green__worker) {
		owner->blocks--;
	} else {
		atomic_fetch_add_explicit(&owner->released, 1,
					  memory_order_relaxed);
		green__tools_acquire(t->entry);
	}
	green__thread_release(t, slab, local);
}

/* What a deadline says, for a thread that has not ended. */
static int
may_wait(struct thread *t, struct worker *w, int64_t deadline)
{
	if (is_joined(t))
		return -EBUSY;
	if (w && t == w->current)
		return -EDEADLK;
	return deadline == GREEN_NEVER ? 0 : green__deadline_check(deadline);
}

void
green__join_leave(struct wait_node *node)
{
	struct id_entry *e;
	struct thread *t = green__id_lock(node->id, &e);

	if (!t)
		return;
	if (t->joiner == node)
		t->joiner = NULL;
	green__id_unlock(e);
}

void
green__join_abandon(struct thread *t)
{
	hand_over(t, NULL, -ESRCH);
}

/* The thread has not started: out of where it waits, to run next. */
static bool
take_out(struct worker *w, struct thread *t)
{
	if (t->state == THREAD_LOBBY)
		return green__share_remove(w, t);
	return green__queue_remove(w, t);
}

/* Join a thread that has not ended; its entry is locked. */
static int
join_alive(struct worker *w, struct thread *t, struct id_entry *e,
	   void **ret_value, int64_t deadline)
{
	struct joining here, *j = &here;
	struct thread *next = NULL;
	bool remote = t->worker != w;
	int error = may_wait(t, w, deadline);

	if (error) {
		green__id_unlock(e);
		return error;
	}
	if (w && w->current == w->main)
		j = &w->main_joins;
	j->node.waiter = &j->waiter;
	j->node.queue = NULL;
	j->node.id = t->id;
	j->node.result = 0;
	j->node.kind = WAIT_JOIN;
	j->node.linked = true;
	j->node.counted = false;
	green__waiter_init(&j->waiter, &j->node, 1);
	t->joiner = &j->node;
	if (!remote && t->flags & T_NEW) {
		if (take_out(w, t))
			next = t;
		else
			remote = w->shares; /* it may start elsewhere */
	}
	green__id_unlock(e);
	error = green__wait(&j->waiter, deadline, next);
	if (unlikely(remote))
		green__tools_acquire(e);
	if (!error)
		error = j->node.result;
	if (!error && ret_value)
		*ret_value = j->node.value;
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
	green__choice_point(w);
	if (w && green__is_cancelled(w->current))
		return -ECANCELED;
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
	if (is_joined(t))
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
	if (!(self->flags & T_MAIN)) {
		struct green__next next = green__finish(w, value);

		green__jump(next.load_sp, next.value);
	}
	if (self->flags & T_UNUSUAL)
		green__thread_wind_up(self);
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
	green__choice_point(w);
	t = green__id_lock(id, &e);
	if (!t)
		return -ESRCH;
	if (t->worker != w)
		error = -EPERM;
	else if (t->state != THREAD_PARKED ||
		 !(t->waits || t->flags & T_INTERRUPTIBLE))
		error = -EALREADY;
	else
		green__ready(w, t, -EINTR);
	green__id_unlock(e);
	return error;
}

/* ---- in a select -------------------------------------------------------- */

/* The thread of a clause, whose entry is locked; NULL: the id is stale. */
static struct thread *
of_clause(const struct green_clause *c, struct id_entry **ret_entry)
{
	struct id_entry *e = green__id_at((uint32_t)c->id &
					  ((1u << ID_INDEX_BITS) - 1));

	*ret_entry = e;
	/* Nobody changes it while the lock is held. */
	if (!e || atomic_load_explicit(&e->word, memory_order_relaxed) >> 1 !=
			  c->id >> ID_INDEX_BITS)
		return NULL;
	return green__id_thread(e);
}

/* What green_join() says at once; -EAGAIN: it would wait. */
static int
at_once(const struct thread *t)
{
	const struct worker *w = green__worker;

	if (!t)
		return -ESRCH;
	if (w && t == w->current && !(t->flags & T_MAIN))
		return -EDEADLK;
	if (t->end == END_DETACHED)
		return -EINVAL;
	if (t->end == END_WAITING)
		return 0;
	return is_joined(t) ? -EBUSY : -EAGAIN;
}

static bool
ready(const struct green_clause *c)
{
	struct id_entry *e;

	return at_once(of_clause(c, &e)) != -EAGAIN;
}

static bool
act(struct green_clause *c)
{
	struct id_entry *e;
	struct thread *t = of_clause(c, &e);

	c->result = at_once(t);
	if (!c->result)
		c->value = t->value;
	return c->result != -EAGAIN;
}

static void
let_go(struct green_clause *c)
{
	struct id_entry *e;
	struct thread *t = of_clause(c, &e);

	if (!c->result)
		release(t);
	else if (e)
		green__id_unlock(e);
}

static void
begin(const struct green_clause *c, struct wait_node *node)
{
	struct id_entry *e;
	struct thread *t = of_clause(c, &e);

	node->queue = NULL;
	node->id = c->id;
	node->result = 0;
	node->kind = WAIT_JOIN;
	node->counted = false;
	/* Another clause of the same select may be the joiner already. */
	node->linked = !is_joined(t);
	if (node->linked)
		t->joiner = node;
}

static void
fetch(struct green_clause *c, const struct wait_node *node)
{
	/* The thread may be of another OS thread. */
	green__tools_acquire(
		green__id_at((uint32_t)c->id & ((1u << ID_INDEX_BITS) - 1)));
	if (!c->result)
		c->value = node->value;
}

const struct clause_ops green__clause_thread = {
	.fields = CLAUSE_ID,
	.ready = ready,
	.act = act,
	.link = begin,
	.release = let_go,
	.fetch = fetch,
};
