/* SPDX-License-Identifier: MIT */
/*
 * Scopes: threads that are waited for, cancelled and timed together.
 *
 * Who does what: anybody spawns into a scope, cancels it, and lets it fail, as
 * long as it is certain to be there, which it is for its members and whoever
 * created it. Only its creator, a green thread, waits for it, enters it and
 * destroys it; so there is one waiter at most, and one frame for the entering.
 * The rules of frames and locks are in scope.h.
 *
 * A nested scope is not told when the outer one is cancelled: whoever created
 * it is, its wait returns, and when it destroys the scope that cancels what is
 * left there.
 *
 * Rejected: scopes that reach all descendants of a thread (whoever spawns
 * without a scope means it); joining members by destroying their scope (a
 * value that somebody still wants would be lost); more waiters than one (the
 * one that destroys it would have to wait for the others to leave).
 */

#include "config.h"

#include "scope.h"

#include "base.h"
#include "mem.h"
#include "sched.h"
#include "tools.h"

#include <errno.h>

#define ATTR_MIN sizeof(struct green_scope_attr) /* of the first release */

/* ---- cancellation ------------------------------------------------------ */

void
green__scope_end(struct green_scope *s, int error)
{
	struct scope_frame *f;

	if (error && !s->error)
		s->error = error;
	if (s->cancelled)
		return;
	green__tools_release(s);
	/* Pairs with the load in green__scope_is_cancelled(), and with those
	 * in green__frame_leave(). */
	atomic_store(&s->cancelled, true);
	for (f = s->frames; f; f = f->next) {
		atomic_fetch_or(&f->thread->cancelled, CANCEL_SCOPE);
		green__tell(f->thread);
	}
}

void
green__scope_expire(struct green_scope *s)
{
	if (green__scope_is_cancelled(s))
		return;
	green__scope_lock(s);
	if (!s->cancelled)
		green__scope_end(s, -ETIMEDOUT);
	green__scope_unlock(s);
}

int
green_scope_cancel(struct green_scope *s)
{
	if (!s)
		return -EINVAL;
	green__choice_point(green__worker);
	green__scope_lock(s);
	green__scope_end(s, 0);
	green__scope_unlock(s);
	return 0;
}

int
green_scope_cancelled(struct green_scope *s)
{
	if (!s)
		return -EINVAL;
	green__choice_point(green__worker);
	return green__scope_is_cancelled(s);
}

int
green_scope_fail(struct green_scope *s, int error)
{
	if (!s || error >= 0)
		return -EINVAL;
	green__choice_point(green__worker);
	green__scope_lock(s);
	if (s->flags & GREEN_SCOPE_FAIL_CANCELS)
		green__scope_end(s, error);
	else if (!s->error)
		s->error = error;
	green__scope_unlock(s);
	return 0;
}

/* ---- life -------------------------------------------------------------- */

static int
check_attr(const struct green_scope_attr *a)
{
	int error = green__struct_check(a, a->size, ATTR_MIN, sizeof(*a));

	if (error)
		return error;
	if (a->flags & ~(uint64_t)GREEN_SCOPE_FAIL_CANCELS || a->deadline < 0)
		return -EINVAL;
	return 0;
}

int
green_scope_create(struct green_scope **ret_scope,
		   const struct green_scope_attr *attr)
{
	struct green_scope *s;
	struct thread *t;
	int error = attr ? check_attr(attr) : 0;

	if (!ret_scope)
		return -EINVAL;
	if (error)
		return error;
	t = green__current();
	if (!t || !(s = green__alloc(sizeof(*s))))
		return -ENOMEM;
	s->flags = attr ? (uint32_t)attr->flags : 0;
	s->deadline = attr && attr->deadline ? attr->deadline : GREEN_NEVER;
	s->forks = green__forks;
	s->creator = t->id;
	green__values_inherit(s, t);
	*ret_scope = s;
	return 0;
}

/* The calling thread, if it is the creator. */
static struct thread *
creator_of(const struct green_scope *s)
{
	struct worker *w = green__worker;

	return w && w->current->id == s->creator ? w->current : NULL;
}

int
green_scope_enter(struct green_scope *s)
{
	struct thread *t;

	if (!s)
		return -EINVAL;
	t = creator_of(s);
	if (!t)
		return -EPERM;
	green__choice_point(t->worker);
	if (s->in)
		return -EBUSY;
	if (!green__thread_extra(t))
		return -ENOMEM;
	s->entered.scope = s;
	green__frame_enter(t, &s->entered);
	return 0;
}

/* Its first failure. */
static int
outcome(struct green_scope *s)
{
	int error;

	green__scope_lock(s);
	error = s->error;
	green__scope_unlock(s);
	return error;
}

int
green_scope_leave(struct green_scope *s)
{
	struct thread *t;

	if (!s)
		return -EINVAL;
	t = creator_of(s);
	if (!t)
		return -EPERM;
	green__choice_point(t->worker);
	if (!s->in)
		return -EINVAL;
	if (t->extra->scopes != &s->entered)
		return -EBUSY;
	green__frame_leave(t);
	return outcome(s);
}

/* Wait until no member is left: 0, or why not. */
static int
wait_for_members(struct green_scope *s, int64_t deadline)
{
	struct wait_node node = { .kind = WAIT_SCOPE };
	bool timed;
	int error;

	green__scope_lock(s);
	if (!s->members) {
		green__scope_unlock(s);
		return 0;
	}
	/* Its members may compute, or be on workers whose clock is behind. */
	timed = !s->cancelled && s->deadline <= deadline;
	error = green__queue_wait(&s->queue, &node,
				  timed ? s->deadline : deadline);
	if (timed && error == -ETIMEDOUT) {
		green__scope_expire(s);
		return 1;
	}
	return error ? error : 1;
}

int
green_scope_wait(struct green_scope *s, int64_t deadline)
{
	struct thread *t;
	int error;

	if (!s || deadline < 0)
		return -EINVAL;
	t = creator_of(s);
	if (!t)
		return -EPERM;
	green__choice_point(t->worker);
	if (green__is_cancelled(t))
		return -ECANCELED;
	do
		error = wait_for_members(s, deadline);
	while (error > 0);
	return error ? error : outcome(s);
}

int
green_scope_destroy(struct green_scope *s)
{
	struct thread *t;
	bool shielded;

	if (!s)
		return 0;
	t = creator_of(s);
	if (!t)
		return -EPERM;
	if (s->in)
		return -EBUSY;
	green_scope_cancel(s);
	shielded = green__shield(t, true);
	/* green_interrupt() does not end it. */
	while (wait_for_members(s, GREEN_NEVER))
		;
	green__shield(t, shielded);
	green__values_drop(s);
	green__free(s);
	return 0;
}
