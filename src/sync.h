/* SPDX-License-Identifier: MIT */
#ifndef GREEN__SYNC_H
#define GREEN__SYNC_H

/*
 * What the objects of green/sync.h have in common: how they begin and end, and
 * by what number a holder is known.
 */

#include <stddef.h>
#include <stdint.h>

#include <green/sync.h>

#include "os.h"
#include "wait.h"

/* Make an object that begins with a wait_queue. known: flags that it knows.
 * Returns what the init functions return. */
int green__sync_init(void *object, size_t size,
		     const struct green_sync_attr *attr, uint64_t known);

/* Two halves of a fini function: 0 and the queue locked, or an error; then the
 * unlock, and what the function returns. */
int green__sync_fini_lock(struct wait_queue *q);
int green__sync_fini(struct wait_queue *q, size_t size, bool busy);

/* The calling thread as the holder of something: its id, or for an OS thread
 * that is no worker its number, which is less than any id. Never 0. */
static inline uint64_t
green__sync_self(void)
{
	const struct worker *w = green__worker;

	return likely(w != NULL) ? w->current->id : green__os_thread();
}

/* Is that, to whom an object belongs, the calling thread? A main flow may have
 * locked something before its OS thread became a worker. */
static inline bool
green__sync_is_self(uint64_t holder)
{
	const struct worker *w = green__worker;

	return holder == green__sync_self() ||
	       (w && w->current->flags & T_MAIN &&
		holder == green__os_thread());
}

#endif
