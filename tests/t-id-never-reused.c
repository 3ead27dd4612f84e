/* SPDX-License-Identifier: MIT */
/* Proves: 100,000 threads, few alive at a time, have 100,000 different ids,
 * none of them 0, and every stale id says so. */

#include "tap.h"

#include <green.h>

#define MOST 100000
#define BATCH 10

static green_t ids[MOST];

static void *
work(void *arg)
{
	return arg;
}

static int
compare(const void *a, const void *b)
{
	green_t x = *(const green_t *)a, y = *(const green_t *)b;

	return (x > y) - (x < y);
}

int
main(void)
{
	int n = tap_scale(MOST, 2000), bad = 0, stale = 0, equal = 0;

	for (int i = 0; i < n; i += BATCH) {
		for (int k = i; k < i + BATCH; k++)
			bad += green_spawn(&ids[k], NULL, work, NULL) != 0;
		for (int k = i; k < i + BATCH; k++)
			bad += green_join(ids[k], NULL, GREEN_NEVER) != 0;
	}
	is(bad, 0, "failures of %d spawns and joins", n);
	for (int i = 0; i < n; i++)
		stale += green_join(ids[i], NULL, 0) == -ESRCH;
	is(stale, n, "stale ids that say so");
	qsort(ids, n, sizeof(ids[0]), compare);
	for (int i = 1; i < n; i++)
		equal += ids[i] == ids[i - 1];
	is(equal, 0, "equal ids");
	ok(ids[0] != 0, "none is 0");
	return tap_done();
}
