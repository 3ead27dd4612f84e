/* SPDX-License-Identifier: MIT */
/* Raw switches: swapcontext() of the C library. */

#include <ucontext.h>

struct flow {
	ucontext_t *self, *other;
};

static inline void
hop(struct flow *f)
{
	swapcontext(f->self, f->other);
}

#include "../switch.h"

static ucontext_t contexts[2];
static char stack[65536];

static void
entry(void)
{
	struct flow f = { &contexts[1], &contexts[0] };

	switch_other(&f);
}

static void
make(struct flow *here)
{
	here->self = &contexts[0];
	here->other = &contexts[1];
	getcontext(&contexts[1]);
	contexts[1].uc_stack.ss_sp = stack;
	contexts[1].uc_stack.ss_size = sizeof(stack);
	contexts[1].uc_link = &contexts[0];
	makecontext(&contexts[1], entry, 0);
}

int
main(int argc, char **argv)
{
	return switch_main("ucontext", argc, argv, make);
}
