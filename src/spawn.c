/* SPDX-License-Identifier: MIT */
/*
 * Making threads.
 *
 * A thread for a runtime that the caller does not belong to, or for another of
 * its workers, is made by the runtime's door (runtime.h): under a lock, and
 * without room in a run queue or the right to a stack, which whoever starts it
 * will have.
 *
 * Everything that can fail happens here: the control block, room in the run
 * queue, the right to a stack. The stack itself is chosen when the thread
 * first runs, so that a storm of threads that run to completion reuses one
 * warm stack.
 */

#include "config.h"

#include "base.h"
#include "context.h"
#include "mem.h"
#include "runtime.h"
#include "sched.h"
#include "thread.h"

#include <errno.h>
#include <string.h>

#include <green/runtime.h>
#include <green/scope.h>

#define ATTR_MIN sizeof(struct green_attr) /* of the first release */
#define HOOKS_MIN sizeof(struct green_hooks)
#define STACK_MAX (UINT64_C(1) << 30)

/* Room that a frame and the first calls need below a reserve_top. */
static int
check_sizes(const struct green_attr *a, uint64_t size)
{
	if (size < GREEN_STACK_MIN || size > STACK_MAX)
		return -EINVAL;
	if (a->reserve_top % 16 || a->reserve_top > size - GREEN_STACK_MIN)
		return -EINVAL;
	if (a->stack && (uintptr_t)a->stack + size < (uintptr_t)a->stack)
		return -EINVAL;
	if (a->stack && !a->stack_size)
		return -EINVAL;
	return 0;
}

static int
check_hooks(const struct green_hooks *h)
{
	return h ? green__struct_check(h, h->size, HOOKS_MIN, sizeof(*h)) : 0;
}

static int
check_attr(const struct green_attr *a)
{
	int error = green__struct_check(a, a->size, ATTR_MIN, sizeof(*a));

	if (error)
		return error;
	if (a->flags & ~(uint64_t)(GREEN_FP | GREEN_DETACHED |
				   GREEN_NEWEST_FIRST) ||
	    (uintptr_t)a->control % 64)
		return -EINVAL;
	/* There is one place where it can wait. */
	if (a->flags & GREEN_NEWEST_FIRST && a->worker)
		return -EINVAL;
	error = check_sizes(a, a->stack_size ? a->stack_size
					     : GREEN_STACK_DEFAULT);
	return error ? error : check_hooks(a->hooks);
}

static void
set_hooks(struct thread *t, const struct green_hooks *hooks)
{
	t->hooks = hooks;
	if (!hooks)
		return;
	t->flags |= T_UNUSUAL;
	if (hooks->leave || hooks->enter)
		t->flags |= T_HOOKS;
}

/* The parts of a thread that few ask for. */
static int
apply_attr(struct thread *t, const struct green_attr *a)
{
	if (a->flags & GREEN_FP) {
		const struct worker *caller = green__worker;

		t->flags |= T_FP | T_UNUSUAL;
		t->fp = caller && caller->current->flags & T_FP
				? caller->fp
				: green__fp_get();
	}
	if (a->flags & GREEN_NEWEST_FIRST)
		t->flags |= T_NEWEST;
	set_hooks(t, a->hooks);
	t->user = a->user;
	t->reserve = (uint32_t)a->reserve_top;
	if (a->stack) {
		t->stack.lo = a->stack;
		t->stack.size = (uint32_t)a->stack_size;
		t->stack.class = STACK_CLASS_OWN;
		t->stack.colour = 0;
		t->stack.guard = STACK_GUARD_NONE;
	}
	if (a->scope) {
		if (!green__thread_extra(t))
			return -ENOMEM;
		t->extra->member.scope = a->scope;
	}
	return a->name ? green__thread_rename(t, a->name) : 0;
}

