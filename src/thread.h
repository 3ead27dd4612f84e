/* SPDX-License-Identifier: MIT */
#ifndef GREEN__THREAD_H
#define GREEN__THREAD_H

/*
 * The control block of a green thread, and where control blocks come from.
 *
 * It lives off the stack, in a slab of its worker (or in the embedder's
 * memory), so that a thread needs no stack before it runs nor after it has
 * ended. Three cache lines: the first is all that a plain switch touches, the
 * second serves spawn, park and join, the third is for threads that want more.
 *
 * Who writes: the OS thread of the worker that the thread belongs to, except
 * `end`, `joiner` and the release, which are under the lock of its id entry,
 * and the atomic ones. A thread that has not started may be given to another
 * worker of its runtime: `worker` changes under that lock, too, and `place` is
 * its lobby's.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <green/embed.h>
#include <green/thread.h>

#include "base.h"
#include "id.h"
#include "stack.h"
#include "tools.h"
#include "wheel.h"

struct worker;

enum thread_state {
	THREAD_READY, /* in the run queue, or the worker's current one */
	THREAD_LOBBY, /* not started: in a lobby, or on the way from there */
	THREAD_PARKED,
	THREAD_ENDED, /* has no stack any more; waits to be joined */
};

enum {
	/* Any of these leads a switch away from the short path. */
	T_NEW = 1 << 0,   /* has no stack yet */
	T_FP = 1 << 1,    /* own floating-point control words */
	T_HOOKS = 1 << 2, /* leave or enter hooks */
	T_TOOLS = 1 << 3, /* a sanitizer or Valgrind is watching */
	T_CXX = 1 << 4,   /* C++ exception state was saved */
	T_RANGE = 1 << 5, /* no guard: check the stack pointer */
	T_SLOW = T_NEW | T_FP | T_HOOKS | T_TOOLS | T_CXX | T_RANGE,

	/* Its end wants more than the usual: it has or had keys, extras, hooks,
	 * T_FP, T_CONTROL. */
	T_UNUSUAL = 1 << 7,
	T_MAIN = 1 << 8,           /* main flow of an OS thread */
	T_CONTROL = 1 << 9,        /* the block is the embedder's memory */
	T_INTERRUPTIBLE = 1 << 10, /* parked in a call that can say -EINTR */
	T_FOREVER = 1 << 11,       /* asleep until interrupted */
	T_SHIELDED = 1 << 12,      /* is told of its cancellation later */
	T_PINNED = 1 << 13,        /* starts on one worker of its runtime */
	T_NEWEST = 1 << 14,        /* starts before older ones like it */

	/* The rest: the worker of its runtime whose slab has the block. */
	T_HOME = 16,
};

enum {
	CANCEL_SELF = 1 << 0,  /* green_cancel(); for good */
	CANCEL_SCOPE = 1 << 1, /* a scope that it is in was cancelled */
	CANCEL_TIMED = 1 << 2, /* a scope that it is in has a deadline */
};

/* What became of the thread, under the lock of its id entry. */
enum thread_end {
	END_ALIVE,    /* joinable, running or yet to */
	END_DETACHED, /* nobody will join it */
	END_WAITING,  /* ended, value waits to be fetched */
};

/* The two words of the C++ ABI's __cxa_eh_globals (Itanium C++ ABI, exception
 * handling, 2.2.2). */
struct cxx_globals {
	void *caught;
	unsigned uncaught;
};

/* A thread in a scope: as a member, or because it has entered it; see
 * scope.h. */
struct scope_frame {
	struct scope_frame *outer; /* of the same thread */
	struct green_scope *scope;
	struct thread *thread;
	struct scope_frame *next, *prev; /* in the scope, under its lock */
	int64_t deadline; /* earliest of this and the outer ones that count */
	bool shielded;    /* nor this nor the outer ones cancel the thread */
};

/* What few threads have. Heap. */
struct thread_extra {
	char name[GREEN_NAME_MAX];
	struct tool_stack tools;
	uint32_t valgrind_id;
	struct scope_frame *scopes; /* the innermost one that it is in */
	struct scope_frame member;  /* the outermost, if it has a scope */
	struct cleanup *cleanups;   /* the newest first */
};

struct cleanup;
struct lobby;

/* Where it waits to be started, under the lock of the lobby; all NULL when it
 * was taken out. */
struct lobby_place {
	struct thread *next, *prev;
	struct lobby *lobby;
};

struct key_table;
struct wait_node;
struct waiter;

