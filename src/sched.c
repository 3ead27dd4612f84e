/* SPDX-License-Identifier: MIT */
/*
 * Run queue, switch, park, ready, and the end of a thread.
 *
 * The run queue is a ring of positions head..tail, first in first out. Its
 * entries carry the thread and about where its stack pointer is, so that a
 * pop can prefetch what the pops after it will need: with 100,000 threads
 * that is the difference between 20 and 200 ns. A list through the control
 * blocks cannot look ahead.
 *
 * Invariant: the ring has room for every thread that is alive, plus the
 * holes, so that making a thread ready cannot fail. green__queue_reserve()
 * sees to it at spawn; green__queue_remove() leaves a hole only if there is
 * room to spare.
 *
 * errno and the C++ exception state are swapped before the switch, from and
 * to the control blocks, and why a park ended is what the switch hands over, so
 * that nothing is left to do after it: green_yield() and green__park() end in
 * the switch itself, and have no frame of their own.
 *
 * Rejected: a hub context that everybody switches to (two switches instead of
 * one); saving the stack pointer in the ring alone (debuggers and reports
 * would have to search the ring, and measured no faster).
 */

#include "config.h"

#include "sched.h"

#include "base.h"
#include "context.h"
#include "mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PREFETCH_AHEAD 12
#define RING_MIN 64
#define TICKS_WITH_TIMERS 64
#define TICKS_WITHOUT 1024
/* Polls that came early for the lobby, until one asks the kernel, too. */
#define EARLY_POLLS 32

/* ---- run queue --------------------------------------------------------- */

/* The entry at the head, which must exist; NULL if it is a hole. */
static inline __attribute__((always_inline)) struct thread *
pop_entry(struct worker *w)
{
	uint32_t head = w->head, mask = w->mask;
	const struct run_entry *ring = w->ring;
	const struct run_entry *ahead = &ring[(head + PREFETCH_AHEAD) & mask];

	w->head = head + 1;
	/* A shorter queue is warm. The saved registers and the return address
	 * lie across two lines. */
	if (w->tail - head > PREFETCH_AHEAD) {
		__builtin_prefetch(ahead->thread, 1);
		__builtin_prefetch(ahead->sp, 1);
		__builtin_prefetch((char *)ahead->sp + 64, 1);
	}
	return ring[head & mask].thread;
}

static struct thread *
pop(struct worker *w)
{
	while (likely(w->head != w->tail)) {
		struct thread *t = pop_entry(w);

		if (likely(t))
			return t;
		w->holes--;
	}
	return NULL;
}

int
green__queue_grow(struct worker *w)
{
	uint32_t size = w->ring ? (w->mask + 1) * 2 : RING_MIN, i;
	struct run_entry *ring = green__map(size * sizeof(*ring));
	struct run_entry *old = w->ring;

	if (!ring)
		return -ENOMEM;
	for (i = w->head; i != w->tail; i++)
		ring[i & (size - 1)] = w->ring[i & w->mask];
	/* Another OS thread may fork at any time: its child is to find a ring
	 * that is there. */
	w->ring = ring;
	atomic_signal_fence(memory_order_seq_cst);
	w->mask = size - 1;
	if (old)
		green__unmap(old, size / 2 * sizeof(*old));
	return 0;
}

bool
green__queue_remove(struct worker *w, struct thread *t)
{
	if (unlikely(w->order))
		return false;
	if (likely(t->pos == w->tail - 1)) {
		w->tail--;
		return true;
	}
	if (w->alive + w->holes >= w->mask)
		return false;
	w->ring[t->pos & w->mask].thread = NULL;
	w->holes++;
	return true;
}

static noinline void
push_timed(struct worker *w, struct thread *t)
{
	green__wheel_del(&w->wheel, &t->timer);
	green__queue_push(w, t, t->sp);
}

static inline void
make_ready(struct worker *w, struct thread *t, int wake)
{
	if (unlikely(t->state != THREAD_PARKED))
		return;
	t->state = THREAD_READY;
	t->wake = wake;
	if (unlikely(green__timer_armed(&t->timer)))
		push_timed(w, t);
	else
		green__queue_push(w, t, t->sp);
}

/* ---- polling and sleeping ---------------------------------------------- */

