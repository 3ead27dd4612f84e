/* SPDX-License-Identifier: MIT */
/* Proves: threads that end one after the other, each followed by one that has
 * not run yet, need no more than two stacks, and never stand on the same. */

#include "tap.h"

#include <green.h>

static uintptr_t seen[3];
static int stacks, ran;

/* Fills some of its stack, so that a frame of another thread in the same
 * place would not survive. */
static void *
work(void *arg)
{
	struct green_stack_info info = { .size = sizeof(info) };
	volatile char fill[2000];

	for (size_t i = 0; i < sizeof(fill); i++)
		fill[i] = (char)i;
	green_stack_get(0, &info);
	for (int i = 0; i < 3; i++) {
		if (seen[i] == info.low)
			break;
		if (!seen[i]) {
			seen[i] = info.low;
			stacks++;
			break;
		}
	}
	ran++;
	return arg;
}

int
main(void)
{
	int threads = tap_scale(20000, 1000), failed = 0;

	for (int i = 0; i < threads; i++)
		failed += green_spawn(NULL, NULL, work, NULL) != 0;
	is(failed, 0, "all spawned");
	while (ran < threads)
		green_yield();
	is(ran, threads, "all ran");
	ok(stacks <= 2, "on two stacks at most: %d", stacks);
	return tap_done();
}
