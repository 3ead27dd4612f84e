/* SPDX-License-Identifier: MIT */
/*
 * The table of thread ids.
 *
 * A directory of chunks, filled as needed, never given back: entries are
 * type-stable, so a lookup by a stale id reads a valid entry whatever happens
 * meanwhile. A chunk is published by a release store that pairs with the
 * acquire load in green__id_at().
 *
 * Rejected: a lock-free join word in the control block. It saves one locked
 * instruction in processes with several OS threads, and needs hazard pointers
 * or an unmappable slab to keep a remote lookup from touching a control block
 * that its owner recycles.
 */

#include "config.h"

#include "id.h"

#include "base.h"
#include "mem.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#define LOCKED UINT64_C(1)

struct id_entry *_Atomic green__id_directory[ID_CHUNKS];
/* Under table_lock: entries handed out so far, and those given back. */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t used;
static uint32_t free_list; /* index + 1 of the first; 0: none */
static uint64_t first_generation = 1;

static uint64_t
generation(const struct id_entry *e)
{
	return atomic_load_explicit(&((struct id_entry *)e)->word,
				    memory_order_relaxed) >>
	       1;
}

uint64_t
green__id_make(const struct id_entry *e, uint32_t index)
{
	return generation(e) << ID_INDEX_BITS | index;
}

/* Under table_lock: the next entry that was never used. */
static struct id_entry *
new_entry(uint32_t *ret_index, int *ret_error)
{
	struct id_entry *e, *chunk;

	*ret_error = -EAGAIN;
	if (used == ID_CHUNKS * ID_CHUNK_SIZE)
		return NULL;
	e = green__id_at(used);
	if (!e) {
		chunk = green__map(ID_CHUNK_SIZE * sizeof(*chunk));
		*ret_error = -ENOMEM;
		if (!chunk)
			return NULL;
		/* Pairs with the acquire load in green__id_at(). */
		atomic_store_explicit(
			&green__id_directory[used >> ID_CHUNK_BITS], chunk,
			memory_order_release);
		e = chunk;
	}
	/* Whoever walks over the whole table may hold its lock already. */
	green__id_relock(e);
	atomic_fetch_add_explicit(&e->word, first_generation << 1,
				  memory_order_relaxed);
	green__id_unlock(e);
	*ret_index = used++;
	return e;
}

/* How a free entry links the next one: odd, so that it is no thread. */
static void *
link_make(uint32_t next)
{
	return (void *)((uintptr_t)next << 1 | 1);
}

static uint32_t
link_next(struct id_entry *e)
{
	return (uint32_t)((uintptr_t)atomic_load(&e->thread) >> 1);
}

struct id_entry *
green__id_alloc(uint32_t *ret_index, int *ret_error)
{
	struct id_entry *e;

	pthread_mutex_lock(&table_lock);
	if (free_list) {
		*ret_index = free_list - 1;
		e = green__id_at(*ret_index);
		free_list = link_next(e);
		e->thread = NULL;
	} else {
		e = new_entry(ret_index, ret_error);
	}
	pthread_mutex_unlock(&table_lock);
	return e;
}

void
green__id_free(struct id_entry *e, uint32_t index)
{
	pthread_mutex_lock(&table_lock);
	e->thread = link_make(free_list);
	free_list = index + 1;
	pthread_mutex_unlock(&table_lock);
}

bool
green__id_lock_shared(struct id_entry *e, uint64_t word)
{
	unsigned spins = 0;
	uint64_t seen = word;

	/* Acquire pairs with the release stores in green__id_unlock_shared()
	 * and, when the id turns out stale, green__id_retire(): a joiner then
	 * wants to see what the thread that ended has written. */
	while (!atomic_compare_exchange_weak_explicit(
		&e->word, &seen, word | LOCKED, memory_order_acquire,
		memory_order_acquire)) {
		if ((seen & ~LOCKED) != word)
			return false;
		seen = word;
		if (++spins % 64 == 0)
			sched_yield();
	}
	return true;
}

void
green__id_relock_shared(struct id_entry *e)
{
	while (!green__id_lock_shared(
		e,
		atomic_load_explicit(&e->word, memory_order_relaxed) & ~LOCKED))
		;
}

void
green__id_unlock_shared(struct id_entry *e)
{
	/* Release pairs with the acquire in green__id_lock_shared(). Only the
	 * holder writes while the lock bit is set, so a plain load is exact. */
	atomic_store_explicit(
		&e->word,
		atomic_load_explicit(&e->word, memory_order_relaxed) & ~LOCKED,
		memory_order_release);
}

void
green__id_fork_prepare(void)
{
	pthread_mutex_lock(&table_lock);
}

void
green__id_fork_parent(void)
{
	pthread_mutex_unlock(&table_lock);
}

void
green__id_fork_child(const struct id_entry *own)
{
	struct id_entry *e;
	uint32_t i;

	pthread_mutex_unlock(&table_lock);
	for (i = 0; i < used; i++) {
		e = green__id_at(i);
		/* Written only if need be: the pages are the parent's too. */
		if (!(atomic_load_explicit(&e->word, memory_order_relaxed) &
		      LOCKED))
			continue;
		if (e != own && green__id_thread(e))
			green__id_retire(e);
		green__id_unlock_shared(e);
	}
}

void
green__id_first_generation(uint64_t g)
{
	first_generation = g;
}
