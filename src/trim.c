/* SPDX-License-Identifier: MIT */
/*
 * Giving the memory of free stacks back, and how much of one was used.
 *
 * The free list keeps its coldest entries at the bottom, so that "the least
 * nfree since the last look" is the number of stacks that nobody needed in
 * that time. At each idle moment that is a period after the last look, half of
 * those are marked to go, and they go in small batches, so that a worker woken
 * in the middle is not late. A steady load keeps its stacks; after a burst all
 * but a few are gone within some periods.
 *
 * Guards survive MADV_DONTNEED of the stack above them, whichever kind they
 * are. MADV_FREE was measured slower, and its memory stays counted as ours.
 */

#include "config.h"

#include "base.h"
#include "guard.h"
#include "mem.h"
#include "pool.h"
#include "stack.h"

#include <sys/mman.h>

#define PERIOD 1000000000LL /* 1 s */
#define PAUSE 10000000LL    /* between batches: 10 ms */
#define BATCH 512           /* slots: about 0.4 ms */
#define KEEP 64             /* warm slots of a class not worth the trouble */

/* Pages whose presence is asked for at a time. */
#define WINDOW 512

/* ---- presence ----------------------------------------------------------- */

/* Look at the pages of [from, to), which is page-aligned, from the low end.
 * Returns the number present, or with first set, stops at the first one and
 * returns the bytes from it to the end. */
static size_t
present(char *from, char *to, bool first)
{
	size_t page = green__page_size(), count = 0;
	unsigned char vec[WINDOW];

	while (from < to) {
		size_t n = (size_t)(to - from) / page;

		if (n > WINDOW)
			n = WINDOW;
		if (mincore(from, n * page, (void *)vec) < 0)
			return first ? (size_t)(to - from) : count;
		for (size_t i = 0; i < n; i++) {
			if (!(vec[i] & 1))
				continue;
			if (first)
				return (size_t)(to - from) - i * page;
			count++;
		}
		from += n * page;
	}
	return count;
}

size_t
green__stack_used(const struct stack *stack)
{
	uintptr_t mask = green__page_size() - 1;
	uintptr_t lo = (uintptr_t)stack->lo & ~mask;
	uintptr_t end = (uintptr_t)stack->lo + stack->size, hi;
	size_t used;

	/* The user's own memory may begin and end within a page. */
	hi = (end + mask) & ~mask;
	used = present((char *)lo, (char *)hi, true);
	used = used > hi - end ? used - (hi - end) : 0;
	return used < stack->size ? used : stack->size;
}

/* ---- giving back -------------------------------------------------------- */

/* Give back the pages of free entries [from, to). */
static void
clean(struct stack_class *c, size_t from, size_t to)
{
	struct iovec ranges[PAGES_BATCH];

	while (from < to) {
		size_t n = to - from < PAGES_BATCH ? to - from : PAGES_BATCH;

		for (size_t i = 0; i < n; i++)
			ranges[i] = (struct iovec){
				(void *)(c->free[from + i] & ENTRY_ADDRESS),
				c->size,
			};
		/* Refused for locked memory: that is to stay. */
		green__pages_advise(ranges, n, MADV_DONTNEED);
		from += n;
	}
}

static size_t
trim_class(struct stack_class *c)
{
	size_t pages = 0;

	if (c->low < c->clean)
		c->clean = c->low;
	for (size_t i = c->clean; i < c->nfree; i++) {
		char *lo = (char *)(c->free[i] & ENTRY_ADDRESS);

		pages += present(lo, lo + c->size, false);
	}
	clean(c, c->clean, c->nfree);
	c->clean = c->low = c->target = c->nfree;
	return pages * green__page_size();
}

size_t
green__stack_trim(struct stack_pool *pool)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < STACK_CLASSES; i++)
		bytes += trim_class(&pool->classes[i]);
	return bytes;
}

/* One class's share of an idle moment. Returns how soon to come back. */
static int64_t
idle_class(struct stack_class *c, bool period)
{
	if (c->clean > c->low)
		c->clean = c->low;
	if (period) {
		size_t unneeded = c->low - c->clean;

		c->target = c->clean;
		if (unneeded > KEEP)
			c->target += (unneeded + 1) / 2;
		c->low = c->nfree;
	}
	if (c->target > c->low)
		c->target = c->low;
	if (c->clean < c->target) {
		size_t to = c->target;

		if (to - c->clean > BATCH)
			to = c->clean + BATCH;
		clean(c, c->clean, to);
		c->clean = to;
	}
	if (c->clean < c->target)
		return PAUSE;
	return c->nfree - c->clean > KEEP ? PERIOD : INT64_MAX;
}

int64_t
green__stack_idle(struct stack_pool *pool, int64_t now)
{
	bool period = now >= pool->period_end;
	int64_t soonest = INT64_MAX;

	if (period)
		pool->period_end = now + PERIOD;
	for (unsigned i = 0; i < STACK_CLASSES; i++) {
		struct stack_class *c = &pool->classes[i];
		int64_t wait;

		if (!c->nfree)
			continue;
		wait = idle_class(c, period);
		if (wait < soonest)
			soonest = wait;
	}
	if (soonest == PAUSE)
		return now + PAUSE;
	return soonest == PERIOD ? pool->period_end : INT64_MAX;
}
