/* SPDX-License-Identifier: MIT */
/*
 * Values of scopes.
 *
 * A list per scope, the newest first. A scope begins with the list of the one
 * that its creator is in, and puts its own values before it; so lists have
 * their ends in common, and each node counts what points to it: scopes and
 * nodes. A node that nobody else can see, because no count on the way to it is
 * above one, is changed in place; so setting a value again and again takes no
 * memory. The head, and nodes that are not shared, are under the lock of the
 * scope.
 */

#include "config.h"

#include "base.h"
#include "mem.h"
#include "sched.h"
#include "scope.h"

#include <errno.h>

struct scope_value {
	struct scope_value *next;
	const void *key;
	void *value;
	_Atomic uint32_t uses;
};

static void
release(struct scope_value *v)
{
	/* The last one sees what the others have done: acquire pairs with
	 * their release. */
	while (v && atomic_fetch_sub_explicit(&v->uses, 1,
					      memory_order_acq_rel) == 1) {
		struct scope_value *next = v->next;

		green__free(v);
		v = next;
	}
}

void
green__values_inherit(struct green_scope *s, const struct thread *t)
{
	struct green_scope *outer;

	if (!t->extra || !t->extra->scopes)
		return;
	outer = t->extra->scopes->scope;
	green__scope_lock(outer);
	s->values = outer->values;
	if (s->values)
		atomic_fetch_add_explicit(&s->values->uses, 1,
					  memory_order_relaxed);
	green__scope_unlock(outer);
}

void
green__values_drop(struct green_scope *s)
{
	release(s->values);
	s->values = NULL;
}

static struct scope_value *
find(struct scope_value *v, const void *key)
{
	while (v && v->key != key)
		v = v->next;
	return v;
}

/* The node of the key, if it is the scope's alone. Locked, so that nobody can
 * begin to share it. */
static struct scope_value *
find_own(struct scope_value *v, const void *key)
{
	/* Acquire pairs with the release in release(). */
	while (v && v->key != key &&
	       atomic_load_explicit(&v->uses, memory_order_acquire) == 1)
		v = v->next;
	if (!v || v->key != key ||
	    atomic_load_explicit(&v->uses, memory_order_acquire) != 1)
		return NULL;
	return v;
}

int
green_scope_value_set(struct green_scope *s, const void *key, void *value)
{
	struct worker *w = green__worker;
	struct scope_value *v, *fresh;

	if (!s || !key)
		return -EINVAL;
	if (!w || w->current->id != s->creator)
		return -EPERM;
	fresh = green__alloc(sizeof(*fresh));
	green__scope_lock(s);
	v = find_own(s->values, key);
	if (!v && fresh) {
		v = fresh;
		fresh = NULL;
		v->key = key;
		v->next = s->values;
		atomic_store_explicit(&v->uses, 1, memory_order_relaxed);
		s->values = v;
	}
	if (v)
		v->value = value;
	green__scope_unlock(s);
	green__free(fresh);
	return v ? 0 : -ENOMEM;
}

void *
green_scope_value_get(const void *key)
{
	struct worker *w = green__worker;
	struct thread *t = w ? w->current : NULL;
	struct green_scope *s;
	struct scope_value *v;
	void *value;

	if (!t || !t->extra || !t->extra->scopes)
		return NULL;
	s = t->extra->scopes->scope;
	green__scope_lock(s);
	v = find(s->values, key);
	value = v ? v->value : NULL;
	green__scope_unlock(s);
	return value;
}
