/* SPDX-License-Identifier: MIT */
/* Proves: contexts work on stacks above and below that of the caller, on the
 * smallest one allowed, and on one inside of another's; stacks are used again
 * after an end, after fini and after a jump away. */

#include "config.h"

#include "tap.h"

#include <green/context.h>

#define SIZE (64 * 1024)

static struct green_context main_flow, low, high, nested;
static char memory[2 * SIZE], nested_memory[SIZE];

/* Count to 1,000 in turns, so that both flows come and go often. */
static void *
count(void *value)
{
	intptr_t n = (intptr_t)value;

	while (n < 1000)
		n = (intptr_t)green_context_switch(&low, &high,
						   (void *)(n + 1));
	return (void *)n;
}

static void *
count_too(void *value)
{
	intptr_t n = (intptr_t)value;

	for (;;) {
		n = (intptr_t)green_context_switch(&high, &low,
						   (void *)(n + 1));
		if (n >= 1000)
			return (void *)-1;
	}
}

static void *
return_next(void *value)
{
	return (void *)((intptr_t)value + 1);
}

/* A context whose stack is a local array of another context. */
static void *
nest(void *value)
{
	char stack[16 * 1024];
	struct green_context here = GREEN_CONTEXT_INIT;

	green_context_init(&nested, stack, sizeof(stack), 0, return_next,
			   &here);
	value = green_context_switch(&here, &nested, value);
	return (void *)((intptr_t)value + 1);
}

static void *
jump_away(void *value)
{
	green_context_jump(&main_flow, value);
}

static void
two_stacks(char *first, char *second, const char *what)
{
	green_context_init(&low, first, SIZE, 0, count, &main_flow);
	green_context_init(&high, second, SIZE, 0, count_too, NULL);
	is(green_context_switch(&main_flow, &low, NULL), 1000, "%s", what);
	green_context_fini(&high);
}

/* The main flow's own stack is above everything static, and a local array of
 * main's is below main's frame: with memory from both, both orders happen. */
static void
on_a_local_array(void)
{
	char local[SIZE];

	two_stacks(local, memory, "one below the caller, one elsewhere");
	two_stacks(memory, local, "the other way round");
}

int
main(void)
{
	size_t size = GREEN_CONTEXT_STACK_MIN;

	two_stacks(memory, memory + SIZE, "stacks side by side");
	two_stacks(memory + SIZE, memory, "in the other order");
	on_a_local_array();

	green_context_init(&low, memory, SIZE, 0, nest, &main_flow);
	is(green_context_switch(&main_flow, &low, NULL), 2,
	   "a stack within a stack");

	/* With ucontext a little more is needed than elsewhere. */
	while (green_context_init(&low, memory, size, 0, return_next,
				  &main_flow) == -EINVAL)
		size += 1024;
	ok(size == GREEN_CONTEXT_STACK_MIN || !strcmp(GREEN_BACKEND, "generic"),
	   "smallest stack: %zu", size);
	is(green_context_switch(&main_flow, &low, NULL), 1, "and it runs");

	for (unsigned flags = 0; flags <= GREEN_CONTEXT_FP; flags++) {
		green_context_init(&low, memory, SIZE, flags, return_next,
				   &high);
		green_context_init(&high, memory + SIZE, SIZE, 0, return_next,
				   &nested);
		green_context_init(&nested, nested_memory,
				   sizeof(nested_memory), 0, return_next,
				   &main_flow);
		is(green_context_switch(&main_flow, &low, NULL), 3,
		   "links that have not run yet, flags %u", flags);
	}

	for (int i = 0; i < 100; i++) {
		green_context_init(&low, memory, SIZE, 0, jump_away, NULL);
		green_context_switch(&main_flow, &low, NULL);
		green_context_fini(&low);
	}
	memset(memory, 1, sizeof(memory));
	ok(1, "a stack that was jumped away from is used again");
	return tap_done();
}
