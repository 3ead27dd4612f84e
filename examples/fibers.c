/* SPDX-License-Identifier: MIT */
/*
 * Two green threads take turns: one counts to 10, one to 15. Each yields
 * after every number, so the lines alternate until the first is done.
 */

#include <stdio.h>

#include <green.h>

struct counter {
	const char *name;
	int limit;
};

static void *
count(void *arg)
{
	const struct counter *counter = arg;

	for (int i = 1; i <= counter->limit; i++) {
		printf("thread %s: counter %d\n", counter->name, i);
		green_yield();
	}
	printf("thread %s: finished\n", counter->name);
	return NULL;
}

int
main(void)
{
	struct counter one = { "1", 10 }, two = { "2", 15 };
	green_t a, b;

	if (green_spawn(&a, NULL, count, &one) < 0 ||
	    green_spawn(&b, NULL, count, &two) < 0) {
		fprintf(stderr, "fibers: cannot spawn\n");
		return 1;
	}
	green_join(a, NULL, GREEN_NEVER);
	green_join(b, NULL, GREEN_NEVER);
	return 0;
}
