/* SPDX-License-Identifier: MIT */
#ifndef GREEN__SCHED_H
#define GREEN__SCHED_H

/*
 * The scheduler: a worker, its run queue, and the seam that everything above
 * uses: park and ready.
 *
 * A worker is an OS thread that runs green threads, one at a time. Whoever
 * parks chooses the next thread and switches to it directly; if there is none
 * it polls and sleeps right there, on its own stack. There is no scheduler
 * context.
 *
 * Everything in struct worker belongs to its OS thread, except `inbox`,
 * `sleeping`, `lobby` and `slab.remote`, which others push to.
 */

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "context.h"
#include "lobby.h"
#include "stack.h"
#include "thread.h"
#include "wheel.h"

struct fd_poller;
struct green_runtime;
struct overflow;

/* An entry of the run queue says what a prefetch needs to know. */
struct run_entry {
	struct thread *thread; /* NULL: was taken out of the middle */
	void *sp;              /* about where its stack pointer is */
};

enum worker_sleep {
	WORKER_AWAKE,
	WORKER_ON_FUTEX,
	WORKER_ON_EVENTFD,
};

/* Whoever waits, on its own stack; see wait.h. */
struct waiter {
	struct thread *thread; /* NULL: a pthread, on the futex */
	struct wait_node *nodes;
	struct wait_node *chosen; /* which of them did, if done says so */
	/* Of the same thread, which will wait with it when this one was chosen,
	 * and may be chosen before that; or NULL. */
	struct waiter *then;
	struct waiter *next, **pprev; /* of pthreads only: see wait.c */
	int64_t since;  /* when it began, if reports are to tell; else 0 */
	uint32_t count; /* of nodes */
	_Atomic uint32_t done; /* enum waiter_done */
	bool on_heap;          /* nodes; whoever abandons it frees them */
};

/* A waiter with more has them on the heap, and may have with less. */
#define WAITER_NODES_ON_STACK 8

enum waiter_done {
	WAITER_WAITS,
	WAITER_CHOSEN,   /* by what it waits for */
	WAITER_GIVEN_UP, /* deadline, cancellation, interruption */
};

struct wait_queue;

/* What it waits for: one object, or one of several. */
struct wait_node {
	struct wait_node *next, *prev;
	struct wait_queue *queue; /* of the object; NULL: a thread's end */
	struct waiter *waiter;
	union {
		const void *object; /* for reports */
		green_t id;         /* of whom it joins */
	};
	void *value;    /* what is handed over */
	int32_t result; /* 0 or an error, from whoever chose it */
	uint8_t kind;   /* enum wait_kind */
	uint8_t mode;   /* of the object's own */
	bool linked;    /* is in the queue, or the thread's joiner */
	bool counted;   /* among the users of the queue */
};

enum wait_kind {
	WAIT_JOIN,
	WAIT_COND,
	WAIT_MUTEX, /* of a struct wait_held, as far as holder is shown */
	WAIT_SEM,
	WAIT_SEND,
	WAIT_RECV,
	WAIT_SCOPE,
	WAIT_EVENT,
	WAIT_GROUP,
	WAIT_READ,
	WAIT_WRITE,
	WAIT_BARRIER,
	WAIT_ONCE,
	WAIT_READABLE, /* a descriptor */
	WAIT_WRITABLE,
	WAIT_JOB,
};

/* One that joins. */
struct joining {
	struct waiter waiter;
	struct wait_node node;
};

struct explorer;
struct order;

