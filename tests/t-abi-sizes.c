/* SPDX-License-Identifier: MIT */
/*
 * Proves: public structs have the size and layout, and public constants the
 * values, that programs in the field were compiled with. A size-first struct
 * may grow at its end: then its size here changes, and a line is added; no
 * line that was in a release ever changes.
 */

#include "tap.h"

#include <green.h>

/* Every field of these is eight bytes. */
#define at(type, member, want) \
	(is(offsetof(struct type, member), want, #type "." #member), \
	 is(sizeof(((struct type *)NULL)->member), 8, \
	    "sizeof " #type "." #member))
#define big(type, want) is(sizeof(struct type), want, "sizeof " #type)

static void
structs(void)
{
	big(green_context, 128);
	is(_Alignof(struct green_context), 8, "alignment of green_context");

	at(green_chan_attr, size, 0);
	at(green_chan_attr, flags, 8);
	big(green_chan_attr, 16);

	at(green_attr, size, 0);
	at(green_attr, flags, 8);
	at(green_attr, stack_size, 16);
	at(green_attr, stack, 24);
	at(green_attr, name, 32);
	at(green_attr, hooks, 40);
	at(green_attr, user, 48);
	at(green_attr, reserve_top, 56);
	at(green_attr, control, 64);
	at(green_attr, scope, 72);
	at(green_attr, runtime, 80);
	at(green_attr, worker, 88);
	big(green_attr, 96);

	at(green_listen_attr, size, 0);
	at(green_listen_attr, flags, 8);
	at(green_listen_attr, backlog, 16);
	big(green_listen_attr, 24);

	at(green_dial_attr, size, 0);
	at(green_dial_attr, flags, 8);
	at(green_dial_attr, local, 16);
	at(green_dial_attr, stagger, 24);
	big(green_dial_attr, 32);

	at(green_serve_attr, size, 0);
	at(green_serve_attr, flags, 8);
	at(green_serve_attr, connections, 16);
	at(green_serve_attr, stack_size, 24);
	at(green_serve_attr, grace, 32);
	at(green_serve_attr, stats, 40);
	big(green_serve_attr, 48);

	at(green_serve_stats, served, 0);
	at(green_serve_stats, most, 8);
	at(green_serve_stats, full, 16);
	at(green_serve_stats, starved, 24);
	at(green_serve_stats, lost, 32);
	at(green_serve_stats, cancelled, 40);
	big(green_serve_stats, 48);

	at(green_runtime_attr, size, 0);
	at(green_runtime_attr, workers, 8);
	big(green_runtime_attr, 16);

	at(green_hooks, size, 0);
	at(green_hooks, leave, 8);
	at(green_hooks, enter, 16);
	at(green_hooks, destroy, 24);
	at(green_hooks, before_sleep, 32);
	at(green_hooks, after_wake, 40);
	big(green_hooks, 48);

	at(green_sync_attr, size, 0);
	at(green_sync_attr, flags, 8);
	big(green_sync_attr, 16);

	at(green_stack_info, size, 0);
	at(green_stack_info, low, 8);
	at(green_stack_info, high, 16);
	at(green_stack_info, guard_size, 24);
	at(green_stack_info, reserve_end, 32);
	at(green_stack_info, used, 40);
	big(green_stack_info, 48);
}

/* Storage of the caller's: the same on all CPUs. */
static void
storage(void)
{
	big(green_cond, 64);
	big(green_mutex, 64);
	big(green_once, 64);
	big(green_barrier, 64);
	big(green_rwlock, 96);
	big(green_waitgroup, 64);
	big(green_sem, 64);
	big(green_event, 64);
	big(green_reader, 64);

	is(offsetof(struct green_clause, kind), 0, "green_clause.kind");
	is(offsetof(struct green_clause, result), 4, "green_clause.result");
	at(green_clause, object, 8);
	at(green_clause, item, 16);
	at(green_clause, size, 24);
	at(green_clause, id, 32);
	at(green_clause, time, 40);
	at(green_clause, value, 48);
	at(green_clause, reserved, 56);
	big(green_clause, 64);
	is(_Alignof(struct green_mutex), _Alignof(uint64_t),
	   "alignment of green_mutex");
}

static void
explorations(void)
{
	at(green_explore_attr, size, 0);
	at(green_explore_attr, flags, 8);
	at(green_explore_attr, max_runs, 16);
	at(green_explore_attr, max_choices, 24);
	at(green_explore_attr, max_steps, 32);
	at(green_explore_attr, max_preemptions, 40);
	at(green_explore_attr, name, 48);
	at(green_explore_attr, schedule, 56);
	at(green_explore_attr, begin, 64);
	at(green_explore_attr, end, 72);
	at(green_explore_attr, failed, 80);
	big(green_explore_attr, 88);

	at(green_explore_result, size, 0);
	at(green_explore_result, runs, 8);
	at(green_explore_result, complete, 16);
	at(green_explore_result, choices, 24);
	at(green_explore_result, value, 32);
	is(offsetof(struct green_explore_result, schedule), 40,
	   "green_explore_result.schedule");
	big(green_explore_result, 40 + GREEN_SCHEDULE_MAX);
}

static void
stats(void)
{
	at(green_stats, size, 0);
	at(green_stats, threads, 8);
	at(green_stats, spawned, 16);
	at(green_stats, abandoned, 24);
	at(green_stats, workers, 32);
	at(green_stats, stacks_guard_install, 40);
	at(green_stats, stacks_guard_mprotect, 48);
	at(green_stats, stacks_guard_none, 56);
	at(green_stats, stacks_free, 64);
	at(green_stats, stack_bytes, 72);
	at(green_stats, sleeps, 80);
	big(green_stats, 88);
}

static void
constants(void)
{
	is(sizeof(green_t), 8, "sizeof green_t");
	is(sizeof(green_key_t), 4, "sizeof green_key_t");
	is(GREEN_CONTEXT_FP, 1, "GREEN_CONTEXT_FP");
	is(GREEN_FP, 1, "GREEN_FP");
	is(GREEN_DETACHED, 2, "GREEN_DETACHED");
	is(GREEN_NEWEST_FIRST, 4, "GREEN_NEWEST_FIRST");
	is(GREEN_CHAN_UNBOUNDED, INT64_MAX, "GREEN_CHAN_UNBOUNDED");
	is(GREEN_BARRIER_SERIAL, 1, "GREEN_BARRIER_SERIAL");
	is(GREEN_PRIVATE, 1, "GREEN_PRIVATE");
	is(GREEN_RECURSIVE, 2, "GREEN_RECURSIVE");
	is(GREEN_EVENT_AUTO, 4, "GREEN_EVENT_AUTO");
	is(GREEN_CLAUSE_NONE, 0, "GREEN_CLAUSE_NONE");
	is(GREEN_CLAUSE_SEND, 1, "GREEN_CLAUSE_SEND");
	is(GREEN_CLAUSE_RECV, 2, "GREEN_CLAUSE_RECV");
	is(GREEN_CLAUSE_TIMER, 3, "GREEN_CLAUSE_TIMER");
	is(GREEN_CLAUSE_THREAD, 4, "GREEN_CLAUSE_THREAD");
	is(GREEN_CLAUSE_SEM, 5, "GREEN_CLAUSE_SEM");
	is(GREEN_CLAUSE_EVENT, 6, "GREEN_CLAUSE_EVENT");
	is(GREEN_SEM_MAX, INT32_MAX, "GREEN_SEM_MAX");
	is(GREEN_NEVER, INT64_MAX, "GREEN_NEVER");
	is(GREEN_SECOND, 1000000000, "GREEN_SECOND");
	is(GREEN_MILLISECOND, 1000000, "GREEN_MILLISECOND");
	is(GREEN_MICROSECOND, 1000, "GREEN_MICROSECOND");
	is(GREEN_NANOSECOND, 1, "GREEN_NANOSECOND");
	is(GREEN_EXPLORE_PREEMPT, 1, "GREEN_EXPLORE_PREEMPT");
	is(GREEN_EXPLORE_TIMEOUTS, 2, "GREEN_EXPLORE_TIMEOUTS");
	is(GREEN_EXPLORE_QUIET, 4, "GREEN_EXPLORE_QUIET");
	/* Buffers and stacks of programs are as large as these. */
	is(GREEN_NAME_MAX, 32, "GREEN_NAME_MAX");
	is(GREEN_CONTEXT_STACK_MIN, 1024, "GREEN_CONTEXT_STACK_MIN");
	is(GREEN_SCHEDULE_MAX, 1024, "GREEN_SCHEDULE_MAX");
	is(GREEN_STACK_MIN, 4096, "GREEN_STACK_MIN");
}

int
main(void)
{
	constants();
	storage();
	if (sizeof(void *) == 8 && sizeof(size_t) == 8) {
		structs();
		explorations();
		stats();
	} else {
		skip("structs", "their layout is pinned for 64-bit CPUs");
	}
	return tap_done();
}
