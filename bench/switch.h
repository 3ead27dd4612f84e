/* SPDX-License-Identifier: MIT */
#ifndef SWITCH_H
#define SWITCH_H

/*
 * Rows of a bare stack switch between the main flow and one context. A program
 * defines, before it includes this, in which flow it is and how it hops:
 *
 *	struct flow			one side; its fields are the program's
 *	static inline void hop(struct flow *f)	leave f for the other side
 *
 * and then calls switch_main(), whose argument makes the context; that runs
 * switch_other() on its own stack.
 *
 * What a switch costs depends on how the CPU predicts the return from it:
 *
 *	same	both sides run the same loop: every return goes to the address
 *		that the last call came from
 *	sites	two loops: the return goes elsewhere
 *	nested	as same, but under three calls that return before the next hop
 *	nested-sites	the same with different functions on the two sides
 */

#include "bench.h"

#include <limits.h>

/* Keeps two functions that look alike from being merged, and a call at the
 * end of one from becoming a jump. */
#define DISTINCT(n) __asm__ volatile("# %0" : : "i"(n) : "memory")

#define LOOP(name, site, action) \
	static noinline void name(struct flow *f, long n) \
	{ \
		while (n-- > 0) { \
			DISTINCT(site); \
			action(f); \
		} \
	}

#define DEEPER(name, site, action) \
	static noinline void name(struct flow *f) \
	{ \
		DISTINCT(site); \
		action(f); \
		DISTINCT(site); \
	}

LOOP(loop_same, 1, hop)
LOOP(loop_main, 2, hop)
LOOP(loop_other, 3, hop)
DEEPER(deep_same_1, 10, hop)
DEEPER(deep_same_2, 11, deep_same_1)
DEEPER(deep_same_3, 12, deep_same_2)
LOOP(loop_nested, 4, deep_same_3)
DEEPER(deep_main_1, 20, hop)
DEEPER(deep_main_2, 21, deep_main_1)
DEEPER(deep_main_3, 22, deep_main_2)
LOOP(loop_nested_main, 5, deep_main_3)
DEEPER(deep_other_1, 30, hop)
DEEPER(deep_other_2, 31, deep_other_1)
DEEPER(deep_other_3, 32, deep_other_2)
LOOP(loop_nested_other, 6, deep_other_3)

static const struct switch_row {
	const char *name;
	void (*here)(struct flow *f, long n);
	void (*there)(struct flow *f, long n);
} switch_rows[] = {
	{ "same", loop_same, loop_same },
	{ "sites", loop_main, loop_other },
	{ "nested", loop_nested, loop_nested },
	{ "nested-sites", loop_nested_main, loop_nested_other },
};

static const struct switch_row *switch_row;

/* Body of the context; it never ends. */
static void
switch_other(struct flow *f)
{
	for (;;)
		switch_row->there(f, LONG_MAX);
}

static int
switch_main(const char *peer, int argc, char **argv,
	    void (*make)(struct flow *here))
{
	struct arguments a = arguments_read(argc, argv);
	struct flow here;
	double start;
	size_t i;

	for (i = 0; i < sizeof(switch_rows) / sizeof(switch_rows[0]); i++)
		if (!strcmp(switch_rows[i].name, a.row))
			switch_row = &switch_rows[i];
	if (!switch_row)
		give_up("no such row", 0);
	make(&here);
	switch_row->here(&here, a.count / 10 + 1);
	start = cpu_now();
	switch_row->here(&here, a.count);
	start = cpu_now() - start;
	say_begin(peer, &a);
	say("ns", start / (double)a.count / 2);
	say_end();
	return 0;
}

#endif
