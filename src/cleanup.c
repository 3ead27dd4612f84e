/* SPDX-License-Identifier: MIT */
/*
 * Cleanup handlers, and what else a thread does at its end.
 *
 * A handler lies in a list of the thread's, the newest first; it is taken out
 * before it runs, so one that ends its thread by green_exit() does not run
 * again, and those below it do.
 *
 * Rejected: storage of the caller's, as in POSIX, where push and pop are the
 * two halves of a block. A function that returns without popping leaves a
 * handler in a frame that is gone, and it could only be found out by running
 * it.
 */

#include "config.h"

#include "mem.h"
#include "sched.h"
#include "thread.h"

#include <errno.h>

#include <green/scope.h>

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *arg);
	void *arg;
};

int
green_cleanup_push(void (*fn)(void *arg), void *arg)
{
	struct thread *t;
	struct cleanup *c;

	if (!fn)
		return -EINVAL;
	t = green__current();
	if (!t || !green__thread_extra(t) || !(c = green__alloc(sizeof(*c))))
		return -ENOMEM;
	c->fn = fn;
	c->arg = arg;
	c->next = t->extra->cleanups;
	t->extra->cleanups = c;
	return 0;
}

/* Take the newest one off; false if there is none. */
static bool
pop(struct thread *t, struct cleanup *ret)
{
	struct cleanup *c = t->extra ? t->extra->cleanups : NULL;

	if (!c)
		return false;
	*ret = *c;
	t->extra->cleanups = c->next;
	green__free(c);
	return true;
}

int
green_cleanup_pop(int run)
{
	struct worker *w = green__worker;
	const struct scope_frame *scope;
	struct thread *t;
	struct cleanup c;
	bool shielded;

	if (run != 0 && run != 1)
		return -EINVAL;
	t = w ? w->current : NULL;
	if (!t || !pop(t, &c))
		return -ENOENT;
	if (!run)
		return 0;
	scope = t->extra->scopes;
	shielded = green__shield(t, true);
	c.fn(c.arg);
	/* It may have left the scope, and the shield with it. */
	if (t->extra->scopes == scope)
		green__shield(t, shielded);
	return 0;
}

static void
run_all(struct thread *t)
{
	struct cleanup c;

	while (pop(t, &c))
		c.fn(c.arg);
}

void
green__thread_wind_up(struct thread *t)
{
	green__scopes_leave(t);
	green__shield(t, true);
	run_all(t);
	if (t->keys)
		green__keys_run(t);
	run_all(t); /* what destructors have pushed */
	green__scopes_abandon(t);
}

void
green__cleanups_free(struct thread *t)
{
	struct cleanup c;

	while (pop(t, &c))
		;
}
