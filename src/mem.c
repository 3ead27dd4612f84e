/* SPDX-License-Identifier: MIT */
/*
 * Memory from libc and from the kernel, with a switch for tests.
 *
 * The counters are read and written in two steps: fault injection is for tests
 * with one OS thread, and a lost count elsewhere harms nobody. They are atomic
 * all the same (relaxed, paired with nothing), or it would be a data race.
 */

#include "config.h"

#include "mem.h"

#include "base.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_long fail_after = -1;
static atomic_long count;
static atomic_long live;

static long
get(atomic_long *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

static void
set(atomic_long *n, long value)
{
	atomic_store_explicit(n, value, memory_order_relaxed);
}

int
green__mem_allowed(void)
{
	long left = get(&fail_after);

	set(&count, get(&count) + 1);
	if (likely(left < 0))
		return 1;
	if (left == 0)
		return 0;
	set(&fail_after, left - 1);
	return 1;
}

void
green__mem_fail_after(long n)
{
	set(&fail_after, n);
}

unsigned long
green__mem_count(void)
{
	return (unsigned long)get(&count);
}

long
green__mem_live(void)
{
	return get(&live);
}

void *
green__alloc(size_t size)
{
	void *p = green__mem_allowed() ? calloc(1, size) : NULL;

	set(&live, get(&live) + (p != NULL));
	return p;
}

void *
green__realloc(void *old, size_t size)
{
	void *p = green__mem_allowed() ? realloc(old, size) : NULL;

	set(&live, get(&live) + (p && !old));
	return p;
}

void
green__free(void *p)
{
	set(&live, get(&live) - (p != NULL));
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
	static atomic_long size;

	if (unlikely(!get(&size)))
		set(&size, sysconf(_SC_PAGESIZE));
	return (size_t)get(&size);
}
