/* SPDX-License-Identifier: MIT */
/*
 * The scopes that a thread is in, and the threads that are in a scope: entering
 * and leaving. The rules are in scope.h.
 *
 * fork(): in the child no thread is left in a scope but the one that forked.
 * That one's scopes are put right at once; others when they are next used,
 * which they notice by the count of forks. Another OS thread may have been in
 * the middle of a change, so nothing of the old list is looked at.
 */

#include "config.h"

#include "sched.h"
#include "scope.h"
#include "thread.h"

#include <string.h>

uint32_t green__forks;

static bool
is_member(const struct scope_frame *f)
{
	return f != &f->scope->entered;
}

static void
forget_all(struct green_scope *s)
{
	memset(&s->queue, 0, sizeof(s->queue));
	s->frames = s->last = NULL;
	s->members = 0;
	s->in = false;
	s->forks = green__forks;
}

void
green__scope_lock(struct green_scope *s)
{
	if (unlikely(s->forks != green__forks))
		forget_all(s);
	green__queue_lock(&s->queue);
}

/* Into the scope's list; locked. */
static void
list(struct scope_frame *f)
{
	struct green_scope *s = f->scope;

	f->next = NULL;
	f->prev = s->last;
	if (f->prev)
		f->prev->next = f;
	else
		s->frames = f;
	s->last = f;
	if (is_member(f))
		s->members++;
	else
		s->in = true;
}

static void
unlist(struct scope_frame *f)
{
	struct green_scope *s = f->scope;

	if (f->prev)
		f->prev->next = f->next;
	else
		s->frames = f->next;
	if (f->next)
		f->next->prev = f->prev;
	else
		s->last = f->prev;
	if (is_member(f))
		s->members--;
	else
		s->in = false;
}

/* The earliest deadline that f and those outside of it see. */
static int64_t
earliest(const struct scope_frame *f)
{
	const struct scope_frame *outer = f->outer;

	if (outer && !outer->shielded && outer->deadline < f->scope->deadline)
		return outer->deadline;
	return f->scope->deadline;
}

/* Set the bits that the scopes of a thread ask for. */
static void
set_bits(struct thread *t)
{
	const struct scope_frame *f = t->extra->scopes;
	uint8_t bits = 0;

	if (f && f->deadline != GREEN_NEVER)
		bits |= CANCEL_TIMED;
	for (; f; f = f->outer)
		if (atomic_load(&f->scope->cancelled))
			bits |= CANCEL_SCOPE;
	if (bits)
		atomic_fetch_or(&t->cancelled, bits);
}

void
green__frame_enter(struct thread *t, struct scope_frame *f)
{
	f->outer = t->extra->scopes;
	f->thread = t;
	f->shielded = false;
	f->deadline = earliest(f);
	t->extra->scopes = f;
	green__scope_lock(f->scope);
	list(f);
	green__scope_unlock(f->scope);
	set_bits(t);
}

/* Wake the one who waits for the members; locked. */
static void
tell(struct green_scope *s)
{
	struct wait_node *node = green__queue_choose(&s->queue);

	if (!node)
		return;
	node->result = 0;
	green__waiter_wake(node->waiter);
}

/* Takes the innermost frame off, whether t is running or never will. */
static void
leave(struct thread *t)
{
	struct scope_frame *f = t->extra->scopes;
	struct green_scope *s = f->scope;

	green__scope_lock(s);
	unlist(f);
	if (!s->members && is_member(f))
		tell(s);
	green__scope_unlock(s);
	/* A member's scope may be gone from here on. */
	t->extra->scopes = f->outer;
}

void
green__frame_leave(struct thread *t)
{
	leave(t);
	/* Both with sequentially consistent order, and so are those in
	 * green__scope_end(): see scope.h. */
	atomic_fetch_and(&t->cancelled, CANCEL_SELF);
	set_bits(t);
}

void
green__scope_add(struct thread *t)
{
	green__frame_enter(t, &t->extra->member);
}

void
green__scopes_leave(struct thread *t)
{
	struct thread_extra *x = t->extra;

	while (x && x->scopes && x->scopes != &x->member)
		green__frame_leave(t);
}

void
green__scopes_abandon(struct thread *t)
{
	while (t->extra && t->extra->scopes)
		leave(t);
}

void
green__scopes_fork(struct thread *t)
{
	struct scope_frame *f = t->extra ? t->extra->scopes : NULL;

	for (; f; f = f->outer) {
		forget_all(f->scope);
		list(f);
	}
}
