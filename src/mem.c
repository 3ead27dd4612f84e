/* SPDX-License-Identifier: MIT */
/*
 * Memory from libc and from the kernel, with a switch for tests.
 *
 * The counters are plain variables, not atomics: fault injection is for tests
 * with one OS thread, and a lost count elsewhere harms nobody.
 */

#include "config.h"

#include "mem.h"

#include "base.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static long fail_after = -1;
static unsigned long count;
static long live;

int
green__mem_allowed(void)
{
	count++;
	if (likely(fail_after < 0))
		return 1;
	if (fail_after == 0)
		return 0;
	fail_after--;
	return 1;
}

void
green__mem_fail_after(long n)
{
	fail_after = n;
}

unsigned long
green__mem_count(void)
{
	return count;
}

long
green__mem_live(void)
{
	return live;
}

void *
green__alloc(size_t size)
{
	void *p = green__mem_allowed() ? calloc(1, size) : NULL;

	live += p != NULL;
	return p;
}

void *
green__realloc(void *old, size_t size)
{
	void *p = green__mem_allowed() ? realloc(old, size) : NULL;

	live += p && !old;
	return p;
}

void
green__free(void *p)
{
	live -= p != NULL;
	free(p);
}

static void *
map(size_t size, int prot, int flags)
{
	void *p;

	if (!green__mem_allowed())
		return NULL;
	p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

void *
green__map(size_t size)
{
	return map(size, PROT_READ | PROT_WRITE, 0);
}

void *
green__map_reserve(size_t size)
{
	return map(size, PROT_NONE, MAP_NORESERVE);
}

void
green__unmap(void *p, size_t size)
{
	if (p)
		munmap(p, size);
}

size_t
green__page_size(void)
{
	static size_t size;

	if (unlikely(!size))
		size = (size_t)sysconf(_SC_PAGESIZE);
	return size;
}
