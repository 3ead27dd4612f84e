/* SPDX-License-Identifier: MIT */
/* Proves: the stack given back last is taken next, fresh ones come after all
 * warm ones, no two threads share one, sizes are at least what was asked for,
 * the numbers add up, and neither reserving nor taking touches a stack. */

#include "tap.h"

#include "stacks.h"

#define MANY 5000

static struct stack many[MANY];

static void
check_classes(void)
{
	const uint64_t gib = 1u << 30;
	bool fits = true, tight = true;
	int before = 0;

	for (uint64_t size = 1; size <= gib; size += size / 3 + 1) {
		int class = green__stack_class(size);
		uint64_t slot = (uint64_t)32768 << class;

		fits = fits && class >= before && class < STACK_CLASSES &&
		       slot >= size + green__guard_size();
		tight = tight &&
			(class == 0 || slot / 2 < size + green__guard_size());
		before = class;
	}
	ok(fits, "each size fits its class");
	ok(tight, "no smaller class would do");
	is(green__stack_class(gib), 16, "1 GiB has a class");
	is(green__stack_class(gib + 1), -EINVAL, "more has none");
	is(green__stack_class(UINT64_MAX), -EINVAL, "least of all everything");
	is(green__stack_class(0), green__stack_class(114688),
	   "0 is the default size");
}

static void
check_order(struct stack_pool *pool)
{
	struct stack a = take(pool, DEFAULT_CLASS);
	struct stack b = take(pool, DEFAULT_CLASS), again;
	uint64_t slots, more;

	is(a.size + green__guard_size(), SLOT, "a slot is stack and guard");
	is(b.lo - a.lo, SLOT, "the second is right above the first");
	is(b.colour - a.colour, 64, "its top is one cache line off");
	green__stack_give(pool, a);
	green__stack_give(pool, b);
	again = take(pool, DEFAULT_CLASS);
	ok(!memcmp(&again, &b, sizeof(b)), "last in, first out");

	/* Commit a chunk while a warm stack is free. */
	slots = counts(pool).bytes / SLOT;
	for (more = 1; more <= slots; more++)
		green__stack_reserve(pool, DEFAULT_CLASS);
	ok(counts(pool).bytes / SLOT > slots, "a chunk was added");
	again = green__stack_take(pool, DEFAULT_CLASS);
	ok(again.lo == a.lo, "the warm stack comes before fresh ones");
	green__stack_give(pool, again);
	green__stack_give(pool, b);
	while (--more > 1)
		green__stack_unreserve(pool, DEFAULT_CLASS);
}

static int
by_address(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

static void
check_many(struct stack_pool *pool)
{
	bool apart = true, clean = true, colours = true;
	uint64_t slots;

	for (int i = 0; i < MANY; i++) {
		many[i] = take(pool, DEFAULT_CLASS);
		colours = colours && many[i].colour % 64 == 0 &&
			  many[i].colour < 1024;
	}
	slots = counts(pool).bytes / SLOT;
	is(counts(pool).free, slots - MANY, "free slots are counted");
	is(counts(pool).guard_install + counts(pool).guard_mprotect +
		   counts(pool).guard_none,
	   slots, "each slot has a kind of guard");
	for (int i = 0; i < MANY; i += 97)
		clean = clean && resident(&many[i]) == 0;
	ok(clean, "none was touched");
	ok(colours, "colours are cache lines within 1 KiB");
	qsort(many, MANY, sizeof(many[0]), by_address);
	for (int i = 1; i < MANY; i++)
		apart = apart && many[i - 1].lo + many[i - 1].size +
						 green__guard_size() <=
					 many[i].lo;
	ok(apart, "%d stacks, no two overlap", MANY);
	for (int i = 0; i < MANY; i++)
		green__stack_give(pool, many[i]);
	is(counts(pool).free, slots, "all came back");
}

static void
check_find(struct stack_pool *pool)
{
	unsigned class = (unsigned)green__stack_class(1);
	struct stack s = take(pool, class), found = { 0 };

	is(s.class, class, "the smallest class");
	is(s.size + green__guard_size(), (uint64_t)32768 << class,
	   "slots of smaller classes are smaller");
	ok(green__stack_at(pool, (uintptr_t)s.lo - 1, &found) &&
		   found.lo == s.lo && found.size == s.size &&
		   found.class == s.class,
	   "an address in a guard is found");
	ok(green__stack_at(pool, (uintptr_t)s.lo + s.size - 1, &found) &&
		   found.lo == s.lo,
	   "one at the top too");
	ok(!green__stack_at(pool, (uintptr_t)&found, &found),
	   "one elsewhere is not");
	green__stack_give(pool, s);
}

int
main(void)
{
	struct stack_pool *pool = green__stack_pool_create();

	check_classes();
	check_order(pool);
	check_many(pool);
	check_find(pool);
	green__stack_pool_destroy(pool);
	green__stack_pool_destroy(NULL);
	return tap_done();
}
