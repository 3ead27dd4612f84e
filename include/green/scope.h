/* SPDX-License-Identifier: MIT */
#ifndef GREEN_SCOPE_H
#define GREEN_SCOPE_H

/*
 * Cancellation, which asks a thread to end, and scopes: threads that are
 * waited for, cancelled and timed together, so that none is left behind.
 *
 *	struct green_scope_attr attr = { .size = sizeof(attr),
 *		.deadline = green_after(GREEN_SECOND) };
 *
 *	green_scope_create(&scope, &attr);
 *	for (i = 0; i < n; i++)
 *		green_scope_spawn(scope, NULL, NULL, work, &parts[i]);
 *	error = green_scope_wait(scope, GREEN_NEVER);
 *	green_scope_destroy(scope);
 *
 * A cancelled thread is not stopped: from then on, each of its calls that can
 * block returns -ECANCELED, and it goes home as it does after any other error.
 * Calls that can block are those that may park and have a deadline: all of
 * them, also when they could succeed at once, and with deadline 0. What it was
 * waiting for is not touched: a cancelled receive has taken nothing.
 *
 * -ECANCELED always means that the caller itself is cancelled, or a scope that
 * it is in.
 */

#include <green/base.h>
#include <green/thread.h>
#include <green/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Cancel a thread: from now on its blocking calls return -ECANCELED, the one
 * in which it is parked too, except while it is shielded. It stays so. When it
 * has returned, it is joined with the value it returned.
 *
 * id may be any thread of any worker, the calling one, the main flow of an OS
 * thread, and one that has not started (which still runs). Cancelling twice, or
 * a thread that has ended and was not joined yet, changes nothing. May be
 * called from any OS thread; does not park.
 *
 * Returns 0; -EINVAL for id 0, -ESRCH for one that is stale or never was.
 * Since 0.1.
 */
GREEN_API int green_cancel(green_t id);

/**
 * 1 if blocking calls of the calling thread return -ECANCELED now, 0 if not:
 * for loops that compute and never block. Does not park. Since 0.1.
 */
GREEN_API int green_cancelled(void);

/**
 * Hold cancellation off the calling thread (on 1), or let it in again (0), as
 * for something that must be done whole. What was held off is there
 * afterwards. Returns what it was before, to be restored, so that shields
 * nest:
 *
 *	int shield = green_shield(1);
 *	...
 *	green_shield(shield);
 *
 * An OS thread that is no runtime becomes one. Does not park. -EINVAL for any
 * other number, -ENOMEM when the runtime could not be made. Since 0.1.
 */
GREEN_API int green_shield(int on);

/**
 * Push a handler that is to run when the calling thread ends, in it: last in,
 * first out, before the destructors of keys, when its function returns or calls
 * green_exit(). Handlers run shielded and may park, and push others. They do
 * not run in threads that are abandoned, nor when the process exits.
 *
 * An OS thread that is no runtime becomes one; the handlers of a main flow run
 * when it calls green_exit() or its OS thread ends. Does not park.
 * Returns 0, -EINVAL for a NULL fn, -ENOMEM. Since 0.1.
 */
GREEN_API int green_cleanup_push(void (*fn)(void *arg), void *arg);

/**
 * Take off the handler that was pushed last, and run it, shielded, if run is 1;
 * not if it is 0. May park if the handler does. Returns 0, -EINVAL for any
 * other number, -ENOENT when there is none. Since 0.1.
 */
GREEN_API int green_cleanup_pop(int run);

/** A scope. Any thread that is certain that it has not been destroyed may
 * spawn into it, cancel it and let it fail, as its members are; to enter, wait
 * for and destroy it is for the green thread that created it. */
struct green_scope;

/** Flag: a failure cancels the scope. */
#define GREEN_SCOPE_FAIL_CANCELS 1

/** How a scope is to be made. Set size to sizeof(struct green_scope_attr) and
 * the rest to zero, then change what matters. */
struct green_scope_attr {
	/** sizeof(struct green_scope_attr). */
	size_t size;
	/** GREEN_SCOPE_FAIL_CANCELS. */
	uint64_t flags;
	/** When it passes, the scope is cancelled, and fails with -ETIMEDOUT
	 * unless it had failed before. 0: GREEN_NEVER. */
	int64_t deadline;
};

/**
 * Make a scope that is the calling thread's own, to be destroyed by it. attr
 * may be NULL. Does not park.
 *
 * Returns 0; -EINVAL for a NULL ret_scope, unknown flags, a negative deadline
 * or wrong attr->size; -E2BIG, -ENOMEM. Since 0.1.
 */
