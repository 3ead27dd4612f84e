/* SPDX-License-Identifier: MIT */
#ifndef GREEN_CHILD_H
#define GREEN_CHILD_H

/*
 * Children of the process, as something that a green thread waits for, however
 * they were made: fork(), posix_spawn(), or a library that tells their number.
 */

#include <green/base.h>
#include <green/time.h>

#include <sys/resource.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Wait until a child has ended, and collect it: waitpid(2), of one. *ret_status
 * is what WIFEXITED() and the like look at, *ret_usage what the child has used.
 * No other child is touched, so whoever else waits for theirs gets them.
 * Several may wait for one; one of them gets it, and the others are told that
 * it is not there. May park; an OS thread without a worker that must wait
 * becomes one.
 *
 * A child that is not collected in time can be waited for again. Where the
 * kernel has no pidfd_open(2) (before Linux 5.3, and in some emulators), a
 * thread that waits looks every 10 ms.
 *
 * Returns 0; -ECHILD when there is no such child, or somebody else has
 * collected it, or SIGCHLD is ignored; -EAGAIN or -ETIMEDOUT as the deadline
 * says (see green/time.h); -ECANCELED when the caller is cancelled; -EINTR when
 * green_interrupt() ended the wait; -EINVAL for a pid that is not above 0 or a
 * negative deadline; -ENOMEM; -EMFILE. Since 0.1.
 */
GREEN_API int green_child_wait(pid_t pid, int *ret_status,
			       struct rusage *ret_usage, int64_t deadline);

#ifdef __cplusplus
}
#endif

#endif
