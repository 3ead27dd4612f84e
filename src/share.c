/* SPDX-License-Identifier: MIT */
/*
 * How the workers of a runtime share threads that have not started.
 *
 * A thread that is spawned in a runtime of several workers waits in the lobby
 * of the worker that spawned it; one that comes from outside, in that of the
 * next worker in turn. Each worker starts threads of its own lobby when its run
 * queue is empty, and one at every poll; one whose lobby is empty takes half of
 * another's, and sleeps when all are empty. One that never runs out of work
 * looks at the others' now and then, too: what waits there may do so behind a
 * thread that never switches. A thread goes from the lobby right to where it
 * runs: in the run queue, others could come before it and keep the worker, and
 * nobody else could have it.
 *
 * Belonging. A thread belongs to the worker that counts it as alive and has
 * reserved the right to a stack and room in the run queue for it: `worker`.
 * That is the one that spawned it, or the door, which reserves nothing, if it
 * came from outside. Whoever takes a thread that belongs to another first
 * reserves all of that on his own side, then makes it his under the lock of its
 * id, then lets the other know by `away` and `returned` that it can let go. If
 * he cannot reserve, the thread goes back to the lobby it came from. So one
 * that was spawned in the runtime can always start, where it was spawned; one
 * from outside starts when one of the workers has memory for it, of which each
 * has some, for stacks of the usual size, from the beginning. A worker that had
 * to put one back sleeps for a short time only, then wakes another, and tries
 * again: who can have it may have found nothing, while it was in other hands. A
 * busy one wakes another at once.
 *
 * Waking. Whoever puts a thread into a lobby then looks whether a worker is
 * idle and none is searching, and wakes one. A worker says that it sleeps, and
 * counts itself as idle, before it looks into all lobbies for the last time.
 * One that was without work and has found some says that it does not search any
 * more, and only then looks whether there is something left, for which it wakes
 * another. All of that is sequentially consistent. So no thread waits while a
 * worker sleeps, and a storm of spawns makes few system calls.
 * tests/models/share.pml is this.
 *
 * Rejected: one lobby for all workers, which becomes the place where they all
 * meet. Waking a worker at each spawn, which costs a system call while the
 * worker that is awake already would have taken the thread.
 */

#include "config.h"

#include "base.h"
#include "lobby.h"
#include "runtime.h"
#include "sched.h"
#include "thread.h"
#include "tools.h"

/* A thief takes no more at once: it has to reserve as much before. */
#define SPLIT_MAX 64
/* How often to look around before sleeping: some microseconds. */
#define ROUNDS 1000
/* Switches until the next poll while threads wait in the lobby: one for the run
 * queue, one for the lobby. */
#define TICKS_WITH_LOBBY 2
/* Which of the polls looks elsewhere though threads wait in the lobby. */
#define POLLS_PER_LOOK 16

/* ---- belonging --------------------------------------------------------- */

struct thread_slab *
green__share_slab(const struct thread *t, bool *ret_local)
{
	const struct green_runtime *rt = t->worker->runtime;
	uint32_t i = t->flags >> T_HOME;
	struct worker *home = i == rt->count ? rt->door : rt->workers[i];

	*ret_local = home == green__worker;
	return &home->slab;
}

void
green__share_fold(struct worker *w)
{
	/* Acquire pairs with the release in let_go(). */
	uint32_t away = atomic_exchange_explicit(&w->away, 0,
						 memory_order_acquire);

	if (!away)
		return;
	w->alive -= away;
	w->blocks -= away;
	for (unsigned i = 0; i < STACK_CLASSES; i++) {
		uint32_t n = atomic_exchange_explicit(&w->returned[i], 0,
						      memory_order_relaxed);

		while (n--)
			green__stack_unreserve(w->stacks, i);
	}
}

/* w has made t its own, which belonged to from. */
static void
let_go(struct worker *from, const struct thread *t)
{
	if (!from->door && t->stack.class != STACK_CLASS_OWN)
		atomic_fetch_add_explicit(&from->returned[t->stack.class], 1,
					  memory_order_relaxed);
	/* Release pairs with the acquire in green__share_fold(). */
	atomic_fetch_add_explicit(&from->away, 1, memory_order_release);
}

