/* SPDX-License-Identifier: MIT */
/*
 * Numbers and reports: green_stats_get(), green_dump() and what goes with it,
 * the deadlock, and whose stack it was that overflowed.
 *
 * The report is written with struct out, without allocation, so that it can
 * be made when memory is exhausted; it walks the table of ids.
 */

#include "config.h"

#include "base.h"
#include "offload.h"
#include "overflow.h"
#include "sched.h"
#include "thread.h"
#include "tools.h"
#include "wait.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <green/runtime.h>

/* Bytes of the longest line about a thread, at most. */
#define LINE 256
#define STATS_MIN sizeof(struct green_stats) /* of the first release */

_Atomic bool green__dump_times;

static void (*deadlock_hook)(void *);
static void *deadlock_arg;

/* Unwatched: see green__stack_counts(). */
unwatched static void
add_worker(const struct worker *w, struct green_stats *s,
	   struct stack_counts *c)
{
	s->workers += !w->door;
	s->threads += w->alive -
		      atomic_load_explicit(&w->away, memory_order_relaxed);
	s->spawned += atomic_load_explicit(&w->spawned, memory_order_relaxed);
	s->abandoned += atomic_load_explicit(&w->abandoned,
					     memory_order_relaxed);
	s->sleeps += atomic_load_explicit(&w->sleeps, memory_order_relaxed);
	green__stack_counts(w->stacks, c);
}

int
green_stats_get(struct green_stats *stats)
{
	struct green_stats s = { .size = 0 };
	struct stack_counts c = { .free = 0 };
	struct worker *w;

	if (!stats || stats->size < STATS_MIN)
		return -EINVAL;
	green__workers_lock();
	green__workers_gone(&s.spawned, &s.abandoned);
	for (w = green__workers_first(); w; w = w->next)
		add_worker(w, &s, &c);
	green__workers_unlock();
	s.size = stats->size;
	s.stacks_guard_install = c.guard_install;
	s.stacks_guard_mprotect = c.guard_mprotect;
	s.stacks_guard_none = c.guard_none;
	s.stacks_free = c.free;
	s.stack_bytes = c.bytes;
	memset(stats, 0, s.size);
	memcpy(stats, &s, sizeof(s));
	return 0;
}

size_t
green_trim(void)
{
	struct worker *w = green__worker;

	return w ? green__stack_trim(w->stacks) : 0;
}

/* For how long it has been waiting for something; -1: not known, or it does
 * not. A time by itself is nothing to wait for. */
static int64_t
blocked_for(const struct worker *w, const struct thread *t)
{
	const struct waiter *waiter = t->waits;
	int64_t now = green__now(w);

	if (t->state != THREAD_PARKED || !waiter || !waiter->count ||
	    !waiter->since)
		return -1;
	/* The clock may be another one now. */
	return now > waiter->since ? now - waiter->since : 0;
}

static void
write_state(struct out *o, const struct worker *w, const struct thread *t)
{
	switch (t->state) {
	case THREAD_READY:
		green__out_str(o, t == w->current    ? "running"
				  : t->flags & T_NEW ? "not started"
						     : "ready");
		return;
	case THREAD_LOBBY:
		green__out_str(o, "not started");
		return;
	case THREAD_ENDED:
		green__out_str(o, "ended, not joined");
		return;
	default:
		break;
	}
	if (t == w->main && w->main_exits && !w->orphan) {
		green__out_str(o, "waits for all others to end");
	} else if (t->waits) {
		green__wait_describe(o, t->waits);
	} else if (!green__timer_armed(&t->timer) && !(t->flags & T_FOREVER)) {
		green__out_str(o, "waits");
	} else {
		green__out_str(o, "sleeps");
	}
	if (blocked_for(w, t) >= 0) {
		green__out_str(o, ", for ");
		green__out_dec(o, (uint64_t)blocked_for(w, t) / 1000);
		green__out_str(o, " us");
	}
	if (green__timer_armed(&t->timer)) {
		int64_t left = t->timer.deadline - green__now(w);

		green__out_str(o, ", deadline in ");
		green__out_dec(o, left > 0 ? (uint64_t)left / 1000 : 0);
		green__out_str(o, " us");
	}
}

static void
write_thread(struct out *o, const struct worker *w, const struct thread *t)
{
	const char *name = green__thread_name(t);

	green__out_str(o, "  thread ");
	green__out_dec(o, t->id);
	if (*name) {
		green__out_str(o, " \"");
		green__out_str(o, name);
		green__out_str(o, "\"");
	}
	if (t->flags & T_MAIN)
		green__out_str(o, " (main flow)");
	green__out_str(o, ": ");
	write_state(o, w, t);
	if (t->spawned_at) {
		green__out_str(o, ", spawned at ");
		green__out_hex(o, (uintptr_t)t->spawned_at);
	}
	if (!(t->flags & (T_NEW | T_MAIN)) && t->state != THREAD_ENDED) {
		green__out_str(o, ", stack ");
		green__out_dec(o, green__stack_used(&t->stack));
		green__out_str(o, " of ");
		green__out_dec(o, t->stack.size);
		green__out_str(o, " bytes used");
	}
	green__out_str(o, "\n");
}

