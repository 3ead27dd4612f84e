/* SPDX-License-Identifier: MIT */
/* Proves: no memory and no address space is -ENOMEM from reserving, at every
 * step in turn; what there is gets used; nothing is lost or leaked. */

#include "tap.h"

#include "stacks.h"

/* One life of a pool, in which anything may be refused. Returns how many
 * rights it got, or -1 for an error that is not -ENOMEM. */
static int
life(unsigned class)
{
	struct stack_pool *pool = green__stack_pool_create();
	int got = 0, error;

	if (!pool)
		return 0;
	for (int i = 0; i < 40; i++) {
		error = green__stack_reserve(pool, class);
		if (error && error != -ENOMEM)
			return -1;
		got += !error;
	}
	for (int i = 0; i < got; i++)
		touch((struct stack[]){ green__stack_take(pool, class) }, 1);
	green__stack_pool_destroy(pool);
	return got;
}

/* A life for each step that can be refused. Returns how many went wrong. */
static int
refuse_each(unsigned long steps)
{
	int bad = 0, most = 0, got;

	for (unsigned long i = 0; i < steps; i++) {
		green__mem_fail_after((long)i);
		got = life(DEFAULT_CLASS);
		green__mem_fail_after(-1);
		bad += got < most;
		most = got;
	}
	return bad;
}

static void
check_each_step(enum stack_guard kind)
{
	unsigned long steps;
	long heap;
	int maps;

	green__stack_force(kind, 0);
	is(life(DEFAULT_CLASS), 40, "guard %s: all 40 without refusals",
	   guard_names[kind]);
	steps = green__mem_count();
	life(DEFAULT_CLASS);
	steps = green__mem_count() - steps;
	ok(steps > 5, "there are %lu steps that can be refused", steps);
	is(refuse_each(steps), 0,
	   "each refusal was -ENOMEM, later ones leave more stacks");
	/* malloc() has its arena: from here on, another mapping is a leak. */
	heap = green__mem_live();
	maps = count_maps();
	refuse_each(steps);
	is(green__mem_live(), heap, "no heap was leaked");
	if (RUNNING_ON_VALGRIND || TAP_TSAN)
		skip("no mapping was leaked", "the tool makes some of its own");
	else
		is(count_maps(), maps, "no mapping was leaked");
}

static bool
can_map(size_t size)
{
	void *p = mmap(NULL, size, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p != MAP_FAILED)
		munmap(p, size);
	return p != MAP_FAILED;
}

/* Limit the address space; false if that has no effect, or if most of it is
 * in use (by a sanitizer), or will be (by what Valgrind notes of each page that
 * is touched). */
static bool
limit(size_t room)
{
	struct rlimit as = { room, room };

	if (RUNNING_ON_VALGRIND || address_space() > room / 2)
		return false;
	setrlimit(RLIMIT_AS, &as);
	return !can_map(room);
}

static int
use_everything(struct stack_pool *pool)
{
	int n = 0, error;

	while (!(error = green__stack_reserve(pool, DEFAULT_CLASS)))
		n++;
	if (error != -ENOMEM)
		return 1;
	if (n < 16 || can_map(4 * SLOT))
		return 2;
	for (int i = 0; i < n; i++)
		touch((struct stack[]){ green__stack_take(pool,
							  DEFAULT_CLASS) },
		      1);
	return 0;
}

static int
little_address_space(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	int result = limit(256 << 20) ? use_everything(pool) : 77;

	green__stack_pool_destroy(pool);
	if (!result && !can_map(16 << 20))
		result = 3;
	return result;
}

static int
fair_share(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	int result = 77;

	if (limit(512 << 20))
		result = green__stack_reserve(pool, DEFAULT_CLASS) < 0 ||
			 !can_map(64 << 20);
	green__stack_pool_destroy(pool);
	return result;
}

static void
check_huge(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	struct stack s = take(pool, STACK_CLASSES - 1);

	if (s.lo) {
		touch(&s, 4096);
		is(resident(&s), 4096 / green__page_size() ?: 1,
		   "a stack of 2 GiB is one page");
		ok(faults(s.lo - 1) || s.guard == STACK_GUARD_NONE,
		   "it has its guard");
	} else {
		skip("a stack of 2 GiB", "no address space");
	}
	green__stack_pool_destroy(pool);
}

int
main(void)
{
	check_each_step(STACK_GUARD_INSTALL);
	check_each_step(STACK_GUARD_MPROTECT);
	check_each_step(STACK_GUARD_NONE);
	holds_in_child(little_address_space, "RLIMIT_AS: every slot is used, "
					     "then -ENOMEM");
	holds_in_child(fair_share,
		       "RLIMIT_AS: one stack leaves room for others");
	check_huge();
	return tap_done();
}