void
green__inbox_drain(struct worker *w)
{
	/* Acquire pairs with the release push in green__wake(). */
	struct thread *t = atomic_exchange_explicit(&w->inbox, NULL,
						    memory_order_acquire);

	while (t) {
		struct thread *next = t->link;

		/* It may be sent again from here on. Pairs with the exchange
		 * in green__wake(): whoever found it sent already has seen to
		 * it that we now find why. */
		atomic_exchange_explicit(&t->sent, false, memory_order_acq_rel);
		make_ready(w, t, 0);
		t = next;
	}
}

void
green__timers_expire(struct worker *w)
{
	int64_t now = green__now(w);
	struct timer *timer;

	while ((timer = green__wheel_expire(&w->wheel, now)))
		green__ready(w, container_of(timer, struct thread, timer),
			     -ETIMEDOUT);
}

static bool
time_is_up(struct worker *w)
{
	return w->wheel.count && green__wheel_next(&w->wheel) <= green__now(w);
}

/* A spawn must not cost a system call. */
static bool
is_turn_of_fds(struct worker *w)
{
	return !w->early || ++w->early_polls % EARLY_POLLS == 0;
}

/* fds: look at descriptors, too; what is about to sleep does that there. They
 * come before the timers: what is ready has not timed out. */
static noinline void
poll(struct worker *w, bool fds)
{
	if (atomic_load_explicit(&w->inbox, memory_order_relaxed))
		green__inbox_drain(w);
	if (w->fd_waits && ((fds && is_turn_of_fds(w)) || time_is_up(w)))
		green__fds_poll(w);
	w->early = false;
	if (w->wheel.count)
		green__timers_expire(w);
	if (unlikely(w->order))
		w->tick = 1;
	else
		w->tick = w->wheel.count || w->fd_waits ? TICKS_WITH_TIMERS
							: TICKS_WITHOUT;
	if (unlikely(w->lobbied))
		green__share_poll(w);
}

void
green__worker_poll(struct worker *w)
{
	/* Also what nobody here waits for any more: it is to be gone. */
	if (w->fds)
		green__fds_poll(w);
	poll(w, false);
}

static void
idle(struct worker *w)
{
	int64_t deadline = green__wheel_next(&w->wheel), trim;

	if (w->clock_virtual && deadline != INT64_MAX) {
		/* What is ready needs no time. */
		if (w->fd_waits)
			green__fds_poll(w);
		if (w->head == w->tail)
			w->clock_now = deadline;
		return;
	}
	if (unlikely(w->order) && w->order->idle && !w->fd_waits) {
		w->order->idle(w);
		return;
	}
	trim = green__stack_idle(w->stacks, green__now(NULL));
	if (deadline == INT64_MAX && w->forever == 0 && !w->fd_waits &&
	    !w->shares)
		green__deadlock(w);
	if (w->head == w->tail)
		green__worker_sleep(w, deadline < trim ? deadline : trim);
}

/* Nothing is runnable: wait until something is. errno is still that of the
 * thread that parks. */
static cold void
wait_for_work(struct worker *w)
{
	int err = *w->err;

	poll(w, w->shares);
	while (w->head == w->tail && !(w->lobbied && green__share_search(w))) {
		idle(w);
		poll(w, false);
	}
	if (w->shares)
		green__share_pass_on(w);
	*w->err = err;
}

/* The next one, in whichever order; NULL if there is none. */
static struct thread *
pick(struct worker *w)
{
	if (unlikely(w->order))
		green__order_choose(w);
	return pop(w);
}

/* One that has not started, or NULL. busy: others are to run here, too. With an
 * order each switch polls, and the run queue must have its turns. */
static struct thread *
pick_fresh(struct worker *w, bool busy)
{
	struct thread *t;

	if (likely(!w->lobbied))
		return NULL;
	if (busy)
		green__share_look(w);
	if (unlikely(w->order) && w->head != w->tail && w->order->draw(w, 2))
		return NULL;
	t = green__share_next(w);
	/* What was put back has been out of sight, and this worker may not come
	 * here again. */
	if (unlikely(w->starved))
		green__share_pass_on(w);
	return t;
}

static noinline struct thread *
next_thread_slow(struct worker *w)
{
	struct thread *t;

	if (w->tick == 0) {
		poll(w, true);
		if ((t = pick_fresh(w, w->head != w->tail)))
			return t;
	}
	while (!(t = pick(w))) {
		if ((t = pick_fresh(w, false)))
			return t;
		wait_for_work(w);
	}
	return t;
}

