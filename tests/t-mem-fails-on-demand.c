/* SPDX-License-Identifier: MIT */
/*
 * Proves: fault injection makes exactly the allocations fail that a test asks
 * for, of every kind, each is counted once whether it fails or not, and a
 * failure changes nothing. Tests of "out of memory at every site" stand on
 * this.
 */

#include "tap.h"

#include "mem.h"

/* Asks once for memory of a kind, gives it back, and returns if it came. */
static int
heap(void)
{
	void *p = green__alloc(100);

	green__free(p);
	return p != NULL;
}

static int
again(void)
{
	void *p = green__realloc(NULL, 100);

	green__free(p);
	return p != NULL;
}

static int
mapped(void)
{
	void *p = green__map(green__page_size());

	green__unmap(p, green__page_size());
	return p != NULL;
}

static int
reserved(void)
{
	void *p = green__map_reserve(green__page_size());

	green__unmap(p, green__page_size());
	return p != NULL;
}

static const struct {
	const char *name;
	int (*ask)(void);
} kind[] = {
	{ "alloc", heap },
	{ "realloc", again },
	{ "map", mapped },
	{ "map_reserve", reserved },
	{ "allowed", green__mem_allowed },
};

#define KINDS ((int)(sizeof(kind) / sizeof(kind[0])))

static void
one_kind(int k)
{
	unsigned long before = green__mem_count();
	int came = 0, late = 0;

	green__mem_fail_after(3);
	for (int i = 0; i < 3; i++)
		came += kind[k].ask();
	for (int i = 0; i < 4; i++)
		late += kind[k].ask();
	is(came, 3, "%s: as many as allowed succeed", kind[k].name);
	is(late, 0, "%s: all later ones fail", kind[k].name);
	is(green__mem_count() - before, 7, "%s: each counts", kind[k].name);
	green__mem_fail_after(-1);
	ok(kind[k].ask(), "%s: turned off, they succeed", kind[k].name);
}

static void
all_kinds_share_the_count(void)
{
	int wrong = 0;

	for (int n = 0; n <= 2 * KINDS; n++) {
		green__mem_fail_after(n);
		for (int i = 0; i < 2 * KINDS; i++)
			wrong += kind[i % KINDS].ask() != (i < n);
	}
	green__mem_fail_after(-1);
	is(wrong, 0, "the allowance is one for all kinds");
}

static void
failure_changes_nothing(void)
{
	char *p = green__alloc(64), *q;
	int zero = 1;

	if (!p)
		skip_all("no memory");
	for (int i = 0; i < 64; i++)
		zero &= p[i] == 0;
	ok(zero, "memory from the heap is zeroed");
	strcpy(p, "still here");
	green__mem_fail_after(0);
	is(green__realloc(p, 1 << 20), NULL, "realloc fails");
	ok(strcmp(p, "still here") == 0, "and the old memory is as it was");
	green__mem_fail_after(-1);
	q = green__realloc(p, 128);
	ok(q && strcmp(q, "still here") == 0, "then it keeps the contents");
	green__free(q);
	green__free(NULL);
	green__unmap(NULL, 0);
	is(green__map_reserve(SIZE_MAX & ~(green__page_size() - 1)), NULL,
	   "a real failure is NULL too");
}

int
main(void)
{
	for (int k = 0; k < KINDS; k++)
		one_kind(k);
	all_kinds_share_the_count();
	failure_changes_nothing();
	return tap_done();
}