GREEN_API int green_scope_create(struct green_scope **ret_scope,
				 const struct green_scope_attr *attr);

/**
 * Make a green thread that is a member of the scope until it has ended, as
 * green_spawn() does with attr->scope: on the worker of the caller, joined or
 * detached by somebody (with ret_id NULL it is detached). In a scope that is
 * cancelled it starts, and its blocking calls fail. Does not park.
 *
 * Returns what green_spawn() returns, and -EINVAL for a NULL scope or an
 * attr->scope. Since 0.1.
 */
GREEN_API int
green_scope_spawn(struct green_scope *scope, green_t *ret_id,
		  const struct green_attr *attr, green_fn fn, void *arg);

/**
 * Wait until the scope has no members. May park.
 *
 * Returns 0, or when it has failed the first failure: what was given to
 * green_scope_fail(), or -ETIMEDOUT from its deadline. Before that, -EAGAIN or
 * -ETIMEDOUT as the parameter deadline says (green_scope_cancelled() tells the
 * two time-outs apart), and its members go on; -EINVAL for a NULL scope or a
 * negative deadline, -EPERM for anybody but its creator, -ECANCELED when the
 * caller is cancelled, -EINTR when green_interrupt() ended the wait. Since 0.1.
 */
GREEN_API int green_scope_wait(struct green_scope *scope, int64_t deadline);

/**
 * Cancel every thread in the scope, those that are spawned into it later too;
 * it stays so. Does not park. Returns 0, -EINVAL for NULL. Since 0.1.
 */
GREEN_API int green_scope_cancel(struct green_scope *scope);

/**
 * 1 if the scope is cancelled, by whatever, 0 if not; -EINVAL for NULL. Does
 * not park. Since 0.1.
 */
GREEN_API int green_scope_cancelled(struct green_scope *scope);

/**
 * Let the scope fail with a negative error, for green_scope_wait() to return;
 * the first one counts. With GREEN_SCOPE_FAIL_CANCELS it is cancelled, the
 * calling member too. Does not park. Returns 0; -EINVAL for a NULL scope or an
 * error that is not negative. Since 0.1.
 */
GREEN_API int green_scope_fail(struct green_scope *scope, int error);

/**
 * Enter a scope: until green_scope_leave() the calling thread, which created
 * it, is in it. Cancelling the scope, or its deadline, cancels the thread's
 * blocking calls, and ends with the leaving: a time-out for all that is done
 * between the two. The scopes that a thread is in are nested. A shield holds
 * off those that were entered before it, not those inside of it; leaving the
 * scope ends the shields in it. A thread that ends leaves all.
 *
 * Does not park. Returns 0; -EINVAL for NULL, -EPERM for anybody but its
 * creator, -EBUSY when it is entered already, -ENOMEM. Since 0.1.
 */
GREEN_API int green_scope_enter(struct green_scope *scope);

/**
 * Leave the scope that was entered last. Does not park.
 *
 * Returns 0, or when it has failed the first failure, as green_scope_wait()
 * does, and does not wait: -ETIMEDOUT only if a call has failed because of its
 * deadline. -EINVAL for NULL or a scope that is not entered, -EPERM for anybody
 * but its creator, -EBUSY when another one was entered inside and not left.
 * Since 0.1.
 */
GREEN_API int green_scope_leave(struct green_scope *scope);

/**
 * Cancel what is left in the scope, wait for it, and free the scope. The wait
 * is shielded: no cancellation or interruption of the caller ends it. All
 * members have ended afterwards; those with an id are still to be joined.
 * NULL is ignored. May park.
 *
 * Returns 0; -EPERM for anybody but its creator, and then nothing is done;
 * -EBUSY when it is entered. Since 0.1.
 */
GREEN_API int green_scope_destroy(struct green_scope *scope);

/**
 * Set a value of the scope under a key, which is any address that the program
 * owns, such as that of a static variable. All threads in the scope see it, and
 * those in scopes that they create afterwards; NULL hides one that the scope
 * itself has inherited. The value stays the caller's. Does not park.
 *
 * Returns 0; -EINVAL for a NULL scope or key, -EPERM for anybody but its
 * creator, -ENOMEM. Since 0.1.
 */
GREEN_API int
green_scope_value_set(struct green_scope *scope, const void *key, void *value);

/**
 * The value of the innermost scope that the calling thread is in, NULL if there
 * is none: its own, or what it inherited when it was created from the scope
 * that its creator was in. Does not park. Since 0.1.
 */
GREEN_API void *green_scope_value_get(const void *key);

#ifdef __cplusplus
}
#endif

#endif
