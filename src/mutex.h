/* SPDX-License-Identifier: MIT */
#ifndef GREEN__MUTEX_H
#define GREEN__MUTEX_H

/*
 * A mutex from inside: what a condition does with it.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <green/sync.h>

#include "wait.h"

enum mutex_state {
	MUTEX_FREE,
	MUTEX_HELD,
	MUTEX_AWAITED, /* held, and somebody may be in the queue */
};

struct mutex {
	struct wait_held held;
	_Atomic uint32_t state; /* enum mutex_state */
	uint32_t depth;         /* further locks of a recursive one's holder */
};

/* Who waits for one: the node, and as whom it will hold it. */
struct mutex_wait {
	struct wait_node node;
	uint64_t self;
};

/* Does the calling thread hold it, and may it use it? */
bool green__mutex_is_mine(struct mutex *m);

/* Unlock it, however often it was locked. Returns its depth, for whoever locks
 * it again for the same thread. */
uint32_t green__mutex_release(struct mutex *m);

/* Lock it for another thread, whose waiter is there and waits for nothing else:
 * that one is woken when it holds it, now or later. */
void green__mutex_pass(struct mutex *m, struct mutex_wait *wait);

#endif