/* Make t belong to w, if there is memory for it. */
static bool
adopt(struct worker *w, struct thread *t)
{
	struct worker *from = t->worker;

	if (from == w)
		return true;
	if (green__queue_reserve(w))
		return false;
	if (t->stack.class != STACK_CLASS_OWN &&
	    green__stack_reserve(w->stacks, t->stack.class))
		return false;
	w->alive++;
	w->blocks++; /* before others find it: fork() may come in between */
	green__id_relock(t->entry);
	t->worker = w;
	green__id_unlock(t->entry);
	green__tools_acquire(t->entry);
	let_go(from, t);
	return true;
}

/* It starts on the worker to which it belongs, and stays there. */
static void
settle(struct thread *t)
{
	/* Release pairs with the acquire in green__is_unsettled(), and the
	 * fence with the one there: whoever still finds it in the lobby has
	 * said before what it is told, and it looks for that after this. */
	__atomic_store_n(&t->state, THREAD_READY, __ATOMIC_RELEASE);
	atomic_thread_fence(memory_order_seq_cst);
}

bool
green__share_unsettled(const struct thread *t)
{
	atomic_thread_fence(memory_order_seq_cst);
	return __atomic_load_n(&t->state, __ATOMIC_ACQUIRE) == THREAD_LOBBY;
}

/* ---- waking ------------------------------------------------------------ */

/* There may be a thread for a worker that sleeps. */
static noinline void
wake_one(struct green_runtime *rt)
{
	uint32_t first = atomic_load_explicit(&rt->next, memory_order_relaxed);

	for (uint32_t i = 0; i < rt->count; i++) {
		struct worker *w = rt->workers[(first + i) % rt->count];

		if (atomic_load(&w->sleeping) != WORKER_AWAKE &&
		    green__worker_notify(w))
			return;
	}
}

/* After a push. Pairs with green__share_idle() and green__share_search(). */
static inline void
offer(struct green_runtime *rt)
{
	if (atomic_load(&rt->idle) && !atomic_load(&rt->searching))
		wake_one(rt);
}

static bool
any_free(const struct green_runtime *rt)
{
	for (uint32_t i = 0; i < rt->count; i++)
		if (green__lobby_free(&rt->workers[i]->lobby))
			return true;
	return false;
}

void
green__share_pass_on(struct worker *w)
{
	if (atomic_load(&w->runtime->idle) && any_free(w->runtime))
		offer(w->runtime);
}

void
green__share_idle(struct worker *w, bool idle)
{
	if (idle)
		atomic_fetch_add(&w->runtime->idle, 1);
	else
		atomic_fetch_sub(&w->runtime->idle, 1);
}

bool
green__share_work(const struct worker *w)
{
	if (w->starved)
		return false;
	return green__lobby_all(&w->lobby) || any_free(w->runtime);
}

/* ---- putting in and taking out ------------------------------------------ */

static void
poll_in(struct worker *w, uint32_t ticks)
{
	if (w->tick <= ticks)
		return;
	w->tick = ticks;
	w->early = true;
}

void
green__share_push(struct worker *w, struct thread *t)
{
	if (w->shares)
		green__tools_release(t->entry);
	w->lobbied = true;
	/* From here on it may run elsewhere, and be gone. */
	green__lobby_push(&w->lobby, t);
	/* Those who can run have their turn between: each thread may spawn
	 * the next one. */
	poll_in(w, w->head == w->tail ? 1 : TICKS_WITH_LOBBY);
	if (w->shares)
		offer(w->runtime);
}

void
green__share_send(struct green_runtime *rt, struct thread *t, uint32_t to)
{
	bool pinned = t->flags & T_PINNED;
	struct worker *w;

	if (!pinned)
		to = atomic_fetch_add_explicit(&rt->next, 1,
					       memory_order_relaxed);
	w = rt->workers[to % rt->count];
	green__tools_release(t->entry);
	green__lobby_push(&w->lobby, t);
	if (!green__worker_notify(w) && !pinned)
		offer(rt);
}

