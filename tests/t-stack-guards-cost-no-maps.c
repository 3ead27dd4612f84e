/* SPDX-License-Identifier: MIT */
/* Proves: 100,000 guarded stacks make fewer than 100 mappings where the kernel
 * has guards that are marks in the page table. */

#include "tap.h"

#include "stacks.h"

#define MANY 100000

int
main(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	struct stack s = take(pool, DEFAULT_CLASS);
	int before, guarded = 1;

	if (s.guard != STACK_GUARD_INSTALL)
		skip_all("no MADV_GUARD_INSTALL here");
	if (RUNNING_ON_VALGRIND)
		skip_all("Valgrind would look at 12 GiB of stacks for leaks");
	before = count_maps();
	for (int i = 1; i < MANY; i++) {
		s = take(pool, DEFAULT_CLASS);
		guarded += s.guard == STACK_GUARD_INSTALL;
		if (i % 20000 == 1)
			ok(faults(s.lo - 1), "the guard of stack %d works", i);
	}
	is(guarded, MANY, "all have guards");
	ok(faults(s.lo - 1), "that of the last one works");
	ok(count_maps() < before + 99,
	   "%d mappings with the first, %d with all", before, count_maps());
	green__stack_pool_destroy(pool);
	return tap_done();
}
