/* SPDX-License-Identifier: MIT */
#ifndef GREEN__LOBBY_H
#define GREEN__LOBBY_H

/*
 * A lobby: where threads that have not started wait, one per worker, in the
 * order in which they came, or the newest first if they were made so. Any OS
 * thread may put one in; any worker of the runtime may take some out, except
 * those that are pinned. That of a worker without a runtime is for the newest
 * first only: the others wait in its run queue.
 *
 * Everything in it, and the link of each thread that is in it, is under its
 * lock; only the counts are also read without, to know whether a look is worth
 * while. The lock is held for a few instructions: nothing is allocated and no
 * other lock is taken under it.
 *
 * Rejected: demand sharing, in which the thief asks and the owner answers when
 * it next switches. It saves the owner a locked instruction for each thread
 * that it starts, but none where it counts, in a yield, which knows of no lobby
 * at all; and an owner that computes without switching keeps what it has, so
 * that a second way must be there, with membarrier(2), which takes 10 us and
 * that emulators do not have. Rejected: stealing from the run queue: an entry
 * there belongs to a thread that may have started, and those do not move.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct thread;

struct lobby_line {
	struct thread *first, *last;
	_Atomic uint32_t count;
};

enum lobby_kind {
	LOBBY_FREE,   /* any worker may take these */
	LOBBY_NEWEST, /* these, too; the owner takes from the end */
	LOBBY_PINNED, /* for the owner only */
	LOBBY_KINDS,
};

struct lobby {
	_Atomic uint32_t lock;
	uint32_t turn; /* which line the owner took from */
	struct lobby_line line[LOBBY_KINDS];
};

/* An empty one, whatever it was before. */
void green__lobby_init(struct lobby *l);

/* At the end of its line: T_PINNED and T_NEWEST say which. */
void green__lobby_push(struct lobby *l, struct thread *t);

/* For the owner: the one that has waited longest, or the newest, of the lines
 * by turns; NULL: there is none. */
struct thread *green__lobby_pop(struct lobby *l);

/* For thieves: half of a line that may be taken from, the oldest, but most at
 * the most; linked by place.next. NULL: there is none. */
struct thread *green__lobby_split(struct lobby *l, uint32_t most);

/* Take one out that may be in l; false if it is not there. */
bool green__lobby_remove(struct lobby *l, struct thread *t);

/* How many there are for any worker, and for the owner. Sequentially
 * consistent: pairs with the count in green__lobby_push(), so that a worker
 * which looks after it has said that it sleeps misses none. */
static inline uint32_t
green__lobby_free(const struct lobby *l)
{
	return atomic_load(&l->line[LOBBY_FREE].count) +
	       atomic_load(&l->line[LOBBY_NEWEST].count);
}

static inline uint32_t
green__lobby_all(const struct lobby *l)
{
	return green__lobby_free(l) + atomic_load(&l->line[LOBBY_PINNED].count);
}

#endif