/* The right to a stack of the wanted class. */
static int
reserve_stack(struct worker *w, struct thread *t, const struct green_attr *a)
{
	int class = w->default_class;

	if (unlikely(a)) {
		if (a->stack)
			return 0;
		class = green__stack_class(a->stack_size);
		if (class < 0)
			return class;
	}
	t->stack.class = (uint8_t) class;
	if (unlikely(w->door))
		return 0;
	return green__stack_reserve(w->stacks, (unsigned)class);
}

static cold int
apply_unusual(struct worker *w, struct thread *t, const struct green_attr *a)
{
	/* First of all: where the block goes if the rest fails. */
	if (a && a->control)
		t->flags |= T_CONTROL | T_UNUSUAL;
	if (w->watched) {
		t->flags |= T_TOOLS;
		if (!green__thread_extra(t))
			return -ENOMEM;
	}
	return a ? apply_attr(t, a) : 0;
}

/* A block whose spawn failed: its id was never known to anybody, and destroy
 * is for threads that were spawned. */
static cold void
unmake(struct worker *w, struct thread *t)
{
	t->hooks = NULL;
	green__id_relock(t->entry);
	green__thread_release(t, &w->slab, true);
}

/* A control block that has everything but its stack; not yet in the table. */
static inline struct thread *
make(struct worker *w, const struct green_attr *a, int *ret_error)
{
	struct thread *t;

	*ret_error = likely(!w->door) ? green__queue_reserve(w) : 0;
	if (unlikely(*ret_error))
		return NULL;
	t = green__thread_alloc(w, &w->slab, a ? a->control : NULL, ret_error);
	if (unlikely(!t))
		return NULL;
	*ret_error = 0;
	if (unlikely(w->runtime)) {
		/* It may have been another's in its last life. */
		t->worker = w;
		t->flags |= T_UNUSUAL | (uint32_t)w->index << T_HOME;
	}
	if (unlikely(a || w->watched))
		*ret_error = apply_unusual(w, t, a);
	if (likely(!*ret_error))
		*ret_error = reserve_stack(w, t, a);
	if (likely(!*ret_error))
		return t;
	unmake(w, t);
	return NULL;
}

/* What is to be run. */
struct start {
	green_fn fn;
	void *arg;
	const void *at;
	green_t *ret_id;
};

/* A thread of w, of which nobody else knows. */
static inline struct thread *
make_to_run(struct worker *w, const struct start *s, const struct green_attr *a,
	    int *ret_error)
{
	struct thread *t = make(w, a, ret_error);

	if (unlikely(!t))
		return NULL;
	t->fn = s->fn;
	t->value = s->arg;
	t->spawned_at = s->at;
	t->end = !s->ret_id || (a && a->flags & GREEN_DETACHED) ? END_DETACHED
								: END_ALIVE;
	w->alive++;
	w->blocks++;
	atomic_store_explicit(
		&w->spawned,
		atomic_load_explicit(&w->spawned, memory_order_relaxed) + 1,
		memory_order_relaxed);
	return t;
}

/* From here on others may find it, by its scope and by its id. One that may
 * start elsewhere must not be run, and gone, before. */
static inline void
make_known(struct thread *t, const struct start *s, const struct green_attr *a,
	   enum thread_state state)
{
	t->state = (uint8_t)state;
	if (unlikely(a != NULL) && a->scope)
		green__scope_add(t);
	green__id_publish(t->entry, t);
	if (s->ret_id)
		*s->ret_id = t->id;
}

/* Into a runtime, by its door. */
static int
spawn_outside(struct green_runtime *rt, const struct start *s,
	      const struct green_attr *a)
{
	struct thread *t;
	int error;

	pthread_mutex_lock(&rt->lock);
	green__share_fold(rt->door);
	t = make_to_run(rt->door, s, a, &error);
	pthread_mutex_unlock(&rt->lock);
	if (!t)
		return error;
	if (a->worker)
		t->flags |= T_PINNED;
	make_known(t, s, a, THREAD_LOBBY);
	green__share_send(rt, t, (uint32_t)a->worker - 1);
	return 0;
}

