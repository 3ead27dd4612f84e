/* SPDX-License-Identifier: MIT */
/* Proves: the stack pointer is aligned as the ABI wants it where a context's
 * function begins, and where the function of switch_with begins, whatever the
 * alignment of the memory given; looked at by assembly, because a compiler
 * realigns what it needs aligned. */

#include "tap.h"

#include "arch/fill.h"

#include <green/context.h>

static struct green_context main_flow, ctx;
static char stack[64 * 1024];

static void *
back_and_forth(void *value)
{
	value = green_context_switch(&ctx, &main_flow, value);
	return green_context_switch(&ctx, &main_flow, value);
}

static void
entry_of(unsigned flags)
{
	int bad = 0;

	for (unsigned i = 0; i < 32; i++)
		for (unsigned j = 0; j < 32; j++) {
			green_context_init(&ctx, stack + i,
					   sizeof(stack) - i - j, flags,
					   fill_misaligned, &main_flow);
			bad += green_context_switch(&main_flow, &ctx, stack) !=
			       NULL;
		}
	is(bad, 0, "flags %u: function of a context", flags);
}

static void
switch_with(unsigned flags)
{
	int bad = 0;

	for (unsigned j = 0; j < 32; j++) {
		green_context_init(&ctx, stack, sizeof(stack) - j, flags,
				   back_and_forth, NULL);
		bad += green_context_switch_with(&main_flow, &ctx,
						 fill_misaligned,
						 stack) != NULL;
		bad += green_context_switch_with(&main_flow, &ctx,
						 fill_misaligned,
						 stack) != NULL;
		green_context_fini(&ctx);
	}
	is(bad, 0, "flags %u: function of switch_with, fresh and suspended",
	   flags);
}

static void *
return_value(void *value)
{
	return value;
}

/* The end of one context is the beginning of another. */
static void
entry_by_link(unsigned flags)
{
	static char second[64 * 1024];
	struct green_context ends;

	green_context_init(&ctx, stack, sizeof(stack), flags, fill_misaligned,
			   &main_flow);
	green_context_init(&ends, second, sizeof(second), flags, return_value,
			   &ctx);
	is(green_context_switch(&main_flow, &ends, stack), 0,
	   "flags %u: function of a context that is entered by a link", flags);
}

int
main(void)
{
	is((uintptr_t)fill_misaligned(NULL), 0, "aligned outside of contexts");
	for (unsigned flags = 0; flags <= GREEN_CONTEXT_FP; flags++) {
		entry_of(flags);
		switch_with(flags);
		entry_by_link(flags);
	}
	return tap_done();
}
