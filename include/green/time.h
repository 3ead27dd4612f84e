/* SPDX-License-Identifier: MIT */
#ifndef GREEN_TIME_H
#define GREEN_TIME_H

/*
 * Time: absolute monotonic nanoseconds, and sleeping.
 *
 * Every call of libgreen that can block takes one int64_t deadline, a point
 * of green_now()'s clock:
 *
 *	0		try once, -EAGAIN if it would block
 *	in the past	try once, -ETIMEDOUT if it would block
 *	in the future	block until then, then -ETIMEDOUT
 *	GREEN_NEVER	block without limit
 *	negative	-EINVAL
 *
 * green_after(2 * GREEN_SECOND) makes one from a duration.
 */

#include <green/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Durations in nanoseconds, and the deadline that never passes. */
#define GREEN_NANOSECOND 1LL
#define GREEN_MICROSECOND 1000LL
#define GREEN_MILLISECOND 1000000LL
#define GREEN_SECOND 1000000000LL
#define GREEN_NEVER 9223372036854775807LL

/**
 * The time of the calling thread's clock, in nanoseconds. It never goes
 * back; its zero is unspecified and lies in the past. Async-signal-safe; does
 * not park. Since 0.1.
 */
GREEN_API int64_t green_now(void);

/**
 * The deadline that lies ns nanoseconds after now. It saturates: a sum that
 * would pass GREEN_NEVER is GREEN_NEVER, and a negative ns gives a deadline
 * that has passed, never a negative one. Async-signal-safe; does not park.
 * Since 0.1.
 */
GREEN_API int64_t green_after(int64_t ns);

/**
 * Park the calling green thread until the deadline. It is never woken early.
 *
 * A deadline of 0 or in the past yields once. GREEN_NEVER parks until
 * green_interrupt(). Called from a thread that has no runtime, makes the OS
 * thread a one-worker runtime (see green/thread.h). May park.
 *
 * Returns 0 when the deadline has come, -EINTR when green_interrupt() ended
 * the wait, -ECANCELED when the caller is cancelled (see green/scope.h),
 * -EINVAL for a negative deadline, -ENOMEM when the runtime could not be made.
 * Since 0.1.
 */
GREEN_API int green_sleep_until(int64_t deadline);

/**
 * Give the calling OS thread's green threads a virtual clock that shows now,
 * for tests of time-outs: time stands still while any of them can run, and
 * jumps to the next deadline when none can. So an hour passes at once, and
 * everything happens at exactly its time, whatever the machine's load. With
 * no deadline to jump to the worker sleeps, as it does with the real clock;
 * with one it does not wait for other OS threads. Those and plain pthreads
 * keep their own clocks. A forked child inherits it.
 *
 * now: from 1 to GREEN_NEVER - 1, also less than the last time, or while the
 * clock is virtual already. Does not park. Returns 0; -EINVAL for another now,
 * -EBUSY while a thread waits with a deadline of the present clock, and in a
 * run of green_explore(), -ENOMEM when the runtime could not be made. Since
 * 0.1.
 */
GREEN_API int green_clock_virtual(int64_t now);

/**
 * Go back to the real clock. Does not park. Returns 0, also when it is the
 * real one already; -EBUSY while a thread waits with a deadline of the virtual
 * clock, and in a run of green_explore(). Since 0.1.
 */
GREEN_API int green_clock_real(void);

/**
 * Let ns nanoseconds pass on the virtual clock at once, as if the caller had
 * been busy for so long: all threads whose deadlines lie in them become
 * runnable, in order, and find the same time when they run. To let them run at
 * their own times, sleep instead. The sum saturates below GREEN_NEVER. Does
 * not park. Returns 0; -EINVAL if ns is negative or the clock is the real one.
 * Since 0.1.
 */
GREEN_API int green_clock_advance(int64_t ns);

#ifdef __cplusplus
}
#endif

#endif