/* Does it wait in the lobby? An order chooses among those in the run queue. */
static inline bool
is_for_lobby(const struct worker *w, const struct green_attr *a)
{
	if (likely(!a))
		return w->shares;
	if (w->shares)
		return !a->worker;
	return a->flags & GREEN_NEWEST_FIRST && !w->order;
}

static inline int
spawn_here(struct worker *w, const struct start *s, const struct green_attr *a)
{
	struct thread *t;
	int error;

	t = make_to_run(w, s, a, &error);
	if (unlikely(!t))
		return error;
	if (unlikely(is_for_lobby(w, a))) {
		make_known(t, s, a, THREAD_LOBBY);
		green__share_push(w, t);
		return 0;
	}
	make_known(t, s, a, THREAD_READY);
	t->pos = w->tail;
	green__queue_push(w, t, NULL);
	return 0;
}

/* The attribute asks for a runtime, or for one of the workers. */
static cold int
spawn_where(struct worker *w, const struct start *s, const struct green_attr *a)
{
	struct green_runtime *rt = a->runtime;

	if (!rt)
		rt = w ? w->runtime : NULL;
	if (!rt || a->worker > rt->count)
		return -EINVAL;
	if (rt->dead)
		return -ESRCH;
	if (w && w->runtime == rt &&
	    (!a->worker || a->worker == (uint64_t)w->index + 1))
		return spawn_here(w, s, a);
	return spawn_outside(rt, s, a);
}

static inline int
spawn(const struct start *s, const struct green_attr *attr)
{
	struct worker *w = green__worker;
	int error;

	if (unlikely(!s->fn))
		return -EINVAL;
	if (attr && (error = check_attr(attr)))
		return error;
	if (attr && unlikely(attr->runtime || attr->worker))
		return spawn_where(w, s, attr);
	if (unlikely(!w) && !(w = green__worker_get()))
		return -ENOMEM;
	return spawn_here(w, s, attr);
}

int
green_spawn(green_t *ret_id, const struct green_attr *attr, green_fn fn,
	    void *arg)
{
	struct start s = { fn, arg, __builtin_return_address(0), ret_id };

	return spawn(&s, attr);
}

int
green_runtime_run(struct green_runtime *rt, green_fn fn, void *arg,
		  void **ret_value)
{
	struct worker *w = green__worker;
	struct green_attr attr = { .size = sizeof(attr), .runtime = rt };
	struct start s = { fn, arg, __builtin_return_address(0), NULL };
	bool shielded = false;
	green_t id;
	int error;

	if (!rt)
		return -EINVAL;
	if (w && green__is_cancelled(w->current))
		return -ECANCELED;
	s.ret_id = &id;
	error = spawn(&s, &attr);
	if (error)
		return error;
	/* What runs there may use what the caller has on its stack: nothing
	 * but its end lets the caller go on. */
	if (w)
		shielded = green__shield(w->current, true);
	while ((error = green_join(id, ret_value, GREEN_NEVER)) == -EINTR)
		;
	if (w)
		green__shield(w->current, shielded);
	return error;
}

int
green_scope_spawn(struct green_scope *scope, green_t *ret_id,
		  const struct green_attr *attr, green_fn fn, void *arg)
{
	struct start s = { fn, arg, __builtin_return_address(0), ret_id };
	struct green_attr member = { .size = sizeof(member) };
	int error = attr ? check_attr(attr) : 0;

	if (!scope || (attr && !error && attr->scope))
		return -EINVAL;
	if (error)
		return error;
	/* Nothing that lies behind what we know is set. */
	if (attr)
		memcpy(&member, attr, sizeof(member));
	member.size = sizeof(member);
	member.scope = scope;
	return spawn(&s, &member);
}

int
green_hooks_set(const struct green_hooks *hooks, void *user)
{
	int error = check_hooks(hooks);
	struct thread *t;

	if (error)
		return error;
	t = green__current();
	if (!t)
		return -ENOMEM;
	t->flags &= ~(uint32_t)T_HOOKS;
	set_hooks(t, hooks);
	t->user = user;
	return 0;
}
