/* SPDX-License-Identifier: MIT */
/* Proves: below each stack, a write to any page of the guard faults, for every
 * kind of guard, next to writable neighbours; and the stack itself does not. */

#include "tap.h"

#include "stacks.h"

static void
check_stack(const struct stack *s, const char *name)
{
	size_t page = green__page_size(), guard = green__stack_guard_size(s);
	bool all = true;

	for (size_t at = 1; at <= guard; at += page)
		all = all && faults(s->lo - at);
	ok(all, "%s: every page of the guard faults", name);
	ok(faults(s->lo - guard), "%s: so does its lowest byte", name);
	ok(!faults(s->lo), "%s: the lowest byte of the stack does not", name);
	ok(!faults(s->lo + s->size - 1), "%s: nor the highest", name);
	ok(!faults(s->lo - guard - 1) || green__stack_guard_size(s) == 0,
	   "%s: the stack below ends at the guard", name);
}

static void
check_kind(enum stack_guard kind)
{
	struct stack_pool *pool = green__stack_pool_create();
	const char *name = guard_names[kind];
	struct stack below, s;

	green__stack_force(kind, 0);
	below = take(pool, DEFAULT_CLASS);
	s = take(pool, DEFAULT_CLASS);
	ok(below.lo < s.lo, "%s: two neighbours", name);
	if (s.guard != kind) {
		skip("guards", "this kernel has no such guard");
	} else {
		is(green__stack_guard_size(&s), green__guard_size(),
		   "%s: size of the guard", name);
		check_stack(&s, name);
		/* Not the first batch of a vectored call. */
		for (int i = 0; i < 500; i++)
			s = take(pool, DEFAULT_CLASS);
		check_stack(&s, name);
	}
	green__stack_pool_destroy(pool);
}

int
main(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	struct stack s;

	check_kind(STACK_GUARD_INSTALL);
	check_kind(STACK_GUARD_MPROTECT);

	green__stack_force(STACK_GUARD_NONE, 0);
	s = take(pool, DEFAULT_CLASS);
	is(s.guard, STACK_GUARD_NONE, "none: said so in the stack");
	is(green__stack_guard_size(&s), 0, "none: size of the guard");
	ok(!faults(s.lo - 1), "none: nothing below");
	is(counts(pool).guard_none * SLOT, counts(pool).bytes, "none: counted");
	green__stack_pool_destroy(pool);
	return tap_done();
}
