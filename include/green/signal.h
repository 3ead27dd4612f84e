/* SPDX-License-Identifier: MIT */
#ifndef GREEN_SIGNAL_H
#define GREEN_SIGNAL_H

/*
 * Signals, as something that a green thread waits for.
 *
 *	sigset_t set;
 *	struct green_signal *s;
 *
 *	sigemptyset(&set);
 *	sigaddset(&set, SIGTERM);
 *	sigaddset(&set, SIGINT);
 *	green_signal_create(&s, &set);
 *	signo = green_signal_wait(s, NULL, GREEN_NEVER);
 *
 * While such an object is there, its signals go to it, and not to what handled
 * them before: the default action, a handler of the program's, nothing. All
 * objects that have a signal get it. Whichever OS thread the kernel
 * chooses for it, it is noted, and whoever waits is woken on his own worker: no
 * signal needs to be blocked anywhere, and one that comes before anybody waits
 * is there for the first who does.
 *
 * Signals of one number that nobody has waited for yet are one, as in the
 * kernel, which says how often it came at least. What siginfo_t says of the
 * sender is not kept.
 */

#include <green/base.h>
#include <green/time.h>

#include <signal.h>
#include <sys/select.h> /* sigset_t, in strict C, too */

#ifdef __cplusplus
extern "C" {
#endif

struct green_signal;

/**
 * From now on the signals of a set are taken by a new object. SIGKILL, SIGSTOP
 * and those by which a thread's own faults are told (SIGSEGV, SIGBUS, SIGILL,
 * SIGFPE) cannot be. The handler is installed with SA_RESTART, on the alternate
 * stack where there is one; a program should not replace it meanwhile. Does not
 * park.
 *
 * After fork() the child has the object, without signals of the parent's; after
 * exec nothing is left of it.
 *
 * Returns 0; -EINVAL for NULL, an empty set, or a signal that cannot be taken;
 * -ENOMEM; -EMFILE or -ENFILE, as an object needs a descriptor. Since 0.1.
 */
GREEN_API int
green_signal_create(struct green_signal **ret_signal, const sigset_t *set);

/**
 * Wait until one of its signals has come; the lowest number first. Each is
 * taken by one of those who wait. *ret_count: how often it came since it was
 * last taken, above 0. May park; an OS thread without a worker that must wait
 * becomes one.
 *
 * Returns the number of the signal; -EAGAIN or -ETIMEDOUT as the deadline says
 * (see green/time.h), -ECANCELED when the caller is cancelled, -EINTR when
 * green_interrupt() ended the wait, -EINVAL for NULL or a negative deadline,
 * -ENOMEM, -EMFILE. Since 0.1.
 */
GREEN_API int green_signal_wait(struct green_signal *signal,
				uint64_t *ret_count, int64_t deadline);

/**
 * Let go of an object, or of none. Signals that no other object has go again to
 * what handled them before, unless the program has installed something else
 * since; those that nobody has waited for are lost. Not from a signal handler.
 * Does not park. Returns 0, or -EBUSY while somebody waits. Since 0.1.
 */
GREEN_API int green_signal_destroy(struct green_signal *signal);

#ifdef __cplusplus
}
#endif

#endif
