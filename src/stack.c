/* SPDX-License-Identifier: MIT */
/*
 * Stack pools: rights, taking and giving back. What is where: pool.h.
 *
 * Chunks grow from 16 slots to 512 or 64 MiB, so that a small program makes
 * few guards and a big one few system calls; slabs double from 64 MiB to
 * 32 GiB, so that a million stacks are a dozen mappings.
 *
 * The tops of neighbouring stacks are shifted against each other by 0 to 15
 * cache lines (colour): equal depths of equal threads would otherwise fall
 * into the same cache set. A shallow thread still touches one page only.
 *
 * Rejected: a free list threaded through the stacks (touches cold pages, and
 * an overflow or a stray write would corrupt it); one list for all classes
 * with splitting and merging (address space is cheap).
 */

#include "config.h"

#include "stack.h"

#include "base.h"
#include "guard.h"
#include "mem.h"
#include "pool.h"
#include "tools.h"

#include <errno.h>
#include <sys/mman.h>

#include <green/thread.h>

#define SLOT_MIN_SHIFT 15
#define STACK_SIZE_MAX ((uint64_t)1 << 30)

#define CHUNK_SLOTS_MIN 16
#define CHUNK_SLOTS_MAX 512
#define CHUNK_BYTES_MAX ((size_t)64 << 20)

#if UINTPTR_MAX > UINT32_MAX
#define SLAB_MIN ((size_t)64 << 20)
#define SLAB_MAX ((size_t)32 << 30)
#else
#define SLAB_MIN ((size_t)1 << 20)
#define SLAB_MAX ((size_t)64 << 20)
#endif

static size_t
slot_of(const struct stack_class *c)
{
	return (size_t)1 << c->shift;
}

struct stack_pool *
green__stack_pool_create(void)
{
	struct stack_pool *pool = green__alloc(sizeof(*pool));

	if (!pool)
		return NULL;
	for (unsigned i = 0; i < STACK_CLASSES; i++) {
		struct stack_class *c = &pool->classes[i];

		c->shift = (uint8_t)(SLOT_MIN_SHIFT + i);
		if (slot_of(c) > green__guard_size())
			c->size = (uint32_t)(slot_of(c) - green__guard_size());
	}
	return pool;
}

void
green__stack_pool_destroy(struct stack_pool *pool)
{
	if (!pool)
		return;
	for (unsigned i = 0; i < STACK_CLASSES; i++) {
		struct stack_class *c = &pool->classes[i];

		if (c->growing)
			continue; /* we are in the child of a fork */
		for (size_t k = 0; k < c->nslabs; k++)
			green__slab_release(&c->slabs[k]);
		for (unsigned g = 0; g < 3; g++)
			green__guard_release(g, c->guards[g]);
		green__free(c->slabs);
		green__free(c->fresh);
		green__free(c->free);
	}
	green__free(pool);
}

int
green__stack_class(uint64_t size)
{
	size_t guard = green__guard_size();

	if (!size)
		size = GREEN_STACK_DEFAULT;
	if (size > STACK_SIZE_MAX)
		return -EINVAL;
	for (int i = 0; i < STACK_CLASSES; i++)
		if ((uint64_t)1 << (SLOT_MIN_SHIFT + i) >= size + guard)
			return i;
	return -EINVAL;
}

/* ---- committing --------------------------------------------------------- */

/* The array, moved if it must grow to hold need items; NULL: no memory. */
static void *
array_grow(void *array, size_t *room, size_t need, size_t item)
{
	size_t n = *room + *room / 2;

	if (need <= *room)
		return array;
	if (n < need)
		n = need;
	array = green__realloc(array, n * item);
	if (array)
		*room = n;
	return array;
}

/* How many slots to commit next. */
static size_t
chunk_slots(const struct stack_class *c)
{
	size_t n = c->committed;

	if (n < CHUNK_SLOTS_MIN)
		n = CHUNK_SLOTS_MIN;
	if (n > CHUNK_SLOTS_MAX)
		n = CHUNK_SLOTS_MAX;
	if (n > CHUNK_BYTES_MAX >> c->shift)
		n = CHUNK_BYTES_MAX >> c->shift;
	return n ? n : 1;
}

/* The slab to commit from, or NULL: no memory. */
static struct slab *
slab_with_room(struct stack_class *c)
{
	struct slab *slab = c->nslabs ? &c->slabs[c->nslabs - 1] : NULL;
	size_t want = SLAB_MIN;
	void *array;

	if (slab && slab->committed < slab->size)
		return slab;
	array = array_grow(c->slabs, &c->slab_room, c->nslabs + 1,
			   sizeof(*c->slabs));
	if (!array)
		return NULL;
	c->slabs = array;
	for (size_t all = c->committed << c->shift;
	     want < SLAB_MAX && want <= all;)
		want *= 2;
	if (want < slot_of(c))
		want = slot_of(c);
	slab = c->slabs + c->nslabs;
	if (green__slab_reserve(slab, slot_of(c), want) < 0)
		return NULL;
	c->nslabs++;
	return slab;
}

static void
fresh_add(struct stack_class *c, char *base, size_t n, enum stack_guard guard)
{
	struct fresh *f = c->fresh + c->fresh_count;

	c->guards[guard] += n;
	c->nfresh += n;
	if (c->fresh_first < c->fresh_count && f[-1].guard == guard &&
	    f[-1].base + ((size_t)f[-1].slots << c->shift) == base)
		f[-1].slots += (uint32_t)n;
	else
		c->fresh[c->fresh_count++] = (struct fresh){ base, (uint32_t)n,
							     guard };
}