struct thread {
	/* -- line 0: the switch */
	void *sp;       /* while suspended; link of the free list */
	uint32_t flags; /* T_*, and from bit T_HOME on a number */
	int32_t err;    /* errno while suspended */
	struct worker *worker;
	uint8_t state; /* enum thread_state */
	uint8_t end;   /* enum thread_end */
	/* Is in an inbox. Set by an exchange in green__wake(), cleared by the
	 * one in green__inbox_drain(). */
	_Atomic bool sent;
	/* CANCEL_*: why its blocking calls may have to fail, see cancel.c.
	 * Set under the lock of its id entry, before the green__wake() that
	 * tells of it; read by its own OS thread. */
	_Atomic uint8_t cancelled;
	union {
		int32_t wake; /* why a park ended: 0, -ETIMEDOUT, -EINTR */
		uint32_t pos; /* place in the run queue, while T_NEW */
	};
	green_t id;
	struct id_entry *entry;
	struct stack stack;
	/* -- line 1: its life */
	green_fn fn;
	void *value; /* argument, then what fn returned */
	struct wait_node *joiner;
	union {
		struct timer timer;       /* deadline of a park */
		struct lobby_place place; /* while THREAD_LOBBY */
	};
	const struct green_hooks *hooks;
	void *user;
	/* -- line 2: for those who ask */
	void *cxx_caught; /* while suspended, if T_CXX */
	unsigned cxx_uncaught;
	uint32_t reserve; /* bytes of reserve_top */
	uint64_t fp;      /* while suspended, if T_FP */
	struct key_table *keys;
	struct thread_extra *extra;
	const void *spawned_at;
	struct waiter *waits; /* what it waits for */
	struct thread *link;  /* of an inbox */
};

/* A slab of control blocks for one worker. */
struct thread_slab {
	struct thread *free;
	/* Released by other OS threads; taken over when free runs out. */
	struct thread *_Atomic remote;
	struct slab_chunk *chunks;
	uint32_t fresh; /* blocks of the newest chunk that were used */
};

/* A clean block with an id of its own, T_NEW, or NULL and *ret_error.
 * control: the embedder's memory, or NULL. */
struct thread *
green__thread_alloc_slow(struct worker *w, struct thread_slab *slab,
			 void *control, int *ret_error);

/* Blocks in the free list are clean: everything that not every spawn sets is
 * zero, and the id is that of the next life. */
static inline struct thread *
green__thread_alloc(struct worker *w, struct thread_slab *slab, void *control,
		    int *ret_error)
{
	struct thread *t = slab->free;

	if (unlikely(!t || control || !t->entry))
		return green__thread_alloc_slow(w, slab, control, ret_error);
	slab->free = t->sp;
	t->flags = T_NEW;
	return t;
}

/* Make a block clean and its id stale. With its entry locked, or this OS
 * thread alone. */
static inline void
green__thread_reset(struct thread *t)
{
	t->err = 0;
	atomic_store_explicit(&t->cancelled, 0, memory_order_relaxed);
	t->joiner = NULL;
	t->user = NULL;
	t->reserve = 0;
	t->id += UINT64_C(1) << ID_INDEX_BITS;
	if (unlikely(!green__id_retire(t->entry)))
		t->entry = NULL;
}

/* A clean block goes back to the slab of this OS thread. */
static inline void
green__thread_free(struct thread *t, struct thread_slab *slab)
{
	t->sp = slab->free;
	slab->free = t;
}

/*
 * Let go of an ended thread, whose entry is locked: its id becomes stale, the
 * lock is released, its extras are freed, the block goes back to its slab (of
 * which local tells whether this OS thread owns it), and at last the destroy
 * hook runs. The block must not be touched afterwards.
 */
void
green__thread_release(struct thread *t, struct thread_slab *slab, bool local);

/* In the child of fork(): all memory of one becomes another's, which has some.
 * Of its blocks only those in use are of use. */
void green__thread_slab_move(struct thread_slab *to, struct thread_slab *from);

/* All blocks go back to the system; their ids were retired before. */
void green__thread_slab_destroy(struct thread_slab *slab);

/* A thread that was spawned for the scope in its extras becomes its member. */
void green__scope_add(struct thread *t);
/* A thread that ends leaves those that it has entered. */
void green__scopes_leave(struct thread *t);
/* One that will not run again leaves all. */
void green__scopes_abandon(struct thread *t);
/* In the child of fork(): it is alone in all its scopes. */
void green__scopes_fork(struct thread *t);
/* How often this process was forked. */
extern uint32_t green__forks;

/* The extras, made when first asked for; NULL when memory is exhausted. */
struct thread_extra *green__thread_extra(struct thread *t);
int green__thread_rename(struct thread *t, const char *name);
const char *green__thread_name(const struct thread *t);

/* What a thread does at its end, before it becomes a dead one: it leaves what
 * it has entered and runs what it has to run, shielded; at last it leaves the
 * scope whose member it is. For T_UNUSUAL ones. */
void green__thread_wind_up(struct thread *t);
/* Run the destructors of the thread's keys, in it. */
void green__keys_run(struct thread *t);
void green__keys_free(struct thread *t);
/* Forget its cleanup handlers. */
void green__cleanups_free(struct thread *t);
/* Around fork(): the table of keys is in one piece. */
void green__keys_lock(void);
void green__keys_unlock(void);

#endif
