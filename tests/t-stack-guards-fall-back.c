/* SPDX-License-Identifier: MIT */
/* Proves: where one kind of guard ends the next takes over, midway too, every
 * slot is counted by what it really has, and nothing fails for lack of a
 * guard: budget used up, mappings of the process used up, locked memory. */

#include "tap.h"

#include "stacks.h"

static void
check_budget(void)
{
	struct stack_pool *pool = green__stack_pool_create(), *other;
	int guarded = 0, in_order = 1, truthful = 1, last = -1;

	green__stack_force(STACK_GUARD_MPROTECT, 40);
	for (int i = 0; i < 100; i++) {
		struct stack s = take(pool, DEFAULT_CLASS);

		if (s.guard == STACK_GUARD_MPROTECT) {
			guarded++;
			in_order &= last == i - 1;
			last = i;
		}
		if (i % 13 == 0 || i == 39 || i == 40)
			truthful &= faults(s.lo - 1) ==
				    (s.guard == STACK_GUARD_MPROTECT);
	}
	is(guarded, 40, "as many guards as the budget allows");
	ok(in_order, "guarded slots are handed out first");
	ok(truthful, "slots have what they say");
	is(counts(pool).guard_mprotect, 40, "counted: mprotect");
	is(counts(pool).guard_none, counts(pool).bytes / SLOT - 40,
	   "counted: none");

	other = green__stack_pool_create();
	is(take(other, DEFAULT_CLASS).guard, STACK_GUARD_NONE,
	   "the budget is one for all pools");
	green__stack_pool_destroy(pool);
	pool = green__stack_pool_create();
	is(take(pool, DEFAULT_CLASS).guard, STACK_GUARD_MPROTECT,
	   "a destroyed pool gives its share back");
	green__stack_pool_destroy(pool);
	green__stack_pool_destroy(other);
}

static void
check_refusal_midway(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	struct stack_counts c;

	green__stack_force(STACK_GUARD_MPROTECT, 0);
	take(pool, DEFAULT_CLASS);
	for (uint64_t i = counts(pool).free; i > 0; i--)
		take(pool, DEFAULT_CLASS);
	/* Two arrays may grow and a chunk is committed, 16 guards follow. */
	green__mem_fail_after(10);
	ok(take(pool, DEFAULT_CLASS).lo, "a stack though guards are refused");
	green__mem_fail_after(-1);
	c = counts(pool);
	ok(c.guard_none > 0 && c.guard_mprotect > 16,
	   "a chunk with some guards of each kind");
	is(c.guard_none + c.guard_mprotect, c.bytes / SLOT,
	   "each slot is counted once");
	green__stack_pool_destroy(pool);
}

/* Leave the process few mappings. */
static bool
use_up_maps(int leave)
{
	size_t page = green__page_size(), n = 140000;
	char *p = mmap(NULL, n * page, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return false;
	for (size_t i = 1; i < n; i += 2) {
		if (!mprotect(p + i * page, page, PROT_NONE))
			continue;
		/* Two mappings come back for each page that is as before. */
		for (int k = 0; k < leave / 2; k++)
			mprotect(p + (i - 2 - 2 * k) * page, page, PROT_READ);
		return true;
	}
	return false;
}

static int
spawn_without_maps(struct stack_pool *pool)
{
	struct stack_counts c;

	/* Valgrind and the sanitizers give up where we go on. */
	if (RUNNING_ON_VALGRIND || address_space() >> 40 ||
	    green__stack_reserve(pool, DEFAULT_CLASS) < 0 || !use_up_maps(100))
		return 77;
	for (int i = 0; i < 200; i++)
		if (!take(pool, DEFAULT_CLASS).lo)
			return 1;
	c = counts(pool);
	if (c.guard_mprotect < 30 || c.guard_none < 100)
		return 2;
	return c.guard_none + c.guard_mprotect == c.bytes / SLOT ? 0 : 3;
}

static int
without_maps(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	int result;

	green__stack_force(STACK_GUARD_MPROTECT, 1000000);
	result = spawn_without_maps(pool);
	green__stack_pool_destroy(pool);
	return result;
}

/* Has mlockall() an effect? Sanitizers make it do nothing. */
static bool
lock_all(void)
{
	unsigned char present = 0;
	void *p;

	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		return false;
	p = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		 -1, 0);
	return p != MAP_FAILED && !mincore(p, 1, &present) && present & 1;
}

static int
spawn_locked(struct stack_pool *pool)
{
	struct stack s = take(pool, DEFAULT_CLASS);

	if (!lock_all())
		return 77;
	/* The rest of the chunk has its guards; the next cannot. */
	for (uint64_t i = counts(pool).free + 1; i > 0; i--)
		if (!(s = take(pool, DEFAULT_CLASS)).lo)
			return 1;
	if (s.guard != STACK_GUARD_MPROTECT || !faults(s.lo - 1))
		return 2;
	if (counts(pool).guard_none)
		return 3;
	memset(s.lo, 1, s.size);
	green__stack_give(pool, s);
	green__stack_trim(pool); /* is refused, and that is fine */
	return 0;
}

static int
locked(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	int result;

	green__stack_force(STACK_GUARD_INSTALL, 0);
	result = spawn_locked(pool);
	munlockall();
	green__stack_pool_destroy(pool);
	return result;
}

int
main(void)
{
	check_budget();
	check_refusal_midway();
	holds_in_child(without_maps, "no mappings left: slots without guards");
	holds_in_child(locked, "mlockall: PROT_NONE guards instead of marks");
	return tap_done();
}
