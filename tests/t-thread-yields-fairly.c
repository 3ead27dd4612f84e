/* SPDX-License-Identifier: MIT */
/* Proves: with many threads each yield lets every other one run exactly once,
 * in an order that never changes, also while threads come and go; a yield
 * without others returns at once. */

#include "tap.h"

#include <green.h>

#define MOST 3000
#define ROUNDS 5

static unsigned turn, unfair, threads;

static void *
work(void *arg)
{
	unsigned self = (unsigned)(uintptr_t)arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		unfair += turn++ != i * threads + self;
		green_yield();
	}
	return NULL;
}

static int other_ran;

static void *
other(void *arg)
{
	(void)arg;
	other_ran++;
	return NULL;
}

int
main(void)
{
	static green_t ids[MOST];
	green_t id;

	threads = (unsigned)tap_scale(MOST, 200);
	for (int i = 0; i < 3000; i++)
		green_yield();
	ok(1, "alone, it returns");
	for (uintptr_t i = 0; i < threads; i++)
		green_spawn(&ids[i], NULL, work, (void *)i);
	for (int i = 0; i < ROUNDS; i++)
		green_yield();
	is(turn, ROUNDS * threads, "each yield of main is one round");
	is(unfair, 0, "turns out of order");
	/* Those that have ended make place; a newcomer is last in line. */
	green_spawn(&id, NULL, other, NULL);
	green_yield();
	is(other_ran, 1, "a newcomer had its turn");
	for (unsigned i = 0; i < threads; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	green_join(id, NULL, GREEN_NEVER);
	is(turn, ROUNDS * threads, "nobody ran twice");
	return tap_done();
}