bool
green__share_remove(struct worker *w, struct thread *t)
{
	if (!green__lobby_remove(&w->lobby, t))
		return false;
	settle(t);
	return true;
}

struct thread *
green__share_next(struct worker *w)
{
	struct thread *t = green__lobby_pop(&w->lobby);
	uint32_t others;

	if (!t)
		return NULL;
	/* Those for which there is no memory go to the end. */
	others = green__lobby_all(&w->lobby);
	while (unlikely(!adopt(w, t))) {
		w->starved = true;
		green__lobby_push(&w->lobby, t);
		t = others-- ? green__lobby_pop(&w->lobby) : NULL;
		if (!t)
			return NULL;
	}
	settle(t);
	return t;
}

static void
enqueue(struct worker *w, struct thread *t)
{
	t->pos = w->tail;
	green__queue_push(w, t, NULL);
}

/* Half of what waits at v, at most, comes to w: the first to run, if w is
 * without work, the others into its lobby, where somebody else may find them.
 */
static bool
steal(struct worker *w, struct worker *v, uint32_t most, bool to_run)
{
	struct thread *t = green__lobby_split(&v->lobby, most), *next;
	bool any = false;

	for (; t; t = next) {
		next = t->place.next;
		t->place.next = NULL;
		if (!adopt(w, t)) {
			w->starved = true;
			green__lobby_push(&v->lobby, t);
			continue;
		}
		if (any || !to_run) {
			green__lobby_push(&w->lobby, t);
		} else {
			settle(t);
			enqueue(w, t);
		}
		any = true;
	}
	return any;
}

static bool
look_around(struct worker *w, uint32_t most, bool to_run)
{
	const struct green_runtime *rt = w->runtime;
	uint32_t others = rt->count - 1, first = w->looks++ % others;

	/* Not always from the same one on: its lobby may never be empty. */
	for (uint32_t i = 0; i < others; i++) {
		uint32_t away = (first + i) % others + 1;

		if (steal(w, rt->workers[(w->index + away) % rt->count], most,
			  to_run))
			return true;
	}
	return false;
}

/* What waits in the lobby does not wait long. */
static void
hurry(struct worker *w)
{
	if (green__lobby_all(&w->lobby))
		poll_in(w, TICKS_WITH_LOBBY);
}

void
green__share_poll(struct worker *w)
{
	if (atomic_load_explicit(&w->away, memory_order_relaxed))
		green__share_fold(w);
	/* One that has no memory for them need not hurry. */
	if (!w->starved)
		hurry(w);
	w->starved = false;
}

void
green__share_look(struct worker *w)
{
	bool rich = green__lobby_all(&w->lobby);

	if (!w->shares || (rich && ++w->polls % POLLS_PER_LOOK) ||
	    !any_free(w->runtime))
		return;
	/* All of it goes to the lobby, from which the next one to run is taken.
	 * A sleeper that missed what was on its way, or was put back, is woken,
	 * as after a search. */
	if (look_around(w, rich ? 1 : SPLIT_MAX, false))
		hurry(w);
	green__share_pass_on(w);
}

/* Something has come to w while it was looking elsewhere. */
static bool
called(const struct worker *w)
{
	return atomic_load_explicit(&w->inbox, memory_order_relaxed) ||
	       (!w->starved && green__lobby_all(&w->lobby));
}

bool
green__share_search(struct worker *w)
{
	struct green_runtime *rt = w->runtime;
	struct thread *t = green__share_next(w);
	uint32_t rounds = ROUNDS;
	bool found = false;

	if (t)
		enqueue(w, t);
	if (t || !w->shares)
		return t;
	/* Two that look around see no more than one does. */
	if (atomic_fetch_add(&rt->searching, 1))
		rounds = 1;
	while (!found && !w->starved && rounds-- && !called(w))
		found = look_around(w, SPLIT_MAX, true);
	/* Before the last look, which is that of green__share_work(), or of
	 * green__share_pass_on(). */
	atomic_fetch_sub(&rt->searching, 1);
	return found;
}
