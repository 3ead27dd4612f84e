/* SPDX-License-Identifier: MIT */
#ifndef GREEN_OFFLOAD_H
#define GREEN_OFFLOAD_H

/*
 * Offload: functions that block, run by OS threads that are there for it.
 *
 *	struct green_job *job;
 *	void *value;
 *
 *	if (green_offload(&job, compress_file, request) < 0)
 *		...
 *	if (green_offload_wait(job, &value, green_after(GREEN_SECOND)) < 0)
 *		green_offload_drop(job, forget_request);
 *
 * A call that blocks its OS thread (of a library, a file system, a device)
 * blocks all green threads of that. Given to the pool it blocks one of the
 * pool's OS threads instead, and the green thread that waits for it is parked.
 *
 * Whoever stops to wait does not stop the function, and what it works on must
 * stay as long as it runs: so its argument should not lie on the stack of one
 * who may give up, and drop takes a function which frees what nobody collects.
 *
 * The pool has no OS thread before the first job. It grows while jobs find
 * none that is free, up to 64 or what the environment variable
 * GREEN_OFFLOAD_THREADS says (1 to 1024); then jobs wait, first in, first out.
 * An OS thread that has had no work for five seconds ends.
 *
 * A function that is run there has 1 MiB of stack, and all signals blocked but
 * those of faults. It may use whatever a plain pthread may use of libgreen;
 * green threads that it spawns run while it waits for them, and no longer. It
 * returns, and does not end its OS thread.
 */

#include <green/base.h>
#include <green/thread.h>
#include <green/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A function given to the pool; libgreen's own. */
struct green_job;

/**
 * Have an OS thread of the pool call fn(arg).
 *
 * The job in *ret_job is collected by green_offload_wait() or a select, or
 * given up with green_offload_drop(); one of these must happen. With a NULL
 * ret_job it is nobody's: fn runs, and what it returns is lost. In an
 * exploration (green/explore.h) fn runs at once, before this returns. Otherwise
 * does not park. Not from a signal handler.
 *
 * Returns 0; -EINVAL for a NULL fn; -ENOMEM; -EAGAIN when the pool has no OS
 * thread, and none could be had. Since 0.1.
 */
GREEN_API int green_offload(struct green_job **ret_job, green_fn fn, void *arg);

/**
 * Wait until the function has returned, and collect what it has: that goes to
 * *ret_value, and the job is gone. For deadline see green/time.h. One thread
 * at a time can wait for a job. May park; a plain pthread is blocked.
 *
 * Returns 0; otherwise the job is still the caller's, who can wait again:
 * -EAGAIN or -ETIMEDOUT as the deadline says; -EBUSY when another thread waits
 * for it; -EINVAL for a NULL job or a negative deadline; -ESRCH in the child of
 * fork() for one that was not done before, and never will be; -EINTR when
 * green_interrupt() ended the wait; -ECANCELED when the caller is cancelled.
 * Since 0.1.
 */
GREEN_API int
green_offload_wait(struct green_job *job, void **ret_value, int64_t deadline);

/**
 * Give a job up. NULL does nothing. Its function is not called any more if it
 * has not begun; one that has goes on. forget, unless NULL, is called once with
 * the argument of the job and what the function returned: by this call, if the
 * function has returned, or with NULL if it was never called; otherwise by the
 * OS thread that runs it, when it has. Does not park.
 *
 * In the child of fork() forget is not called for a function that was running:
 * nobody knows how far it was. Returns 0, and the job is gone; -EBUSY while
 * somebody waits for it. Since 0.1.
 */
GREEN_API int green_offload_drop(struct green_job *job,
				 void (*forget)(void *arg, void *value));

#ifdef __cplusplus
}
#endif

#endif
