/* SPDX-License-Identifier: MIT */
#ifndef GREEN_RUNTIME_H
#define GREEN_RUNTIME_H

/*
 * The library as a whole: version, errors, numbers, reports.
 */

#include <green/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The library's version, "0.1.0"; static storage. Since 0.1. */
GREEN_API const char *green_version(void);

/**
 * A short English text for what a libgreen call returned: a negative errno
 * value, or 0. Static storage; never NULL. Async-signal-safe. Since 0.1.
 */
GREEN_API const char *green_strerror(int error);

/** Numbers of the whole process. Set size before the call. */
struct green_stats {
	/** sizeof(struct green_stats). */
	size_t size;
	/** Green threads alive, main flows included. */
	uint64_t threads;
	/** Threads spawned since the start. */
	uint64_t spawned;
	/** Threads abandoned alive by the end of their OS thread. */
	uint64_t abandoned;
	/** OS threads that are runtimes. */
	uint64_t workers;
	/** Stack slots that exist with a guard that costs no mapping
	 * (MADV_GUARD_INSTALL), with a PROT_NONE guard, and with none but the
	 * range check at each switch. */
	uint64_t stacks_guard_install;
	uint64_t stacks_guard_mprotect;
	uint64_t stacks_guard_none;
	/** Stack slots that no thread uses now. */
	uint64_t stacks_free;
	/** Bytes of stack slots committed, guards included. */
	uint64_t stack_bytes;
	/** Times a worker slept because nothing was runnable. */
	uint64_t sleeps;
};

/**
 * Fill in *stats up to stats->size bytes. May be called from any OS thread;
 * does not park. Numbers of other OS threads may be a moment old.
 * Returns 0; -EINVAL for NULL or a size smaller than the first release's.
 * A larger struct has its unknown tail set to zero. Since 0.1.
 */
GREEN_API int green_stats_get(struct green_stats *stats);

/**
 * Write a report of every thread of the calling worker to fd: id, name,
 * state, what it waits for, where it was spawned, how much stack it used. Other
 * workers' threads are counted only. Does not park and does not allocate.
 * Returns 0, or the negative errno of write(2). Since 0.1.
 */
GREEN_API int green_dump(int fd);

/**
 * Give the memory of unused stacks back to the system. The library does so
 * by itself some time after a burst; this does it now. Does not park.
 * Returns the number of bytes given back. Since 0.1.
 */
GREEN_API size_t green_trim(void);

/**
 * Turn the report of stack overflows on (1) or off (0). It is on from the
 * first spawn unless turned off before, or the environment has
 * GREEN_OVERFLOW_REPORT=0. When on, libgreen handles SIGSEGV and SIGBUS on an
 * alternate signal stack; a fault that is no overflow of a green thread's
 * stack goes to the handler that stood before. Off puts that one back, if
 * libgreen's is still in place; a handler that the program put there since
 * then stays, on and off. Not from a signal handler; does not park.
 * Returns 0, or -EINVAL for any other number. Since 0.1.
 */
GREEN_API int green_overflow_report(int on);

/**
 * A deadlock is certain when every green thread is parked without a deadline,
 * none of them in green_sleep_until(GREEN_NEVER), and nothing outside can wake
 * one: the process has no other OS thread. The report of green_dump() then goes
 * to stderr, and hook, if one is set, is called on the stack of the thread that
 * parked last. If the hook made a thread runnable (green_interrupt()) the
 * worker goes on; otherwise the process aborts. hook may not park. NULL takes
 * it away. Returns 0. Since 0.1.
 */
GREEN_API int green_deadlock_hook(void (*hook)(void *arg), void *arg);

#ifdef __cplusplus
}
#endif

#endif