/* Those of w that have been blocked for longer than that; -1: all. Returns how
 * many. */
static int
write_threads(struct out *o, const struct worker *w, int64_t longer_than)
{
	uint32_t i, others = 0;
	struct id_entry *e;
	int listed = 0;

	for (i = 0; (e = green__id_at(i)); i++) {
		const struct thread *t;

		/* Room for a thread's line: whoever reads what we write may
		 * take his time, and nobody is to wait for the lock so long. */
		if (o->len > sizeof(o->buf) - LINE)
			green__out_flush(o);
		green__id_relock(e);
		t = green__id_thread(e);
		if (t && (!w || t->worker != w)) {
			others++;
		} else if (t && (longer_than < 0 ||
				 blocked_for(w, t) > longer_than)) {
			write_thread(o, w, t);
			listed++;
		}
		green__id_unlock(e);
	}
	if (others) {
		green__out_str(o, "  and ");
		green__out_dec(o, others);
		green__out_str(o, " on other workers\n");
	}
	green__out_flush(o);
	return listed;
}

int
green_dump(int fd)
{
	struct out o = OUT_INIT(fd);
	struct worker *w = green__worker;
	int saved = errno;

	green__out_str(&o, "libgreen " PACKAGE_VERSION ": ");
	green__out_dec(&o, w ? green__worker_blocks(w) : 0);
	green__out_str(&o, " green threads on this worker");
	if (w && w->seed) {
		green__out_str(&o, ", seed ");
		green__out_dec(&o, w->seed);
	}
	green__out_str(&o, "\n");
	write_threads(&o, w, -1);
	errno = saved;
	return o.error;
}

int
green_dump_times(int on)
{
	if (on != 0 && on != 1)
		return -EINVAL;
	atomic_store_explicit(&green__dump_times, on, memory_order_relaxed);
	return 0;
}

int
green_dump_blocked(int fd, int64_t longer_than)
{
	struct out o = OUT_INIT(fd);
	int saved = errno, listed;

	if (longer_than < 0)
		return -EINVAL;
	if (!atomic_load_explicit(&green__dump_times, memory_order_relaxed))
		return -ENODATA;
	green__out_str(&o, "libgreen " PACKAGE_VERSION
			   ": threads of this worker blocked for more than ");
	green__out_dec(&o, (uint64_t)longer_than / 1000);
	green__out_str(&o, " us\n");
	listed = write_threads(&o, green__worker, longer_than);
	errno = saved;
	return o.error ? o.error : listed;
}

int
green_deadlock_hook(void (*hook)(void *arg), void *arg)
{
	deadlock_hook = hook;
	deadlock_arg = arg;
	return 0;
}

void
green__deadlock(struct worker *w)
{
	static const char text[] =
		"libgreen: deadlock: every green thread waits for another\n";
	struct out o = OUT_INIT(STDERR_FILENO);

	if (!green__alone() && !green__pool_idle())
		return;
	/* The last thing that one which is gone did may have been to wake one
	 * of ours. Acquire pairs with the release push in green__wake(). */
	if (atomic_load_explicit(&w->inbox, memory_order_acquire))
		return;
	green__out_str(&o, text);
	green__out_flush(&o);
	green_dump(STDERR_FILENO);
	if (deadlock_hook)
		deadlock_hook(deadlock_arg);
	if (w->head == w->tail)
		abort();
}

/* ---- stack overflow ----------------------------------------------------- */

static void
describe(const struct thread *t, struct overflow *ret)
{
	*ret = (struct overflow){
		.name = green__thread_name(t),
		.id = t->id,
		.spawned_at = t->spawned_at,
		.stack = t->stack,
	};
}

bool
green__overflow_find(uintptr_t addr, struct overflow *ret)
{
	struct worker *w = green__worker;
	const struct thread *t;
	struct stack other;
	uintptr_t lo;

	if (!w)
		return false;
	t = w->current;
	describe(t, ret);
	lo = (uintptr_t)t->stack.lo;
	ret->running = addr < lo &&
		       lo - addr <= green__stack_guard_size(&t->stack);
	return ret->running || (green__stack_at(w->stacks, addr, &other) &&
				addr < (uintptr_t)other.lo);
}

void
green__overflow_found(const struct thread *t, uintptr_t sp)
{
	struct overflow v;

	describe(t, &v);
	green__overflow_die(&v, sp);
}
