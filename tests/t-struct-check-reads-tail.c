/* SPDX-License-Identifier: MIT */
/*
 * Proves: for every small combination of sizes, and a non-zero byte at every
 * place, a size-first struct is refused exactly when it is too short or when
 * what we do not know of it is not zero; and no byte beyond its end is read.
 */

#include "tap.h"

#include <sys/mman.h>

#include "base.h"

#define MOST 40

static unsigned char *end; /* the page that begins here cannot be read */

static int
wanted(size_t size, size_t min, size_t known, size_t dirty)
{
	if (size < min)
		return -EINVAL;
	return dirty >= known && dirty < size ? -E2BIG : 0;
}

/* A byte that is not zero at each place in turn, and at none (dirty: size). */
static int
each_place(size_t size, size_t min, size_t known, unsigned char byte)
{
	unsigned char *s = end - size;
	int wrong = 0;

	for (size_t dirty = 0; dirty <= size; dirty++) {
		memset(s, 0, size);
		if (dirty < size)
			s[dirty] = byte;
		wrong += green__struct_check(s, size, min, known) !=
			 wanted(size, min, known, dirty);
	}
	return wrong;
}

static int
each_size(size_t min, size_t known)
{
	int wrong = 0;

	for (size_t size = 0; size <= MOST; size++)
		wrong += each_place(size, min, known, 1) +
			 each_place(size, min, known, 0x80);
	return wrong;
}

int
main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + page, page, PROT_NONE) < 0)
		skip_all("no memory");
	end = p + page;
	for (size_t known = 8; known <= 32; known += 8)
		for (size_t min = 8; min <= known; min += 8)
			is(each_size(min, known), 0,
			   "%zu bytes in the first release, %zu now", min,
			   known);
	/* A program that lies about the size is not followed anywhere. */
	is(green__struct_check(end, 0, 8, 16), -EINVAL, "size 0 reads nothing");
	is(green__struct_check(end, 7, 8, 16), -EINVAL, "nor does a short one");
	is(green__struct_check(end, 16, 8, 16), 0, "nor one that is all known");
	return tap_done();
}
