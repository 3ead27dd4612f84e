/* SPDX-License-Identifier: MIT */
#ifndef STACKS_H
#define STACKS_H

/* Helpers of the stack pool's tests, which look inside the library. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "guard.h"
#include "mem.h"
#include "stack.h"
#include "statm.h"
#include "valgrind.h"

static const char *const guard_names[] = { "none", "install", "mprotect" };

/* The class of default stacks. */
#define DEFAULT_CLASS ((unsigned)green__stack_class(0))

/* Bytes of its slot, guard included. */
#define SLOT ((uint64_t)32768 << DEFAULT_CLASS)

/* Reserve and take; lo is NULL if that failed. */
__attribute__((unused)) static struct stack
take(struct stack_pool *pool, unsigned class)
{
	if (green__stack_reserve(pool, class) < 0)
		return (struct stack){ 0 };
	return green__stack_take(pool, class);
}

__attribute__((unused)) static struct stack_counts
counts(const struct stack_pool *pool)
{
	struct stack_counts c = { 0 };

	green__stack_counts(pool, &c);
	return c;
}

/* Mappings of this process. Reads without stdio, which would make more. */
__attribute__((unused)) static int
count_maps(void)
{
	static char buf[65536];
	int fd = open("/proc/self/maps", O_RDONLY), lines = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	close(fd);
	return lines;
}

/* Pages of a stack that are in memory. */
__attribute__((unused)) static size_t
resident(const struct stack *stack)
{
	size_t page = green__page_size(), n = stack->size / page, sum = 0;
	unsigned char *vec = calloc(1, n);

	if (mincore(stack->lo, stack->size, vec) < 0)
		sum = SIZE_MAX;
	for (size_t i = 0; i < n && sum != SIZE_MAX; i++)
		sum += vec[i] & 1;
	free(vec);
	return sum;
}

/* Touch the highest bytes of a stack. */
__attribute__((unused)) static void
touch(const struct stack *stack, size_t bytes)
{
	memset(stack->lo + stack->size - bytes, 0x5a, bytes);
}

static sigjmp_buf fault_seen;

static void
on_fault(int sig)
{
	(void)sig;
	siglongjmp(fault_seen, 1);
}

/* Does a write to addr fault? To be asked on the OS thread's stack, which is
 * why jumping out of the handler is fine. */
__attribute__((unused)) static bool
faults(void *addr)
{
	struct sigaction old, act = { .sa_handler = on_fault };
	volatile bool seen = true;

	sigaction(SIGSEGV, &act, &old);
	VALGRIND_DISABLE_ERROR_REPORTING;
	if (!sigsetjmp(fault_seen, 1)) {
		*(volatile char *)addr = 1;
		seen = false;
	}
	VALGRIND_ENABLE_ERROR_REPORTING;
	sigaction(SIGSEGV, &old, NULL);
	return seen;
}

#endif
