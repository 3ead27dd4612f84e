/* SPDX-License-Identifier: MIT */
#ifndef GREEN__SCOPE_H
#define GREEN__SCOPE_H

/*
 * The inside of a scope, for scope.c, chain.c, cancel.c and value.c.
 *
 * A frame is a thread in a scope: each of its members, and its creator while it
 * has entered it. A thread has its frames in a chain, the innermost first; the
 * one as a member is the outermost. The chain is the thread's own; the list of
 * a scope's frames is under the scope's lock, and so is every thread in it: it
 * leaves the list, which takes the lock, before it ends. So whoever holds the
 * lock may wake each of them.
 *
 * What holds:
 * - `cancelled` of a scope is set once, under its lock, before any of its
 *   threads gets CANCEL_SCOPE. A thread clears that bit when it leaves a scope,
 *   and then looks at those that are left: either it sees that one of them is
 *   cancelled, or the bit comes afterwards.
 * - A scope outlives the frames in it; destroying it waits for them.
 * - The lock of a scope is taken last: nothing else is locked under it.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <green/scope.h>

#include "thread.h"
#include "wait.h"

struct green_scope {
	/* First, for it has the lock. Its creator waits in it. */
	struct wait_queue queue;
	/* Members, and the one that entered, in the order of their coming. */
	struct scope_frame *frames, *last;
	uint32_t members;
	uint32_t flags;         /* GREEN_SCOPE_* */
	uint32_t forks;         /* green__forks when it was last used */
	int32_t error;          /* the first failure, or 0 */
	_Atomic bool cancelled; /* every thread in it is, unless shielded */
	bool in;                /* is entered */
	int64_t deadline;
	green_t creator;
	struct scope_frame entered;
	struct scope_value *values; /* the newest first; see value.c */
};

/* Values of the scope that a thread is in, for one that it creates; and their
 * end. */
void green__values_inherit(struct green_scope *s, const struct thread *t);
void green__values_drop(struct green_scope *s);

void green__scope_lock(struct green_scope *s);
static inline void
green__scope_unlock(struct green_scope *s)
{
	green__queue_unlock(&s->queue);
}

static inline bool
green__scope_is_cancelled(struct green_scope *s)
{
	/* Acquire pairs with the store in green__scope_end(). */
	return atomic_load_explicit(&s->cancelled, memory_order_acquire);
}

/* Cancel all threads in the scope; error: why, or 0. Locked. */
void green__scope_end(struct green_scope *s, int error);
/* Its deadline has passed. */
void green__scope_expire(struct green_scope *s);

/* The calling thread, which has extras, enters and leaves. */
void green__frame_enter(struct thread *t, struct scope_frame *f);
void green__frame_leave(struct thread *t);

#endif
