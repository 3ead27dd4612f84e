/* SPDX-License-Identifier: MIT */
#ifndef GREEN_SCOPE_H
#define GREEN_SCOPE_H

/*
 * Cancellation: to ask a thread to end.
 *
 *	green_cancel(id);
 *	green_join(id, &value, GREEN_NEVER);
 *
 * A cancelled thread is not stopped: from then on, each of its calls that can
 * block returns -ECANCELED, and it goes home as it does after any other error.
 * Calls that can block are those that may park and have a deadline: all of
 * them, also when they could succeed at once, and with deadline 0. What it was
 * waiting for is not touched: a cancelled receive has taken nothing.
 *
 * -ECANCELED always means that the caller itself is cancelled.
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

#ifdef __cplusplus
}
#endif

#endif