struct worker {
	/* -- the switch */
	struct thread *current;
	struct run_entry *ring; /* mask + 1 places, a power of two */
	uint32_t head, tail;    /* positions, ever growing; modulo 2^32 */
	uint32_t mask;
	uint32_t tick;           /* switches until the next poll */
	int *err;                /* errno of this OS thread */
	struct cxx_globals *cxx; /* of this OS thread, or of nobody */
	bool preempts;           /* exploring: choice points yield */
	/* -- spawn and end */
	struct thread_slab slab;
	struct stack_pool *stacks;
	uint32_t alive;   /* threads that have not ended, main flow too */
	uint32_t holes;   /* entries in the run queue without a thread */
	uint32_t blocks;  /* control blocks not released */
	uint32_t forever; /* threads asleep until interrupted */
	struct tool_stack *left; /* while switching, if watched */
	void *ended_lo;          /* and the stack of a thread that ended */
	size_t ended_size;
	bool watched; /* a sanitizer or Valgrind is present */
	bool clock_virtual;
	bool main_exits;       /* the main flow is in green_exit(), or gone */
	bool orphan;           /* after fork(): the main flow is gone */
	uint8_t default_class; /* of stacks */
	int event_fd;
	struct thread *main;
	/* Of the main flow, whose stack is used again when pthread_exit() is
	 * called on another one. */
	struct joining main_joins;
	uint64_t fp; /* control words when a T_FP thread was entered */
	const struct order *order; /* NULL: first in first out */
	struct explorer *explorer; /* while it explores */
	uint64_t seed;             /* of the order; 0: none */
	uint64_t random;           /* state of its generator */
	uint32_t lots;             /* drawn by selects */
	int64_t clock_now;         /* of the virtual clock */
	struct wheel wheel;        /* deadlines of parked threads */
	/* -- descriptors, see fd.c */
	struct fd_poller *fds; /* NULL: nobody has waited for one */
	uint32_t fd_waits;     /* by how many threads it is needed now */
	/* -- from other OS threads */
	struct thread *_Atomic inbox; /* threads to make ready, by link */
	_Atomic uint32_t sleeping;    /* enum worker_sleep; a futex */
	_Atomic uint32_t released;    /* of blocks, by others */
	/* -- numbers */
	_Atomic uint64_t spawned, abandoned, sleeps;
	void *alt_stack;     /* for signals, NULL: it has one of its own */
	struct worker *next; /* all workers, under workers_lock */
	/* -- of a runtime that was asked for, see share.c */
	struct green_runtime *runtime; /* NULL: private to its OS thread */
	uint16_t index;                /* in it */
	bool shares;                   /* with other workers */
	bool starved; /* found a thread that it has no memory for */
	bool door;    /* no OS thread: see runtime.h */
	bool early;   /* the next poll is for the lobby */
	uint32_t early_polls;
	uint32_t polls; /* with threads in the lobby */
	uint32_t looks; /* into the lobbies of others */
	bool lobbied;   /* threads may wait in its lobby */
	struct lobby lobby;
	_Atomic uint32_t away; /* of alive and blocks: taken by others */
	_Atomic uint32_t returned[STACK_CLASSES]; /* rights, by them */
	_Atomic uint64_t ended;                   /* of spawned */
	struct cxx_globals no_cxx;
	struct thread nobody; /* current one between an end and a switch */
};

/* The calling OS thread's worker, or NULL. */
extern _Thread_local struct worker *green__worker
	__attribute__((tls_model("initial-exec")));

/* The calling OS thread's worker, made if there is none; NULL: no memory. */
struct worker *green__worker_get(void);
/* Its current thread; NULL: no memory. */
struct thread *green__current(void);

/* ---- the seam ---------------------------------------------------------- */

/*
 * Park the current thread until green__ready(), green__wake(), a deadline or
 * green_interrupt(). The caller has noted it down where its waker will find
 * it. deadline: an absolute time, or GREEN_NEVER. next: a thread to go to,
 * already out of the run queue, or NULL. Returns 0, -ETIMEDOUT or -EINTR (the
 * last only if the thread waits or is T_INTERRUPTIBLE). Waking is not
 * remembered: one that is not parked is not woken. (The type is that of what a
 * switch hands over, so that this can end in one.)
 */
intptr_t green__park(struct worker *w, int64_t deadline, struct thread *next);

/* Put a parked thread of this worker into its run queue. Cannot fail. Does
 * nothing if it is not parked. wake: what its green__park() returns. */
void green__ready(struct worker *w, struct thread *t, int wake);

/* The same from any OS thread, with 0; it may come late, when t waits for
 * something else. A lock that t must take before it ends is held. */
void green__wake(struct thread *t);

/* Can there be a reason why the calling thread is cancelled? */
static inline bool
green__may_be_cancelled(const struct thread *t)
{
	/* Relaxed: green__cancel_look() orders it. */
	return unlikely(
		atomic_load_explicit(&t->cancelled, memory_order_relaxed));
}

/* If so, in cancel.c: is it to be told now, before it parks until a time? If
 * not yet, the time of that may come before *until. NULL: it does not park. */
bool green__cancel_look(struct thread *t, int64_t *until);

/* Both, at the beginning of a call. */
static inline bool
green__is_cancelled(struct thread *t)
{
	return green__may_be_cancelled(t) && green__cancel_look(t, NULL);
}

/* Hold cancellation off the calling thread, or let it in again; returns
 * whether it was held off. */
bool green__shield(struct thread *t, bool on);

/* Take the waiter of a thread that will not run again out of all queues; in
 * wait.c. */
void green__wait_abandon(struct waiter *waiter);
/* The same in the child of fork(), where nobody waits any more. */
void green__wait_forget(struct waiter *waiter);
/* Around fork(): what pthreads wait for is known. In the child they are
 * forgotten. */