/* NULL: ask next_thread_slow(). */
static inline __attribute__((always_inline)) struct thread *
next_at_once(struct worker *w)
{
	struct thread *t;

	if (likely(--w->tick) && likely(w->head != w->tail)) {
		t = pop_entry(w);
		if (likely(t))
			return t;
		w->holes--;
	}
	return NULL;
}

/* ---- switch ------------------------------------------------------------ */

/* Told to the sanitizers on arrival: whom we came from. */
unwatched static void
arrive(struct thread *self)
{
	struct worker *w = self->worker;

	green__tools_arrive(&self->extra->tools, w->left);
	w->left = NULL;
	if (w->ended_lo)
		green__tools_revive(w->ended_lo, w->ended_size);
	w->ended_lo = NULL;
}

unwatched static struct green__next thread_main(void *arg, void *value);

/* A thread's first run: now it gets its stack. */
static void
start(struct worker *w, struct thread *t)
{
	char *top;

	if (t->stack.class != STACK_CLASS_OWN)
		t->stack = green__stack_take(w->stacks, t->stack.class);
	t->flags &= ~(uint32_t)T_NEW;
	if (t->stack.guard == STACK_GUARD_NONE)
		t->flags |= T_RANGE;
	top = t->stack.lo + t->stack.size;
	top -= t->reserve ? t->reserve : t->stack.colour;
	t->sp = green__frame_init(t->stack.lo, top, thread_main, t);
	if (unlikely(t->flags & T_TOOLS)) {
		t->extra->valgrind_id = green__tools_stack(
			&t->extra->tools, t->stack.lo, t->stack.size);
		green__tools_root(t->stack.lo, t->stack.size);
	}
}

static void
check_range(const struct thread *t)
{
	uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
	uintptr_t lo = (uintptr_t)t->stack.lo;

	if (sp < lo || sp - lo >= t->stack.size)
		green__overflow_found(t, sp);
}

static void
swap_cxx(struct worker *w, struct thread *self, struct thread *next)
{
	bool saved = next->flags & T_CXX;

	self->cxx_caught = w->cxx->caught;
	self->cxx_uncaught = w->cxx->uncaught;
	self->flags &= ~(uint32_t)T_CXX;
	if (self->cxx_caught || self->cxx_uncaught)
		self->flags |= T_CXX;
	w->cxx->caught = saved ? next->cxx_caught : NULL;
	w->cxx->uncaught = saved ? next->cxx_uncaught : 0;
}

static void
swap_fp(struct worker *w, struct thread *self, struct thread *next)
{
	if (self->flags & T_FP) {
		self->fp = green__fp_get();
		green__fp_set(w->fp);
	}
	if (next->flags & T_FP) {
		w->fp = green__fp_get();
		green__fp_set(next->fp);
	}
}

static void
run_hooks(struct worker *w, struct thread *self, struct thread *next)
{
	if (self->flags & T_HOOKS && self->hooks->leave)
		self->hooks->leave(self->user);
	w->current = next;
	if (next->flags & T_HOOKS && next->hooks->enter)
		next->hooks->enter(next->user);
}

/* Everything that some threads want before the stacks change. self may be
 * nobody, which has no flags. */
static noinline void
prepare(struct worker *w, struct thread *self, struct thread *next)
{
	int err = *w->err;

	if (self->flags & T_RANGE)
		check_range(self);
	if (next->flags & T_NEW)
		start(w, next);
	swap_cxx(w, self, next);
	if ((self->flags | next->flags) & T_FP)
		swap_fp(w, self, next);
	if ((self->flags | next->flags) & T_HOOKS)
		run_hooks(w, self, next);
	*w->err = err;
}

static inline bool
wants_more(const struct worker *w, const struct thread *self,
	   const struct thread *next)
{
	return ((self->flags | next->flags) & T_SLOW) | w->cxx->uncaught ||
	       w->cxx->caught;
}

static inline void
swap_errno(struct worker *w, struct thread *self, struct thread *next)
{
	self->err = *w->err;
	*w->err = next->err;
}

/* Where to go on with a thread, and what green__park() returns there. A thread
 * that has yielded, or begins, takes no notice. */
unwatched static inline struct green__next
resume(struct thread *t)
{
	return (struct green__next){ &t->sp, (void *)(intptr_t)t->wake };
}

unwatched static inline intptr_t
leave_to(struct thread *self, struct thread *next)
{
	struct green__next to = resume(next);

	return (intptr_t)green__switch(&self->sp, to.load_sp, to.value);
}

