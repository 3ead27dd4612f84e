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

#ifdef __cplusplus
}
#endif

#endif