void green__waiters_lock(void);
void green__waiters_unlock(void);
void green__waiters_fork(void);

/* Take in what other OS threads have sent. */
void green__inbox_drain(struct worker *w);

/* ---- descriptors, in fd.c ---------------------------------------------- */

/* Ready those whose descriptor is ready; w->fd_waits is not 0. */
void green__fds_poll(struct worker *w);
/* The same, and sleep in the kernel until there is one, the eventfd was
 * written or the deadline has come. mask: blocked meanwhile, or NULL. Returns 0
 * or -EINTR. */
int green__fds_sleep(struct worker *w, int64_t deadline, const sigset_t *mask);
/* The descriptor that somebody else polls for the worker: it can be read from
 * when there is something for green__fds_poll(), the eventfd was written, or
 * the alarm has come. Returns it, or -ENOMEM, -EMFILE, ... */
int green__fds_shown(struct worker *w);
/* When it is to be ready at the latest; GREEN_NEVER: at no time. */
void green__fds_alarm(struct worker *w, int64_t deadline);
/* The worker ends, or is another process's. */
void green__fds_leave(struct worker *w);
/* In the child of fork(): nobody waits for any, and no lock is held. */
void green__fds_fork(void);
/* For reports: the number of the descriptor to which a queue belongs. */
int green__fd_number(const struct wait_queue *q);

/* ---- orders, in order.c ------------------------------------------------ */

/* Who chooses among the runnable threads, instead of first in first out. */
struct order {
	/* Which of the n > 0 threads in the run queue goes on, counted from
	 * its head. */
	uint32_t (*choose)(struct worker *w, uint32_t n);
	/* A number below n > 1, for a call that draws lots. */
	uint32_t (*draw)(struct worker *w, uint32_t n);
	/* Nothing can run and there is no deadline: make a thread ready. NULL:
	 * what is done without an order. */
	void (*idle)(struct worker *w);
};

void green__order_set(struct worker *w, const struct order *order);
/* Bring the chosen one, if there is any, to the head of the run queue. */
void green__order_choose(struct worker *w);

/*
 * First thing in each call by which threads meet: where, on several cores,
 * another one could come in between. It may switch, also in a call that never
 * parks otherwise: no lock is held, nothing was begun. Bindings count on calls
 * that do not park, so threads with hooks are left alone. w: NULL is fine.
 */
void green__choice_point_slow(struct worker *w);
static inline void
green__choice_point(struct worker *w)
{
	if (unlikely(w && w->preempts))
		green__choice_point_slow(w);
}

void green__seed_set(struct worker *w, uint64_t seed);
/* A new worker has the seed that the environment says. */
void green__seed_environment(struct worker *w);

/* ---- beginning and end of threads -------------------------------------- */

/* Room in the run queue for one more thread. Returns 0 or -ENOMEM. */
int green__queue_grow(struct worker *w);
static inline int
green__queue_reserve(struct worker *w)
{
	if (likely(w->alive + w->holes < w->mask))
		return 0;
	return green__queue_grow(w);
}

/* A thread takes its place at the end; sp: about where its stack is. */
static inline void
green__queue_push(struct worker *w, struct thread *t, void *sp)
{
	struct run_entry *e = &w->ring[w->tail++ & w->mask];

	e->thread = t;
	e->sp = sp;
}

/* Take a thread that is T_NEW out of the queue; false if that would need
 * room that is not there, or its turn is not ours to say. */
bool green__queue_remove(struct worker *w, struct thread *t);

/* End the current thread; in join.c. Returns where to go on, for
 * green__jump(). */
struct green__next green__finish(struct worker *w, void *value);

/* The current thread has ended and its control block may be gone: choose the
 * next one. stack is what we are on; it goes back to the pool. watched: the
 * thread's extras, to be freed, if a tool is watching. */
struct green__next green__leave_for_good(struct worker *w, struct stack stack,
					 struct thread_extra *watched);

/* In join.c. A joiner does not wait any more: if the thread has not ended, it
 * forgets the node; if it has, whoever ended it is through afterwards. */
void green__join_leave(struct wait_node *node);
/* Send the joiner of a thread away, whose entry is locked. */
void green__join_abandon(struct thread *t);

/* Check what a deadline says before blocking: 0 to block, -EAGAIN, -ETIMEDOUT
 * or -EINVAL. */
int green__deadline_check(int64_t deadline);

/* ---- sharing, in share.c ----------------------------------------------- */

/* Put a thread of w that has not started into its lobby. From then on it may
 * run elsewhere, if w shares, and be gone. */
void green__share_push(struct worker *w, struct thread *t);
/* The same with one of the door's, from any OS thread: into the lobby of the
 * worker number `to` if it is T_PINNED. */