/* The long way: whatever either thread wants, and the sanitizers told. */
unwatched static noinline intptr_t
switch_slow(struct worker *w, struct thread *self, struct thread *next)
{
	if (likely(((self->flags | next->flags) & T_SLOW) == T_NEW &&
		   !w->cxx->caught && !w->cxx->uncaught))
		start(w, next);
	else
		prepare(w, self, next);
	w->current = next;
	swap_errno(w, self, next);
	if (likely(!(next->flags & T_TOOLS)))
		return leave_to(self, next);
	w->left = &self->extra->tools;
	green__tools_leave(w->left, &next->extra->tools, false);
	leave_to(self, next);
	arrive(self);
	return self->wake;
}

/* In all that follows the unlikely ways are tail calls, so that the likely
 * one needs no frame of its own and ends in the switch. */
static inline __attribute__((always_inline)) intptr_t
switch_to(struct worker *w, struct thread *self, struct thread *next)
{
	if (unlikely(wants_more(w, self, next)))
		return switch_slow(w, self, next);
	w->current = next;
	swap_errno(w, self, next);
	return leave_to(self, next);
}

/* The calling thread is in the queue; the head was a hole, or there is
 * something to do first. */
static noinline void
yield_past_hole(struct worker *w)
{
	struct thread *self = w->current, *next;

	w->holes--;
	next = pop(w);
	if (next != self)
		switch_to(w, self, next);
}

static inline __attribute__((always_inline)) void
yield_to_next(struct worker *w)
{
	struct thread *self = w->current, *next;

	if (w->head == w->tail)
		return;
	green__queue_push(w, self, self->sp);
	next = pop_entry(w);
	if (unlikely(!next))
		yield_past_hole(w);
	else
		switch_to(w, self, next);
}

/* Whoever yields may be chosen again. */
static void
yield_in_order(struct worker *w)
{
	struct thread *self = w->current, *next;

	green__queue_push(w, self, self->sp);
	next = pick(w);
	if (next != self)
		switch_to(w, self, next);
}

static noinline void
yield_slow(void)
{
	struct worker *w = green__worker_get();
	struct thread *next, *self;

	if (!w)
		return;
	poll(w, true);
	next = pick_fresh(w, true);
	if (unlikely(next)) {
		self = w->current;
		green__queue_push(w, self, self->sp);
		switch_to(w, self, next);
	} else if (unlikely(w->order)) {
		yield_in_order(w);
	} else {
		yield_to_next(w);
	}
}

void
green_yield(void)
{
	struct worker *w = green__worker;

	if (unlikely(!w) || unlikely(--w->tick == 0))
		yield_slow();
	else
		yield_to_next(w);
}

/* The calling thread has parked, and there is something to do first. */
static noinline intptr_t
park_slow(struct worker *w)
{
	struct thread *self = w->current, *next = next_thread_slow(w);

	return likely(next != self) ? switch_to(w, self, next) : self->wake;
}

static inline __attribute__((always_inline)) intptr_t
park_to(struct worker *w, struct thread *next)
{
	struct thread *self = w->current;

	self->state = THREAD_PARKED;
	if (next && unlikely(w->order)) {
		/* It has no right to be the next one. */
		green__queue_push(w, next, next->sp);
		next = NULL;
	}
	if (!next)
		next = next_at_once(w);
	return likely(next != NULL) ? switch_to(w, self, next) : park_slow(w);
}

static noinline intptr_t
park_until(struct worker *w, int64_t deadline, struct thread *next)
{
	struct timer *timer = &w->current->timer;

	timer->deadline = deadline;
	green__wheel_add(&w->wheel, timer);
	if (w->tick > TICKS_WITH_TIMERS)
		w->tick = TICKS_WITH_TIMERS;
	return park_to(w, next);
}

intptr_t
green__park(struct worker *w, int64_t deadline, struct thread *next)
{
	if (deadline != GREEN_NEVER)
		return park_until(w, deadline, next);
	return park_to(w, next);
}

/* From nobody, on a stack that is not needed any more, to next. */
static inline void
go_on(struct worker *w, struct stack stack, struct thread *next)
{
	if (unlikely(wants_more(w, &w->nobody, next)))
		prepare(w, &w->nobody, next);
	/* Not before next has one, or it would get the one we stand on. */
	if (stack.class != STACK_CLASS_OWN)
		green__stack_give(w->stacks, stack);
	w->current = next;
	*w->err = next->err;
}

