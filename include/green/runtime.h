/* SPDX-License-Identifier: MIT */
#ifndef GREEN_RUNTIME_H
#define GREEN_RUNTIME_H

/*
 * Runtimes of several workers; and the library as a whole: version, errors,
 * numbers, reports.
 *
 *	struct green_runtime *rt;
 *
 *	green_runtime_create(&rt, NULL);
 *	green_runtime_run(rt, work, arg, &result);
 *	green_runtime_destroy(rt);
 *
 * An OS thread that uses green threads is a runtime of one worker without
 * asking; its threads stay with it. A runtime that is asked for has workers,
 * OS threads of its own, that run green threads and nothing else. What is
 * spawned in it starts on whichever of its workers comes first, so it needs
 * the care that pthreads need: two of its threads may run at the same time.
 *
 * A thread stays on the worker on which it started. So it sees one set of
 * thread-local variables all its life, which it shares with the other threads
 * of that worker; errno is its own. Nothing is known of those variables
 * before it starts: whoever spawns it may be on another OS thread.
 */

#include <green/base.h>
#include <green/thread.h>

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

struct green_runtime;

/** Most workers that a runtime can have. */
#define GREEN_WORKERS_MAX 1024

/** How a runtime is to be made. Set size to sizeof(struct green_runtime_attr)
 * and the rest to zero, then change what matters. */
struct green_runtime_attr {
	/** sizeof(struct green_runtime_attr). */
	size_t size;
	/** How many workers, at most GREEN_WORKERS_MAX. 0: the number in the
	 * environment variable GREEN_WORKERS, or if that is none from 1 to
	 * GREEN_WORKERS_MAX, that of the CPUs this process may run on. */
	uint64_t workers;
};

/**
 * Make a runtime and start its workers. Each is an OS thread, named
 * green-0, green-1, ..., in which all signals are blocked but those that a
 * fault raises; one without anything to run sleeps. attr may be NULL. May be
 * called from any OS thread and from green threads, of another runtime too.
 * Does not park: the OS thread waits until the workers are there.
 *
 * Returns 0; -EINVAL for a NULL ret_runtime, too many workers or a wrong
 * attr->size; -E2BIG for fields unknown to this library; -ENOMEM; -EAGAIN when
 * the system has no more OS threads. Since 0.1.
 */
GREEN_API int green_runtime_create(struct green_runtime **ret_runtime,
				   const struct green_runtime_attr *attr);

/**
 * Run fn(arg) as a green thread of the runtime, wait until it has ended and
 * fetch what it returned. ret_value may be NULL. A pthread that is no worker
 * is blocked, a green thread parks: one of another runtime, or of the same.
 * Neither an interruption nor a cancellation of the caller ends the wait,
 * because fn may use what lies on the caller's stack. May park.
 *
 * Returns 0; -EINVAL for a NULL runtime or fn; -ECANCELED when the caller was
 * cancelled before; otherwise what green_spawn() returns. Since 0.1.
 */
GREEN_API int green_runtime_run(struct green_runtime *runtime, green_fn fn,
				void *arg, void **ret_value);

/**
 * End the workers of a runtime and let go of it. None of its threads may be
 * alive; the value of one that has ended and was not joined is lost, and its
 * id gives -ESRCH. NULL is fine. Nobody may use the runtime meanwhile or
 * afterwards. Does not park: the OS thread waits for the workers to end.
 *
 * In the child of a fork() no runtime has any threads; there this only gives
 * the memory back.
 *
 * Returns 0; -EBUSY, and nothing is done, when threads are alive; -EDEADLK
 * from a thread of the runtime itself. Since 0.1.
 */
GREEN_API int green_runtime_destroy(struct green_runtime *runtime);

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
	/** OS threads that run green threads. */
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
 * Have reports say for how long threads have been blocked: from now on (1), or
 * no more (0). Each wait reads the clock then, which takes some 25 ns; what has
 * begun to wait before is not told. The environment variable GREEN_DUMP_TIMES=1
 * turns it on from the start. For the whole process, from any OS thread; does
 * not park. Returns 0, or -EINVAL for any other number. Since 0.1.
 */
GREEN_API int green_dump_times(int on);

/**
 * Write those lines of green_dump() to fd that are about threads which have
 * been blocked for more than longer_than nanoseconds: waiting for another
 * thread or a descriptor, with or without a deadline; not asleep, nor in
 * green_park(). By the worker's clock, of waits that began while
 * green_dump_times() was on. Other workers' threads are counted only. Does not
 * park and does not allocate. Returns how many were listed; -EINVAL for a
 * negative time, -ENODATA when green_dump_times() is off, or the negative errno
 * of write(2). Since 0.1.
 */
GREEN_API int green_dump_blocked(int fd, int64_t longer_than);

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
