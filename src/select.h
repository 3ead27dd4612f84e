/* SPDX-License-Identifier: MIT */
#ifndef GREEN__SELECT_H
#define GREEN__SELECT_H

/*
 * What each kind of clause can do, for green_select(). A new kind is a table
 * more: the file of its object has it, select.c its place among the kinds.
 */

#include <stdbool.h>

#include <green/select.h>

#include "wait.h"

enum {
	CLAUSE_OBJECT = 1 << 0, /* uses object, which is not NULL */
	CLAUSE_ITEM = 1 << 1,   /* item and size */
	CLAUSE_ID = 1 << 2,     /* id, which is not 0 */
	CLAUSE_TIME = 1 << 3,   /* time, which is not negative */
	CLAUSE_FD = 1 << 4,     /* id, which may be anything */
};

struct clause_ops {
	unsigned fields; /* CLAUSE_* */
	/* Arguments beyond that, and may the calling thread use the object? 0
	 * or what green_select() returns. May be NULL. */
	int (*check)(const struct green_clause *c);

	/* Of one that waits for a descriptor, otherwise NULL: for which one; a
	 * negative error is the result of the clause. May be opened for this
	 * select only: close, otherwise NULL, is called in the end. */
	int (*fd)(const struct green_clause *c);
	void (*close)(int fd);
	short events; /* POLLIN or POLLOUT, for that */

	/* All that follows is called with the lock held: that of the queue with
	 * which the object begins; for a thread that of its id entry; for a
	 * descriptor that of its entry. */

	/* Would the call return at once? Not for a descriptor: that is polled
	 * before, without locks. */
	bool (*ready)(const struct green_clause *c);
	/* Make it, and fill in the result. False: it would wait after all,
	 * because who was found waiting has just given up. */
	bool (*act)(struct green_clause *c);
	/* Begin to wait: fill in the node, and link it. Not for a descriptor.
	 */
	void (*link)(const struct green_clause *c, struct wait_node *node);
	/* May be NULL. After act(), with no other lock held, instead of the
	 * unlock. */
	void (*release)(struct green_clause *c);
	/* May be NULL. The wait was ended by this node; without locks. */
	void (*fetch)(struct green_clause *c, const struct wait_node *node);
};

extern const struct clause_ops green__clause_send, green__clause_recv,
	green__clause_sem, green__clause_event, green__clause_thread,
	green__clause_job, green__clause_readable, green__clause_writable,
	green__clause_signal, green__clause_child;

#endif
