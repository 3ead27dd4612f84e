/* SPDX-License-Identifier: MIT */
#ifndef GREEN__ID_H
#define GREEN__ID_H

/*
 * Ids of threads: 26 bits of index into a table of the whole process, 38 bits
 * of generation. The entry, not the control block, knows the generation, so a
 * stale id never touches memory that was given back.
 *
 * Each entry has a lock. Whatever looks a thread up by id holds it while it
 * looks at the control block; the end of a thread and its release hold it
 * too. So join, detach and the end of a thread exclude each other whichever
 * OS threads they run on, and a control block cannot vanish under a lookup.
 * While the process has one OS thread the lock costs a load and a branch.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define ID_INDEX_BITS 26
#define ID_GENERATION_BITS 38
#define ID_GENERATION_LAST ((UINT64_C(1) << ID_GENERATION_BITS) - 1)

struct thread;

struct id_entry {
	/* Generation << 1 | locked. Acquired by CAS, released by a store. */
	_Atomic uint64_t word;
	/* The thread alive under this generation, or NULL; while the entry is
	 * in the free list, an odd number that links it. Under the lock. */
	void *thread;
};

/* A free entry, and the index that belongs to it. NULL, and *ret_error is
 * -EAGAIN when all are in use or -ENOMEM. */
struct id_entry *green__id_alloc(uint32_t *ret_index, int *ret_error);
/* Give an entry without a thread back. */
void green__id_free(struct id_entry *e, uint32_t index);

/* The id under which the entry's thread is known now. */
uint64_t green__id_make(const struct id_entry *e, uint32_t index);

/* Lock the entry of an id and return its thread; NULL, and nothing locked, if
 * the id is stale or never was. */
struct thread *green__id_lock(uint64_t id, struct id_entry **ret_entry);
void green__id_relock(struct id_entry *e);
void green__id_unlock(struct id_entry *e);

/* The thread is gone: its id is stale from now on. With the lock held; false
 * when the entry has no generation left and must not be used again. */
bool green__id_retire(struct id_entry *e);

/* To walk over all: the entry at an index, or NULL past the end, and the
 * thread that it holds now, or NULL. */
struct id_entry *green__id_at(uint32_t index);
struct thread *green__id_thread(const struct id_entry *e);

/* After fork(), in the child: no lock is held. Around fork(). */
void green__id_fork_prepare(void);
void green__id_fork_done(bool child);

/* For tests: generation at which new entries begin. */
void green__id_first_generation(uint64_t generation);

/* Is this OS thread the only one of the process? */
bool green__alone(void);

#endif
