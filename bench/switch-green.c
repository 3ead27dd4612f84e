/* SPDX-License-Identifier: MIT */
/* Raw switches: green_context_switch() of the shared library. */

#include <green/context.h>

struct flow {
	struct green_context *self, *other;
};

static inline void
hop(struct flow *f)
{
	green_context_switch(f->self, f->other, NULL);
}

#include "switch.h"

static struct green_context contexts[2];
static char stack[65536];

static void *
entry(void *value)
{
	struct flow f = { &contexts[1], &contexts[0] };

	switch_other(&f);
	return value;
}

static void
make(struct flow *here)
{
	here->self = &contexts[0];
	here->other = &contexts[1];
	if (green_context_init(&contexts[1], stack, sizeof(stack), 0, entry,
			       &contexts[0]))
		give_up("green_context_init failed", 0);
}

int
main(int argc, char **argv)
{
	return switch_main("libgreen", argc, argv, make);
}