unwatched struct green__next
green__leave_for_good(struct worker *w, struct stack stack,
		      struct thread_extra *watched)
{
	struct thread *next;

	w->current = &w->nobody;
	next = next_at_once(w);
	if (unlikely(!next))
		next = next_thread_slow(w);
	go_on(w, stack, next);
	if (unlikely(watched)) {
		green__tools_unroot(stack.lo, stack.size);
		green__tools_leave(&watched->tools, &next->extra->tools, true);
		green__tools_forget(&watched->tools, watched->valgrind_id);
		green__free(watched);
		w->ended_lo = stack.lo;
		w->ended_size = stack.size;
	}
	return resume(next);
}

/* The joiner of the thread that ends, and nobody else is runnable: it need
 * not go through the queue. */
static inline struct thread *
wake_next(struct worker *w, struct thread *t)
{
	t->state = THREAD_READY;
	t->wake = 0;
	if (unlikely(green__timer_armed(&t->timer)))
		green__wheel_del(&w->wheel, &t->timer);
	return t;
}

/*
 * The end of a thread that has nothing to clean up, and is detached or joined
 * by a thread of this worker: what green__finish() does, without the locks,
 * because this OS thread is alone.
 */
static inline struct green__next
finish_usual(struct worker *w, struct thread *self, void *value)
{
	struct stack stack = self->stack;
	struct wait_node *joiner = self->joiner;
	struct thread *next = NULL;

	w->alive--;
	w->blocks--;
	if (joiner) {
		struct waiter *waiter = joiner->waiter;

		joiner->value = value;
		joiner->linked = false;
		waiter->chosen = joiner;
		atomic_store_explicit(&waiter->done, WAITER_CHOSEN,
				      memory_order_relaxed);
		/* The last tick is for next_thread_slow() to see. */
		if (w->head == w->tail && likely(w->tick > 1)) {
			w->tick--;
			next = wake_next(w, waiter->thread);
		} else {
			make_ready(w, waiter->thread, 0);
		}
	}
	green__thread_reset(self);
	green__thread_free(self, &w->slab);
	if (!next)
		return green__leave_for_good(w, stack, NULL);
	go_on(w, stack, next);
	return resume(next);
}

/* Detached, or joined by somebody who still waits. */
static inline bool
nobody_else_wants(const struct thread *t)
{
	if (!t->joiner)
		return t->end == END_DETACHED;
	return !atomic_load_explicit(&t->joiner->waiter->done,
				     memory_order_relaxed) &&
	       t->joiner->waiter->thread;
}

unwatched static struct green__next
thread_main(void *arg, void *value)
{
	struct thread *t = arg;
	struct worker *w;

	(void)value;
	if (unlikely(t->flags & T_TOOLS))
		arrive(t);
	value = t->fn(t->value);
	w = t->worker;
	if (likely(!(t->flags & T_UNUSUAL) && green__alone() &&
		   !w->main_exits && !t->sent && nobody_else_wants(t)))
		return finish_usual(w, t, value);
	return green__finish(w, value);
}

void
green__ready(struct worker *w, struct thread *t, int wake)
{
	make_ready(w, t, wake);
}

/* To the worker of another OS thread. */
static noinline void
send(struct worker *w, struct thread *t)
{
	struct thread *head;

	/* One that is there already will be taken out after this. Pairs with
	 * the exchange in green__inbox_drain(). */
	if (atomic_exchange_explicit(&t->sent, true, memory_order_acq_rel))
		return;
	head = atomic_load_explicit(&w->inbox, memory_order_relaxed);
	do
		t->link = head;
	/* Release pairs with the acquire exchange in green__inbox_drain(). */
	while (!atomic_compare_exchange_weak_explicit(&w->inbox, &head, t,
						      memory_order_release,
						      memory_order_relaxed));
	green__worker_notify(w);
}

void
green__wake(struct thread *t)
{
	struct worker *w = t->worker;

	if (likely(w == green__worker))
		make_ready(w, t, 0);
	else
		send(w, t);
}

int
green__deadline_check(int64_t deadline)
{
	if (deadline == GREEN_NEVER)
		return 0;
	if (deadline <= 0)
		return deadline < 0 ? -EINVAL : -EAGAIN;
	return deadline <= green_now() ? -ETIMEDOUT : 0;
}
