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
#ifdef HAVE_SYS_SINGLE_THREADED_H
#include <sys/single_threaded.h>
#endif

#include "base.h"

#define ID_INDEX_BITS 26
#define ID_GENERATION_BITS 38
#define ID_GENERATION_LAST ((UINT64_C(1) << ID_GENERATION_BITS) - 1)

struct thread;

struct id_entry {
	/* Generation << 1 | locked. Acquired by CAS, released by a store. */
	_Atomic uint64_t word;
	/* The thread alive under this generation, or NULL; while the entry is
	 * free, an odd number that links it. Changed under the lock, except
	 * that green__id_publish() fills in a new thread without: its id is
	 * not known to anybody. */
	void *_Atomic thread;
};

#define ID_CHUNK_BITS 12
#define ID_CHUNK_SIZE (1u << ID_CHUNK_BITS)
#define ID_CHUNKS (1u << (ID_INDEX_BITS - ID_CHUNK_BITS))

extern struct id_entry *_Atomic green__id_directory[ID_CHUNKS];

/* A free entry, and the index that belongs to it. NULL, and *ret_error is
 * -EAGAIN when all are in use or -ENOMEM. */
struct id_entry *green__id_alloc(uint32_t *ret_index, int *ret_error);
/* Give an entry without a thread back. */
void green__id_free(struct id_entry *e, uint32_t index);

/* The id under which the entry's thread is known now. */
uint64_t green__id_make(const struct id_entry *e, uint32_t index);

/* Is this OS thread the only one of the process? */
static inline bool
green__alone(void)
{
#ifdef HAVE_SYS_SINGLE_THREADED_H
	return __libc_single_threaded;
#else
	return false;
#endif
}

/* The entry at an index, or NULL past the end; and the thread that it holds
 * now, or NULL. */
static inline struct id_entry *
green__id_at(uint32_t index)
{
	struct id_entry *chunk;

	if (index >> ID_CHUNK_BITS >= ID_CHUNKS)
		return NULL;
	/* Pairs with the release store in new_entry(). */
	chunk = atomic_load_explicit(
		&green__id_directory[index >> ID_CHUNK_BITS],
		memory_order_acquire);
	return chunk ? &chunk[index & (ID_CHUNK_SIZE - 1)] : NULL;
}

static inline struct thread *
green__id_thread(struct id_entry *e)
{
	/* Pairs with the release store in green__id_publish(). */
	void *t = atomic_load_explicit(&e->thread, memory_order_acquire);

	return (uintptr_t)t & 1 ? NULL : t;
}

static inline void
green__id_publish(struct id_entry *e, struct thread *t)
{
	/* Pairs with the acquire load in green__id_thread(). */
	atomic_store_explicit(&e->thread, t, memory_order_release);
}

/* Lock and unlock with other OS threads about: lock if the word is still that
 * without the lock bit, false if not. */
bool green__id_lock_shared(struct id_entry *e, uint64_t word);
void green__id_unlock_shared(struct id_entry *e);

/* While this OS thread is alone nobody can hold a lock, and no OS thread is
 * made in a locked stretch: then nothing is written at all. */
static inline bool
green__id_lock_word(struct id_entry *e, uint64_t word)
{
	if (likely(green__alone()))
		return atomic_load_explicit(&e->word, memory_order_relaxed) ==
		       word;
	return green__id_lock_shared(e, word);
}

static inline void
green__id_unlock(struct id_entry *e)
{
	if (unlikely(!green__alone()))
		green__id_unlock_shared(e);
}

/* Lock the entry of an id and return its thread; NULL, and nothing locked, if
 * the id is stale or never was. */
static inline struct thread *
green__id_lock(uint64_t id, struct id_entry **ret_entry)
{
	uint32_t index = (uint32_t)id & ((1u << ID_INDEX_BITS) - 1);
	struct id_entry *e = green__id_at(index);
	struct thread *t;

	if (unlikely(!e) ||
	    unlikely(!green__id_lock_word(e, id >> ID_INDEX_BITS << 1)))
		return NULL;
	t = green__id_thread(e);
	if (unlikely(!t)) {
		green__id_unlock(e);
		return NULL;
	}
	*ret_entry = e;
	return t;
}

/* Lock an entry whatever its generation. */
void green__id_relock_shared(struct id_entry *e);
static inline void
green__id_relock(struct id_entry *e)
{
	if (unlikely(!green__alone()))
		green__id_relock_shared(e);
}

/* The thread is gone: its id is stale from now on. With the lock held; false
 * when the entry has no generation left and must not be used again. Release
 * pairs with the acquire in green__id_lock_shared(): whoever finds the id
 * stale sees what was done before, though the lock is still held. */
static inline bool
green__id_retire(struct id_entry *e)
{
	/* Two is one generation; the lock bit stays as it is. */
	uint64_t word = atomic_load_explicit(&e->word, memory_order_relaxed) +
			2;

	atomic_store_explicit(&e->thread, NULL, memory_order_relaxed);
	atomic_store_explicit(&e->word, word, memory_order_release);
	return word >> 1 <= ID_GENERATION_LAST;
}

/* Around fork(). In the child no lock is held afterwards. A thread whose entry
 * another OS thread had locked may be half released: it is forgotten, unless
 * the entry is own, the one of the thread that forks. */
void green__id_fork_prepare(void);
void green__id_fork_parent(void);
void green__id_fork_child(const struct id_entry *own);

/* For tests: generation at which new entries begin. */
void green__id_first_generation(uint64_t generation);

#endif
