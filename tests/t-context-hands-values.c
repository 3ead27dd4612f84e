/* SPDX-License-Identifier: MIT */
/* Proves: values go both ways through switches, switch_with, link and jump,
 * and bad arguments of init are refused. */

#include "tap.h"

#include <green/context.h>

static struct green_context main_flow, a, b;
static char stack_a[64 * 1024], stack_b[64 * 1024];

static void *
echo(void *value)
{
	intptr_t n = (intptr_t)value;

	while (n != 0)
		n = (intptr_t)green_context_switch(&a, &main_flow,
						   (void *)(n + 1));
	return (void *)777;
}

static void *
twice(void *value)
{
	return (void *)((intptr_t)value * 2);
}

static void *
jumper(void *value)
{
	green_context_jump(&main_flow, (void *)((intptr_t)value + 5));
}

int
main(void)
{
	is(green_context_init(NULL, stack_a, sizeof(stack_a), 0, echo, NULL),
	   -EINVAL, "NULL context");
	is(green_context_init(&a, NULL, sizeof(stack_a), 0, echo, NULL),
	   -EINVAL, "NULL stack");
	is(green_context_init(&a, stack_a, GREEN_CONTEXT_STACK_MIN - 1, 0, echo,
			      NULL),
	   -EINVAL, "stack too small");
	is(green_context_init(&a, stack_a, SIZE_MAX, 0, echo, NULL), -EINVAL,
	   "stack that wraps around");
	is(green_context_init(&a, stack_a, sizeof(stack_a), 0, NULL, NULL),
	   -EINVAL, "NULL function");
	is(green_context_init(&a, stack_a, sizeof(stack_a), 0x80, echo, NULL),
	   -EINVAL, "unknown flag");

	is(green_context_init(&a, stack_a, sizeof(stack_a), 0, echo,
			      &main_flow),
	   0, "init");
	is(green_context_switch(&main_flow, &a, (void *)1), 2,
	   "the first value is the function's argument");
	is(green_context_switch(&main_flow, &a, (void *)41), 42,
	   "later ones are the result of its switch");
	is(green_context_switch_with(&main_flow, &a, twice, (void *)50), 101,
	   "switch_with changes the value on the way");
	is(green_context_switch(&main_flow, &a, NULL), 777,
	   "what the function returns goes to its link");
	green_context_fini(&a);

	green_context_init(&b, stack_b + 3, sizeof(stack_b) - 9, 0, jumper,
			   NULL);
	is(green_context_switch_with(&main_flow, &b, twice, (void *)4), 13,
	   "switch_with into a fresh context, jump back, unaligned stack");
	green_context_fini(&b);
	green_context_fini(NULL);
	return tap_done();
}
