/* SPDX-License-Identifier: MIT */
#ifndef GREEN_EXPLORE_H
#define GREEN_EXPLORE_H

/*
 * For tests: the order in which threads run. Usually it is first in first
 * out, so a program that is wrong in another order passes its tests for ever.
 *
 * With a seed each switch chooses by a pseudo-random generator, and the same
 * seed chooses the same. An order is replayed as far as nothing from outside
 * takes part: the clock (see green_clock_virtual()), other OS threads, I/O.
 *
 * An exploration runs a small program in every order there is.
 */

#include <green/base.h>
#include <green/thread.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Have the calling OS thread's green threads run in an order that seed
 * determines: whenever one yields or parks, any of those that can run goes
 * on, a yielding one included. 0: first in first out, as usual. The generator
 * begins anew with each call. A worker begins with the seed that the
 * environment variable GREEN_SEED has, a number as in C; green_dump() and the
 * report of a deadlock tell it. Does not park. Returns 0; -EBUSY in a run of
 * green_explore(), -ENOMEM when the OS thread could not become a runtime.
 * Since 0.1.
 */
GREEN_API int green_seed_set(uint64_t seed);

/** Flags of struct green_explore_attr: */
/** Also preempt: before each call of libgreen that other threads could see,
 * any of those that can run may go on, even if the call is not one that may
 * park. As if the threads ran on several cores, as far as they meet in
 * libgreen only. */
#define GREEN_EXPLORE_PREEMPT 1
/** The earliest deadline may also come before threads that can run go on, as
 * if they had taken so long. */
#define GREEN_EXPLORE_TIMEOUTS 2
/** Write nothing to stderr when a run fails. */
#define GREEN_EXPLORE_QUIET 4

/** Bytes of the text of a schedule. */
#define GREEN_SCHEDULE_MAX 1024

/** What an exploration is to do; NULL, or all zero, is the default. */
struct green_explore_attr {
	/** sizeof(struct green_explore_attr). */
	size_t size;
	/** GREEN_EXPLORE_*. */
	uint64_t flags;
	/** How many runs there may be; 0: no limit. */
	uint64_t max_runs;
	/** How many choices of a run are explored, up to 1023, which 0 means;
	 * after that it goes on first in first out. For programs that yield
	 * until something comes, which have orders without end. */
	uint64_t max_choices;
	/** How many times the threads of a run may yield and park, before it
	 * counts as one that never ends; 0: a million. */
	uint64_t max_steps;
	/** How often another thread may go on in a run where one was preempted;
	 * 0: no limit. Most mistakes show with 2. */
	uint64_t max_preemptions;
	/** The exploration's name, for reports and GREEN_SCHEDULE. */
	const char *name;
	/** Make this run only: a schedule that was reported. NULL: all. */
	const char *schedule;
	/** For bindings; each is called with arg, on the caller's stack. begin
	 * spawns the root of a run instead of fn, and returns 0 or an error
	 * that ends the exploration. end is called when nothing of a run can
	 * go on and its root has ended; what it returns counts instead of the
	 * root's value. failed is called when a run has failed, before its
	 * threads are abandoned. */
	int (*begin)(void *arg, green_t *ret_root);
	void *(*end)(void *arg, void *value);
	void (*failed)(void *arg, int error);
};

/** What came of an exploration. Set size before the call. */
struct green_explore_result {
	/** sizeof(struct green_explore_result). */
	size_t size;
	/** How many times fn was run. */
	uint64_t runs;
	/** 1: in every order; 0: a limit or a failure came first. */
	uint64_t complete;
	/** The most choices in one run. */
	uint64_t choices;
	/** What fn returned in the run that failed. */
	void *value;
	/** The choices of the run that failed, one character each; those at its
	 * end that are first in first out are left out. */
	char schedule[GREEN_SCHEDULE_MAX];
};

/**
 * Run fn(arg) as the root of a small program, again and again, until it ran in
 * every order: wherever a thread yields, parks or ends and more than one can go
 * on, each run takes another choice. Each begins with the virtual clock at one
 * second. A run ends when all its threads have ended, and all must be joined or
 * detached. It may depend on nothing but the choices: what it uses it must set
 * up itself; it must not wait for other OS threads.
 *
 * A run fails, and ends the exploration, when fn does not return NULL, or the
 * threads that are left wait for ever: in an exploration a
 * green_sleep_until(GREEN_NEVER) does so too. Then a report goes to stderr,
 * with a line such as GREEN_SCHEDULE=name:0102. With that in the environment,
 * the exploration of that name makes this run only. Threads that are left are
 * abandoned.
 *
 * Called where there is no other green thread on the OS thread. May park.
 *
 * Returns 0 when no run failed, 1 when fn returned something else than NULL;
 * -EDEADLK when threads waited for ever, -ELOOP when a run did not end in
 * attr->max_steps, -ECHILD when it left threads unjoined, -EILSEQ when it went
 * another way with the same choices, or a schedule does not fit it, -ERANGE
 * when more than 61 threads could go on at once: *ret_result, which may be
 * NULL, tells which run. -EINVAL for a NULL fn, unknown flags, a text that is
 * no schedule, too many choices, or a short ret_result->size; -E2BIG; -EBUSY
 * when there are other threads; -ENOMEM; what begin returned. Since 0.1.
 */
GREEN_API int green_explore(const struct green_explore_attr *attr, green_fn fn,
			    void *arg, struct green_explore_result *ret_result);

#ifdef __cplusplus
}
#endif

#endif