void green__share_send(struct green_runtime *rt, struct thread *t, uint32_t to);
/* A thread of w out of its lobby; false if it is not there. */
bool green__share_remove(struct worker *w, struct thread *t);
/* The next thread from the own lobby, or NULL. */
struct thread *green__share_next(struct worker *w);
/* At each poll: let go of what others have taken. */
void green__share_poll(struct worker *w);
/* At a poll of a worker that has work, now and then: take some of what waits at
 * others, which may do so behind a thread that never switches; one thread only
 * if there are some in its own lobby. */
void green__share_look(struct worker *w);
/* The run queue is empty: look into all lobbies, for a little while. True if
 * something was put into the run queue. */
bool green__share_search(struct worker *w);
/* w was without work and has found some: is there some for others? */
void green__share_pass_on(struct worker *w);
/* Is there anything that w could take? After it said that it sleeps. */
bool green__share_work(const struct worker *w);
/* w is about to sleep, and has slept. */
void green__share_idle(struct worker *w, bool idle);
/* Let go of threads that others have taken. */
void green__share_fold(struct worker *w);
/* Has t, which seems to be in a lobby, still no worker to stay with? Then it
 * will see whatever it was told before this call. */
bool green__share_unsettled(const struct thread *t);

/* From any OS thread. */
static inline bool
green__is_unsettled(const struct thread *t)
{
	/* Acquire pairs with the release in settle(): its worker is known. */
	return unlikely(__atomic_load_n(&t->state, __ATOMIC_ACQUIRE) ==
			THREAD_LOBBY) &&
	       green__share_unsettled(t);
}

/* Wake a thread that may not have started, after it was told something that it
 * looks for before it parks. */
static inline void
green__tell(struct thread *t)
{
	if (!green__is_unsettled(t))
		green__wake(t);
}
/* Where the block of a thread of a runtime goes back to, and whether that is
 * this OS thread's. */
struct thread_slab *green__share_slab(const struct thread *t, bool *ret_local);

static inline struct thread_slab *
green__home(const struct thread *t, bool *ret_local)
{
	if (unlikely(t->worker->runtime))
		return green__share_slab(t, ret_local);
	*ret_local = t->worker == green__worker;
	return &t->worker->slab;
}

/* ---- workers ----------------------------------------------------------- */

/* Control blocks that are not released. */
uint32_t green__worker_blocks(struct worker *w);

/* A worker for this OS thread, whose place in its runtime is known, before it
 * runs anything; NULL: no memory. */
struct worker *green__worker_enter(struct green_runtime *rt, uint16_t index);
/* This OS thread ends, or fails to begin, and keeps nothing of it. */
void green__worker_leave(struct worker *w);
/* A door. */
struct worker *green__worker_door(struct green_runtime *rt);
/* Release all of w's threads: first those of all workers of a runtime, because
 * control blocks go home; then its memory. Its OS thread is gone. */
void green__worker_empty(struct worker *w);
void green__worker_destroy(struct worker *w);

/* Let go of all threads but the calling one without running them. */
void green__worker_abandon_others(struct worker *w);

struct worker *green__workers_first(void);
/* Numbers of the workers that are gone. */
void green__workers_gone(uint64_t *ret_spawned, uint64_t *ret_abandoned);
void green__workers_lock(void);
void green__workers_unlock(void);

/* For green__overflow_thread_init(): is addr in a guard of this worker's? */
bool green__overflow_find(uintptr_t addr, struct overflow *ret);
/* The current thread, whose stack has no guard, is at sp, outside of it. */
_Noreturn void green__overflow_found(const struct thread *t, uintptr_t sp);

/* Nothing can become runnable any more: report, hook, abort. Returns if the
 * hook made something runnable. */
void green__deadlock(struct worker *w);

/* Take in what has happened: inbox, descriptors, timers. */
void green__worker_poll(struct worker *w);
/* Somebody else is about to sleep for the worker, with the descriptor of
 * green__fds_shown(). False: there is something to do instead. */
bool green__worker_doze(struct worker *w);
/* Sleep in the kernel until the deadline, a wake-up or a signal. */
void green__worker_sleep(struct worker *w, int64_t deadline);
/* Wake a worker that may be asleep, after something was put in its inbox or
 * its lobby. Was it? */
bool green__worker_notify(struct worker *w);

/* Time of the worker's clock; w may be NULL. */
int64_t green__now(const struct worker *w);
/* While no timer is armed. */
void green__clock_set(struct worker *w, bool is_virtual, int64_t now);
/* Wake all whose deadline has come. */
void green__timers_expire(struct worker *w);

#endif
