/* SPDX-License-Identifier: MIT */
/* Proves: a thread runs on memory of the caller's own, aligned or not, writes
 * nothing outside of it, and the memory is the caller's again after join;
 * stacks that are too small or wrap are refused. */

#include "tap.h"

#include <green.h>

#define SIZE 65536
#define MARGIN 64

static unsigned char memory[SIZE + 2 * MARGIN];

static void *
where(void *arg)
{
	char local = 0;

	for (int i = 0; i < 3; i++)
		green_yield();
	*(uintptr_t *)arg = (uintptr_t)&local;
	return arg;
}

static int
spoiled(const unsigned char *stack, size_t size)
{
	const unsigned char *p;
	int n = 0;

	for (p = memory; p < memory + sizeof(memory); p++)
		if ((p < stack || p >= stack + size) && *p != 0x5a)
			n++;
	return n;
}

static void
run_on(size_t offset, size_t size, const char *what)
{
	struct green_attr attr = { .size = sizeof(attr) };
	unsigned char *stack = memory + MARGIN + offset;
	uintptr_t local = 0;
	void *value;
	green_t id;

	memset(memory, 0x5a, sizeof(memory));
	attr.stack = stack;
	attr.stack_size = size;
	is(green_spawn(&id, &attr, where, &local), 0, "spawn on %s", what);
	green_yield();
	is(green_join(id, &value, GREEN_NEVER), 0, "join");
	ok(value == &local, "its value");
	ok(local >= (uintptr_t)stack && local < (uintptr_t)stack + size,
	   "it ran there");
	is(spoiled(stack, size), 0, "bytes changed around it");
	memset(memory, 0, sizeof(memory));
}

static int
refused(void *stack, uint64_t size, uint64_t reserve)
{
	struct green_attr attr = { .size = sizeof(attr) };

	attr.stack = stack;
	attr.stack_size = size;
	attr.reserve_top = reserve;
	return green_spawn(NULL, &attr, where, NULL);
}

int
main(void)
{
	uintptr_t local;
	green_t id;

	/* A colour of the pool's that a control block had before must not
	 * shift the top of a stack that is the user's own. */
	for (int i = 0; i < 40; i++) {
		green_spawn(&id, NULL, where, &local);
		green_join(id, NULL, GREEN_NEVER);
	}
	run_on(0, SIZE, "an aligned stack");
	run_on(1, SIZE - 1, "a stack that begins at an odd address");
	run_on(3, SIZE - 12, "a stack that begins and ends at odd addresses");
	run_on(0, 16384, "a small stack");
	is(refused(memory, 0, 0), -EINVAL, "own stack without a size");
	is(refused(memory, GREEN_STACK_MIN - 1, 0), -EINVAL, "too small");
	is(refused(memory, SIZE, SIZE), -EINVAL, "reserve_top takes it all");
	is(refused((void *)(UINTPTR_MAX - 4096), 65536, 0), -EINVAL,
	   "a stack that wraps around the address space");
	return tap_done();
}
