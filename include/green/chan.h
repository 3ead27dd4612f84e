/* SPDX-License-Identifier: MIT */
#ifndef GREEN_CHAN_H
#define GREEN_CHAN_H

/*
 * Channels: items of one size, handed from whoever sends to whoever receives.
 *
 *	struct green_chan *ch;
 *	int n = 42;
 *
 *	green_chan_create(&ch, sizeof(n), 0, NULL);
 *	green_chan_send(ch, &n, sizeof(n), GREEN_NEVER);	(one thread)
 *	green_chan_recv(ch, &n, sizeof(n), GREEN_NEVER);	(another)
 *
 * Any number of green threads, of any worker, and of plain pthreads may send
 * and receive; a pthread is blocked where a green thread parks. Items are
 * copied, from the sender's memory into the receiver's if one of them waits,
 * and arrive in the order in which they were sent. Both kinds of waiters are
 * served first come, first served.
 *
 * Each call says how large its item is, and is refused if that is not the
 * channel's size: a buffer too small would be overwritten, and the compiler
 * cannot see it.
 */

#include <green/base.h>
#include <green/sync.h>
#include <green/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A channel; libgreen's own. */
struct green_chan;

/** Capacity: as many items as there is memory for. */
#define GREEN_CHAN_UNBOUNDED 9223372036854775807LL

/**
 * How a channel is to be made. Set size to sizeof(struct green_chan_attr) and
 * the rest to zero, then change what matters.
 */
struct green_chan_attr {
	/** sizeof(struct green_chan_attr). */
	size_t size;
	/** GREEN_PRIVATE: see green/sync.h. */
	uint64_t flags;
};

/**
 * Make a channel for items of item_size bytes, 0 for signals without data.
 *
 * capacity is how many items it holds for receivers to come. With 0 each send
 * waits until its item is taken. With GREEN_CHAN_UNBOUNDED no send waits. The
 * memory of a bounded one is taken here. attr may be NULL. Does not park.
 *
 * Returns 0; -EINVAL for a NULL ch, a negative capacity, unknown flags or
 * a wrong attr->size; -E2BIG for fields unknown to this library; -ENOMEM.
 * Since 0.1.
 */
GREEN_API int
green_chan_create(struct green_chan **ch, size_t item_size, int64_t capacity,
		  const struct green_chan_attr *attr);

/**
 * The end of a channel: frees it, with the items that nobody has taken. NULL
 * does nothing. Nobody may use it afterwards. Does not park.
 *
 * Returns 0; -EBUSY, and it stays as it is, while somebody waits or has not
 * returned from waiting; -EPERM for a private one of others. Since 0.1.
 */
GREEN_API int green_chan_destroy(struct green_chan *ch);

/**
 * Send a copy of *item, size bytes: to the receiver that has waited longest;
 * if none waits, into the channel; if it is full, wait until there is room.
 * For deadline see green/time.h. item may be NULL if size is 0. May park.
 *
 * Returns 0 when the item was taken or stored; otherwise it was not, and never
 * will be: -EPIPE when the channel is closed, or was while waiting; -EAGAIN or
 * -ETIMEDOUT as the deadline says; -EMSGSIZE when size is not that of the
 * channel's items; -EINVAL for a NULL ch or item or a negative deadline;
 * -ENOMEM when an unbounded channel cannot grow; -EINTR when green_interrupt()
 * ended the wait; -ECANCELED when the caller is cancelled; -EPERM for a
 * private one of others. Since 0.1.
 */
GREEN_API int green_chan_send(struct green_chan *ch, const void *item,
			      size_t size, int64_t deadline);

/**
 * Receive the oldest item into *item, size bytes; if there is none, wait for
 * one. For deadline see green/time.h. item may be NULL if size is 0. May park.
 *
 * Returns 0; otherwise no item was lost and *item is as it was: -EPIPE when
 * the channel is closed and empty; -EAGAIN or -ETIMEDOUT as the deadline
 * says; -EMSGSIZE when size is not that of the channel's items; -EINVAL for
 * a NULL ch or item or a negative deadline; -EINTR when green_interrupt()
 * ended the wait; -ECANCELED when the caller is cancelled; -EPERM for a
 * private one of others. Since 0.1.
 */
GREEN_API int green_chan_recv(struct green_chan *ch, void *item, size_t size,
			      int64_t deadline);

/**
 * Nothing more will be sent. Whoever sends, now or later, gets -EPIPE, those
 * who wait to send too; receivers get what the channel holds, then -EPIPE.
 * Does not park.
 *
 * Returns 0; -EALREADY when it is closed already; -EINVAL for NULL; -EPERM
 * for a private one of others. Since 0.1.
 */
GREEN_API int green_chan_close(struct green_chan *ch);

/**
 * How many items the channel holds; those of senders that wait are not
 * counted. It may be different by the time the caller looks at it. Does not
 * park. Returns the number; -EINVAL for NULL; -EPERM for a private one of
 * others. Since 0.1.
 */
GREEN_API int64_t green_chan_len(struct green_chan *ch);

#ifdef __cplusplus
}
#endif

#endif
