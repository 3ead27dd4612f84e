/* SPDX-License-Identifier: MIT */
/*
 * For check-context-gdb.sh: switches in every way, between step_from_here()
 * and step_to_here(), while gdb executes one instruction at a time. The main
 * flow and the context leave from two places, and from one that they share.
 */

#include <stdint.h>
#include <stdio.h>

#include <green/context.h>

#define noinline __attribute__((noinline))

struct green_context main_flow, ctx, other;
char ctx_stack[64 * 1024], other_stack[64 * 1024];
volatile int calls; /* what follows a call keeps it from being a jump */

/* Different, so that the compiler does not make one of them. */
noinline static void
step_from_here(void)
{
	calls += 1;
}

noinline static void
step_to_here(void)
{
	calls += 2;
}

noinline static void
deepest(void)
{
	calls += 3;
}

noinline static void *
hop(struct green_context *from, struct green_context *to, void *value)
{
	value = green_context_switch(from, to, value);
	calls++;
	return value;
}

noinline static void *
add_one(void *value)
{
	calls++;
	return (char *)value + 1;
}

noinline static void *
hop_with(struct green_context *from, struct green_context *to, void *value)
{
	value = green_context_switch_with(from, to, add_one, value);
	calls++;
	return value;
}

noinline static void *
pong(void *value)
{
	deepest();
	value = green_context_switch(&ctx, &main_flow, value);
	calls++;
	value = hop(&ctx, &main_flow, value);
	value = hop(&ctx, &main_flow, value);
	calls++;
	value = green_context_switch_with(&ctx, &main_flow, add_one, value);
	calls++;
	value = hop_with(&ctx, &main_flow, value);
	calls++;
	return value;
}

noinline static void *
entry(void *value)
{
	value = pong(value);
	calls++;
	return value;
}

noinline static void *
jump_back(void *value)
{
	green_context_jump(&main_flow, value);
}

noinline static void *
ping(void *value)
{
	step_from_here();
	value = green_context_switch(&main_flow, &ctx, value);
	calls++;
	value = hop(&main_flow, &ctx, value);
	value = hop(&main_flow, &ctx, value);
	calls++;
	value = green_context_switch_with(&main_flow, &ctx, add_one, value);
	calls++;
	value = hop_with(&main_flow, &ctx, value);
	calls++;
	value = green_context_switch(&main_flow, &ctx, value);
	calls++;
	step_to_here();
	return value;
}

noinline static void *
ping_jumper(void *value)
{
	step_from_here();
	value = green_context_switch_with(&main_flow, &ctx, add_one, value);
	calls++;
	step_to_here();
	return value;
}

/* Ends in the arms of a context that has not run yet. */
noinline static void *
ping_chain(void *value)
{
	step_from_here();
	value = green_context_switch(&main_flow, &other, value);
	calls++;
	step_to_here();
	return value;
}

int
main(void)
{
	intptr_t sum = 0;

	for (unsigned flags = 0; flags <= GREEN_CONTEXT_FP; flags++) {
		green_context_init(&ctx, ctx_stack, sizeof(ctx_stack), flags,
				   entry, &main_flow);
		sum += (intptr_t)ping(NULL);
		green_context_init(&ctx, ctx_stack, sizeof(ctx_stack), flags,
				   jump_back, NULL);
		sum += (intptr_t)ping_jumper(NULL);
		green_context_fini(&ctx);
		green_context_init(&ctx, ctx_stack, sizeof(ctx_stack), flags,
				   add_one, &main_flow);
		green_context_init(&other, other_stack, sizeof(other_stack),
				   flags, add_one, &ctx);
		sum += (intptr_t)ping_chain(NULL);
	}
	printf("the values add up to %d\n", (int)sum);
	return 0;
}
