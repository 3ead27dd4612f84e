/* SPDX-License-Identifier: MIT */
#ifndef GREEN_SELECT_H
#define GREEN_SELECT_H

/*
 * Select: wait for several things, and do one of them.
 *
 *	struct green_clause c[2] = {
 *		{ .kind = GREEN_CLAUSE_RECV, .object = ch,
 *		  .item = &n, .size = sizeof(n) },
 *		{ .kind = GREEN_CLAUSE_THREAD, .id = worker },
 *	};
 *
 *	switch (green_select(c, 2, green_after(GREEN_SECOND))) {
 *	case 0: ...	n was received, or c[0].result says why not
 *	case 1: ...	worker has ended and was joined, c[1].value is its
 *	case -ETIMEDOUT: ...
 *	}
 */

#include <green/base.h>
#include <green/thread.h>
#include <green/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a clause stands for. None: it is never chosen; so clauses can be
 * turned off without moving the others. */
#define GREEN_CLAUSE_NONE 0
/** green_chan_send(object, item, size). */
#define GREEN_CLAUSE_SEND 1
/** green_chan_recv(object, item, size). */
#define GREEN_CLAUSE_RECV 2
/** The time of the clause has come; GREEN_NEVER never does. */
#define GREEN_CLAUSE_TIMER 3
/** green_join(id, &value). */
#define GREEN_CLAUSE_THREAD 4
/** green_sem_wait(object). */
#define GREEN_CLAUSE_SEM 5
/** green_event_wait(object). */
#define GREEN_CLAUSE_EVENT 6
/** green_offload_wait(object, &value): when it is chosen with the result 0 the
 * job is gone. */
#define GREEN_CLAUSE_JOB 7
/** The descriptor id, which may be 0, can be read from: there is something, or
 * the end, or an error. Nothing is read. The result is 0, or -EBADF if it is
 * not open, or green_close() or green_fd_forget() came meanwhile. */
#define GREEN_CLAUSE_READABLE 8
/** The same for writing to it. */
#define GREEN_CLAUSE_WRITABLE 9
/** green_signal_wait(object, &count): the result is the number of the signal,
 * the count is in value, as a number. */
#define GREEN_CLAUSE_SIGNAL 10
/** green_child_wait(id, &status): the status is in value, as a number. The
 * result is -ENOSYS where the kernel has no pidfd_open(2), -EMFILE when no
 * descriptor is left. */
#define GREEN_CLAUSE_CHILD 11

/**
 * One of the things to wait for. Fields that its kind does not use, and those
 * without a meaning yet, are zero. It has 64 bytes on 64-bit systems, for ever.
 */
struct green_clause {
	/** GREEN_CLAUSE_*. */
	uint32_t kind;
	/** How it ended, if it was chosen: what the call for which it stands
	 * returns, 0 or -EPIPE, -ESRCH, ... */
	int32_t result;
	/** The channel, semaphore, event, job or signal. */
	void *object;
	/** What to send; it is only read. Where to receive to. */
	void *item;
	/** Bytes of item. */
	uint64_t size;
	/** The thread, the descriptor, or the child. */
	uint64_t id;
	/** The time, see green/time.h. */
	int64_t time;
	/** What the thread, or the function of the job, returned, if it was
	 * chosen with the result 0. */
	void *value;
	/** Zero. */
	uint64_t reserved;
};

/**
 * Wait until one of n clauses can be done without waiting, and do that one.
 *
 * If several can, each of them is chosen with equal probability. The one that
 * is chosen has its result set, and with it value or *item; the others are as
 * they were, and nothing of them has happened. A clause whose call fails at
 * once (the channel is closed, the thread is gone) counts as one that can be
 * done. The same object may be in several clauses, in both directions too: a
 * select does not meet itself. When the deadline passes together with the
 * time of a clause, the clause is chosen. n 0 waits for the deadline alone,
 * clauses may be NULL then. More than 8 clauses take memory from the heap.
 * For deadline see green/time.h. May park.
 *
 * Returns the index of the clause; otherwise nothing has happened: -EAGAIN or
 * -ETIMEDOUT as the deadline says; -EINVAL for a negative deadline, NULL
 * clauses, n above 2^30, or a clause with an unknown kind, a NULL object or
 * item, id 0, a negative time or a field that is not zero and should be;
 * -EMSGSIZE for a size that is not that of the channel's items; -EPERM for a
 * private object of others; -ENOMEM; -EMFILE when no descriptor was left for
 * the poller; -EINTR when green_interrupt() ended the wait; -ECANCELED when the
 * caller is cancelled. Since 0.1.
 */
GREEN_API int
green_select(struct green_clause *clauses, size_t n, int64_t deadline);

#ifdef __cplusplus
}
#endif

#endif
