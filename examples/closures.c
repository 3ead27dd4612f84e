/* SPDX-License-Identifier: MIT */
/*
 * What goes into a thread, and what comes out: C has no closures, so what a
 * thread is to remember goes into a struct, and its one argument points there.
 * The struct may lie on the stack of whoever joins the thread: it lives long
 * enough. What the function returns, green_join() hands over.
 */

#include <stdio.h>

#include <green.h>

#define THREADS 5

/* What the closure captures, and a place for its result. */
struct power {
	int base;
	int exponent;
	long result;
};

static void *
raise_to(void *arg)
{
	struct power *p = arg;

	p->result = 1;
	for (int i = 0; i < p->exponent; i++) {
		p->result *= p->base;
		green_yield();
	}
	return p;
}

/* A counter that two threads share needs no lock: a green thread runs until
 * it yields or waits, and nothing interrupts it in between. */
static void *
add_100(void *arg)
{
	int *shared = arg;

	for (int i = 0; i < 100; i++) {
		*shared += 1;
		green_yield();
	}
	return NULL;
}

static int
powers(void)
{
	struct power p[THREADS];
	green_t id[THREADS];

	for (int i = 0; i < THREADS; i++) {
		p[i] = (struct power){ .base = i + 1, .exponent = 3 };
		if (green_spawn(&id[i], NULL, raise_to, &p[i]) < 0)
			return -1;
	}
	for (int i = 0; i < THREADS; i++) {
		void *value;
		const struct power *done;

		green_join(id[i], &value, GREEN_NEVER);
		done = value;
		printf("%d to the power of %d is %ld\n", done->base,
		       done->exponent, done->result);
	}
	return 0;
}

static int
sharing(void)
{
	int shared = 0;
	green_t a, b;

	if (green_spawn(&a, NULL, add_100, &shared) < 0 ||
	    green_spawn(&b, NULL, add_100, &shared) < 0)
		return -1;
	green_join(a, NULL, GREEN_NEVER);
	green_join(b, NULL, GREEN_NEVER);
	printf("two threads added 100 each: %d\n", shared);
	return 0;
}

int
main(void)
{
	if (powers() < 0 || sharing() < 0) {
		fprintf(stderr, "closures: cannot spawn\n");
		return 1;
	}
	return 0;
}
