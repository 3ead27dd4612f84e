/* SPDX-License-Identifier: MIT */
/*
 * Control blocks: slab, release, names.
 *
 * A block of the slab keeps its table entry for life, so that a spawn on a
 * warm slab touches no lock: pop the block, done. Only a block whose entry
 * has used up its generations gets a new entry. The embedder's blocks borrow
 * an entry and give it back.
 *
 * Blocks released by another OS thread (a remote join) come back through the
 * `remote` stack: pushed one by one, taken as a whole, so there is no ABA.
 */

#include "config.h"

#include "thread.h"

#include "base.h"
#include "mem.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

_Static_assert(sizeof(void *) != 8 || sizeof(struct thread) == 192,
	       "three cache lines");
_Static_assert(sizeof(void *) != 8 || offsetof(struct thread, fn) == 64,
	       "the switch touches one line");

#define CHUNK_THREADS 1024

struct slab_chunk {
	struct slab_chunk *next;
	char pad[64 - sizeof(void *)];
	struct thread threads[CHUNK_THREADS];
};

static uint32_t
index_of(const struct thread *t)
{
	return (uint32_t)t->id & ((1u << ID_INDEX_BITS) - 1);
}

static struct thread *
take_fresh(struct thread_slab *slab)
{
	struct slab_chunk *c = slab->chunks;

	if (!c || slab->fresh == CHUNK_THREADS) {
		c = green__map(sizeof(*c));
		if (!c)
			return NULL;
		green__tools_root(c, sizeof(*c));
		c->next = slab->chunks;
		slab->chunks = c;
		slab->fresh = 0;
	}
	return &c->threads[slab->fresh++];
}

static struct thread *
take_block(struct thread_slab *slab)
{
	struct thread *t = slab->free;

	if (!t) {
		/* Acquire pairs with the release push in free_remote(). */
		t = atomic_exchange_explicit(&slab->remote, NULL,
					     memory_order_acquire);
	}
	if (!t)
		return take_fresh(slab);
	slab->free = t->sp;
	return t;
}

/* A clean block goes back to the slab of another OS thread. */
static void
free_remote(struct thread *t, struct thread_slab *slab)
{
	struct thread *head;

	head = atomic_load_explicit(&slab->remote, memory_order_relaxed);
	do
		t->sp = head;
	/* Release pairs with the acquire exchange in take_block(). */
	while (!atomic_compare_exchange_weak_explicit(&slab->remote, &head, t,
						      memory_order_release,
						      memory_order_relaxed));
}

/* Give t an entry of its own. */
static int
enter(struct thread *t)
{
	uint32_t index;
	int error;

	t->entry = green__id_alloc(&index, &error);
	if (!t->entry)
		return error;
	t->id = green__id_make(t->entry, index);
	return 0;
}

struct thread *
green__thread_alloc_slow(struct worker *w, struct thread_slab *slab,
			 void *control, int *ret_error)
{
	struct thread *t;

	if (control)
		t = memset(control, 0, sizeof(*t));
	else
		t = take_block(slab);
	*ret_error = -ENOMEM;
	if (!t)
		return NULL;
	if (!t->entry && (*ret_error = enter(t))) {
		if (!control)
			green__thread_free(t, slab);
		return NULL;
	}
	t->worker = w;
	t->flags = T_NEW;
	return t;
}

static void
free_extras(struct thread *t)
{
	green__keys_free(t);
	if (t->extra) {
		green__cleanups_free(t);
		green__tools_forget(&t->extra->tools, t->extra->valgrind_id);
		green__free(t->extra);
		t->extra = NULL;
	}
}

/* The embedder's memory: not ours to touch once the lock is released. */
static void
release_control(struct thread *t)
{
	struct id_entry *e = t->entry;
	uint32_t index = index_of(t);
	bool usable = green__id_retire(e);

	green__id_unlock(e);
	if (usable)
		green__id_free(e, index);
}

void
green__thread_release(struct thread *t, struct thread_slab *slab, bool local)
{
	const struct green_hooks *hooks = t->hooks;
	struct id_entry *e = t->entry;
	void *user = t->user;

	free_extras(t);
	t->hooks = NULL;
	if (t->flags & T_CONTROL) {
		release_control(t);
	} else {
		green__thread_reset(t);
		if (local)
			green__thread_free(t, slab);
		else
			free_remote(t, slab);
		green__id_unlock(e);
	}
	if (hooks && hooks->destroy)
		hooks->destroy(user);
}

/* Behind the newest chunk, of which alone only a part was used: the rest of
 * one that comes here is zero, as if it had given its entries back. */
void
green__thread_slab_move(struct thread_slab *to, struct thread_slab *from)
{
	struct slab_chunk **end = &from->chunks;

	while (*end)
		end = &(*end)->next;
	*end = to->chunks->next;
	to->chunks->next = from->chunks;
	memset(from, 0, sizeof(*from));
}

void
green__thread_slab_destroy(struct thread_slab *slab)
{
	struct slab_chunk *c = slab->chunks, *next;
	uint32_t i, n = slab->fresh;

	for (; c; c = next, n = CHUNK_THREADS) {
		next = c->next;
		for (i = 0; i < n; i++)
			if (c->threads[i].entry)
				green__id_free(c->threads[i].entry,
					       index_of(&c->threads[i]));
		green__tools_unroot(c, sizeof(*c));
		green__unmap(c, sizeof(*c));
	}
	memset(slab, 0, sizeof(*slab));
}

struct thread_extra *
green__thread_extra(struct thread *t)
{
	if (!t->extra) {
		t->extra = green__alloc(sizeof(*t->extra));
		t->flags |= T_UNUSUAL;
	}
	return t->extra;
}

int
green__thread_rename(struct thread *t, const char *name)
{
	struct thread_extra *x = t->extra;

	if (!name || !*name) {
		if (x)
			x->name[0] = '\0';
		return 0;
	}
	x = green__thread_extra(t);
	if (!x)
		return -ENOMEM;
	strncpy(x->name, name, sizeof(x->name) - 1);
	return 0;
}

const char *
green__thread_name(const struct thread *t)
{
	return t->extra ? t->extra->name : "";
}
