/* SPDX-License-Identifier: MIT */
/* Proves: green_reserve() tells where the reserve_top bytes of the calling
 * thread begin: at the end of its stack's mapping, above every frame. */

#include "tap.h"

#include <green.h>

#define RESERVE (3 * 4096 + 1536)

static void *
with_reserve(void *arg)
{
	struct green_stack_info info = { .size = sizeof(info) };
	char *reserve = green_reserve(), frame;

	(void)arg;
	is(green_stack_get(0, &info), 0, "where the stack is");
	is((uintptr_t)reserve, info.high, "it begins where the stack ends");
	is((uintptr_t)reserve + RESERVE, info.reserve_end, "all of it");
	is((uintptr_t)reserve % 16, 0, "it is aligned");
	ok(&frame < reserve, "the frames lie below");
	memset(reserve, 0x5a, RESERVE);
	green_yield();
	is(reserve[0] + reserve[RESERVE - 1], 2 * 0x5a, "it keeps its bytes");
	ok(green_reserve() == reserve, "and its place");
	return NULL;
}

static void *
without(void *arg)
{
	(void)arg;
	ok(!green_reserve(), "a thread without has none");
	return NULL;
}

int
main(void)
{
	struct green_attr attr = { .size = sizeof(attr),
				   .reserve_top = RESERVE };
	green_t ids[3];
	int i;

	ok(!green_reserve(), "an OS thread that is no runtime has none");
	is(green_spawn(&ids[0], &attr, with_reserve, NULL), 0, "spawn one");
	is(green_spawn(&ids[1], NULL, without, NULL), 0, "one without");
	is(green_spawn(&ids[2], &attr, with_reserve, NULL), 0, "another");
	ok(!green_reserve(), "the main flow has none");
	for (i = 0; i < 3; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return tap_done();
}