/* Memory for the entries of n more slots, before anything is committed. */
static bool
lists_grow(struct stack_class *c, size_t n)
{
	void *array;

	if (c->fresh_first == c->fresh_count)
		c->fresh_first = c->fresh_count = 0;
	/* A chunk has at most three kinds of guard. */
	array = array_grow(c->fresh, &c->fresh_room, c->fresh_count + 3,
			   sizeof(*c->fresh));
	if (!array)
		return false;
	c->fresh = array;
	array = array_grow(c->free, &c->free_room, c->committed + n,
			   sizeof(*c->free));
	if (!array)
		return false;
	c->free = array;
	return true;
}

static cold int
commit(struct stack_class *c)
{
	size_t want = chunk_slots(c), slot = slot_of(c);
	enum stack_guard guard = green__guard_strongest();
	struct slab *slab;
	char *base;
	long n;

	if (!lists_grow(c, want) || !(slab = slab_with_room(c)))
		return -ENOMEM;
	base = slab->base + slab->committed;
	n = green__slab_commit(slab, slot, want);
	if (n < 0)
		return -ENOMEM;
	c->committed += (size_t)n;
	for (size_t left = (size_t)n, run; left; left -= run) {
		run = green__guard_set(base, slot, left, &guard);
		fresh_add(c, base, run, guard);
		base += run * slot;
	}
	return 0;
}

/* ---- rights and stacks -------------------------------------------------- */

static noinline int
reserve_more(struct stack_class *c)
{
	int saved = errno, error;

	c->growing = true;
	error = commit(c);
	c->growing = false;
	errno = saved; /* guards that were tried in vain */
	if (!error)
		c->reserved++;
	return error;
}

int
green__stack_reserve(struct stack_pool *pool, unsigned class)
{
	struct stack_class *c = &pool->classes[class];

	/* The rare case in a tail call: none of the usual one saves registers
	 * for it. */
	if (unlikely(c->reserved == c->committed))
		return reserve_more(c);
	c->reserved++;
	return 0;
}

void
green__stack_unreserve(struct stack_pool *pool, unsigned class)
{
	pool->classes[class].reserved--;
}

#define PREFETCH_AHEAD 8

static inline struct stack
stack_of(const struct stack_class *c, unsigned class, slot_entry e)
{
	return (struct stack){
		.lo = (char *)(e & ENTRY_ADDRESS),
		.size = c->size,
		.class = (uint8_t) class,
		.guard = e & ENTRY_GUARD,
		.colour = e & ENTRY_COLOUR,
	};
}

static noinline struct stack
take_fresh(struct stack_class *c, unsigned class)
{
	struct fresh *f = c->fresh + c->fresh_first;
	uintptr_t base = (uintptr_t)f->base;
	slot_entry e = (base + green__guard_size()) | f->guard |
		       ((base >> c->shift) * 64 & ENTRY_COLOUR);

	f->base += slot_of(c);
	c->nfresh--;
	if (--f->slots == 0)
		c->fresh_first++;
	return stack_of(c, class, e);
}

/* The lines in which a thread's first frames will lie, and with them the way
 * through the page tables: when many threads start one after the other, each
 * on a stack that is not in the cache, this is most of what they cost. */
static inline void
prefetch(const struct stack_class *c, slot_entry e)
{
	const char *top = (const char *)(e & ENTRY_ADDRESS) + c->size -
			  (e & ENTRY_COLOUR);

	__builtin_prefetch(top - 1, 1);
	__builtin_prefetch(top - 65, 1);
	__builtin_prefetch(top - 129, 1);
}

struct stack
green__stack_take(struct stack_pool *pool, unsigned class)
{
	struct stack_class *c = &pool->classes[class];

	if (unlikely(!c->nfree))
		return take_fresh(c, class);
	if (likely(c->nfree > PREFETCH_AHEAD))
		prefetch(c, c->free[c->nfree - 1 - PREFETCH_AHEAD]);
	c->nfree--;
	if (c->nfree < c->low)
		c->low = c->nfree;
	return stack_of(c, class, c->free[c->nfree]);
}

void
green__stack_give(struct stack_pool *pool, struct stack stack)
{
	struct stack_class *c = &pool->classes[stack.class];

	c->free[c->nfree++] = (uintptr_t)stack.lo | stack.colour | stack.guard;
	c->reserved--;
}

/* ---- looking at it ------------------------------------------------------ */

size_t
green__stack_guard_size(const struct stack *stack)
{
	return stack->guard == STACK_GUARD_NONE ? 0 : green__guard_size();
}

bool
green__stack_at(const struct stack_pool *pool, uintptr_t addr,
		struct stack *ret)
{
	for (unsigned i = 0; i < STACK_CLASSES; i++) {
		const struct stack_class *c = &pool->classes[i];

		for (size_t k = 0; k < c->nslabs; k++) {
			const struct slab *slab = &c->slabs[k];
			size_t at = addr - (uintptr_t)slab->base;

			if (at >= slab->committed)
				continue;
			at &= ~(slot_of(c) - 1);
			*ret = (struct stack){
				.lo = slab->base + at + green__guard_size(),
				.size = c->size,
				.class = (uint8_t)i,
			};
			return true;
		}
	}
	return false;
}

/* Also of pools of other OS threads, which may be at work: single words, no
 * pointer is followed. Unwatched, because the numbers may be a moment old. */
unwatched void
green__stack_counts(const struct stack_pool *pool, struct stack_counts *counts)
{
	for (unsigned i = 0; i < STACK_CLASSES; i++) {
		const struct stack_class *c = &pool->classes[i];

		counts->guard_install += c->guards[STACK_GUARD_INSTALL];
		counts->guard_mprotect += c->guards[STACK_GUARD_MPROTECT];
		counts->guard_none += c->guards[STACK_GUARD_NONE];
		counts->free += c->nfree + c->nfresh;
		counts->bytes += (uint64_t)c->committed << c->shift;
	}
}
