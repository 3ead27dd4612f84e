/* SPDX-License-Identifier: MIT */
/* Proves: with GREEN_CONTEXT_FP the rounding mode belongs to the context, and
 * without it to the OS thread; shown by dividing, in double and in long
 * double (SSE and x87 on x86, where fegetround() looks at one of them only).
 */

#include "tap.h"

#include <fenv.h>

#include <green/context.h>

/* What 1/3 and 5/3 are: to nearest, one is rounded up and the other down. */
struct quotients {
	double a, b;
	long double c, d;
};

enum {
	NEAREST,
	UP,
	DOWN,
	MODES
};

static const int modes[MODES] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD };
static struct quotients known[MODES];

static struct green_context main_flow, ctx, ctx2;
static char stack[64 * 1024], stack2[64 * 1024];

__attribute__((noinline)) static struct quotients
divide(void)
{
	volatile double one = 1, five = 5, three = 3;
	volatile long double lone = 1, lfive = 5, lthree = 3;
	struct quotients q = { one / three, five / three, lone / lthree,
			       lfive / lthree };
	return q;
}

/* The mode that both kinds of division follow, or -1. */
static int
mode_now(void)
{
	struct quotients q = divide();
	int in_double = -1, in_long_double = -1;

	for (int i = 0; i < MODES; i++) {
		if (q.a == known[i].a && q.b == known[i].b)
			in_double = i;
		if (q.c == known[i].c && q.d == known[i].d)
			in_long_double = i;
	}
	return in_double == in_long_double ? in_double : -1;
}

static void
set(int mode)
{
	fesetround(modes[mode]);
}

/* Tell the mode found, then set the one that is sent; -1 ends it. */
static void *
report(void *value)
{
	for (;;) {
		intptr_t mode = mode_now();

		value = green_context_switch(&ctx, &main_flow, (void *)mode);
		if ((intptr_t)value < 0)
			return (void *)(intptr_t)mode_now();
		set((int)(intptr_t)value);
	}
}

static intptr_t
ask(intptr_t mode)
{
	return (intptr_t)green_context_switch(&main_flow, &ctx, (void *)mode);
}

static void *
find_mode(void *value)
{
	(void)value;
	return (void *)(intptr_t)mode_now();
}

static void *
return_value(void *value)
{
	value = green_context_switch(&ctx, &main_flow, value);
	return green_context_switch(&ctx, &main_flow, value);
}

/* Go on to ctx from ctx2, which has a mode of its own. */
static void *
pass_on(void *value)
{
	set(DOWN);
	value = green_context_switch(&ctx2, &ctx, value);
	return (void *)(intptr_t)(mode_now() * 10);
}

static void *
jump_up(void *value)
{
	set(UP);
	green_context_jump(&main_flow, value);
}

static void
own_mode(void)
{
	set(UP);
	green_context_init(&ctx, stack, sizeof(stack), GREEN_CONTEXT_FP, report,
			   &main_flow);
	set(DOWN);
	is(ask(0), UP, "own: begins with the mode at init");
	is(mode_now(), DOWN, "own: the other side has its own back");
	is(ask(NEAREST), NEAREST, "own: changes its mode");
	is(mode_now(), DOWN, "own: which the other side does not see");
	set(UP);
	is(ask(DOWN), DOWN, "own: nor it what the other side changes");
	is(mode_now(), UP, "own: back again");
	is(ask(-1), DOWN, "own: kept while suspended, to the end");
	is(mode_now(), UP, "own: the link has its own back");
}

static void
shared_mode(void)
{
	set(NEAREST);
	green_context_init(&ctx, stack, sizeof(stack), 0, report, &main_flow);
	set(DOWN);
	is(ask(0), DOWN, "shared: the mode in force");
	is(ask(UP), UP, "shared: a context changes it");
	is(mode_now(), UP, "shared: for the other side, too");
	set(DOWN);
	is(ask(-1), DOWN, "shared: and the other way round");
}

static void
with_function(void)
{
	set(UP);
	green_context_init(&ctx, stack, sizeof(stack), GREEN_CONTEXT_FP,
			   return_value, NULL);
	set(DOWN);
	is(green_context_switch_with(&main_flow, &ctx, find_mode, NULL), UP,
	   "switch_with: fn has the words of a fresh target");
	is(green_context_switch_with(&main_flow, &ctx, find_mode, NULL), UP,
	   "switch_with: and of a suspended one");
	is(mode_now(), DOWN, "switch_with: back");
	green_context_fini(&ctx);
}

static void
two_owners(void)
{
	set(UP);
	green_context_init(&ctx, stack, sizeof(stack), GREEN_CONTEXT_FP, report,
			   &ctx2);
	green_context_init(&ctx2, stack2, sizeof(stack2), GREEN_CONTEXT_FP,
			   pass_on, &main_flow);
	set(NEAREST);
	is(green_context_switch(&main_flow, &ctx2, NULL), UP,
	   "two owners: the second began with its own mode");
	is(mode_now(), NEAREST, "two owners: main has its own back");
	is(ask(-1), DOWN * 10, "two owners: the first came back to its own");
	is(mode_now(), NEAREST, "two owners: main has its own at the end");
}

static void
jump_takes_along(void)
{
	set(NEAREST);
	green_context_init(&ctx, stack, sizeof(stack), GREEN_CONTEXT_FP,
			   jump_up, NULL);
	green_context_switch(&main_flow, &ctx, NULL);
	is(mode_now(), UP, "jump: its words stay in force");
	green_context_fini(&ctx);
}

int
main(void)
{
	for (int i = 0; i < MODES; i++) {
		set(i);
		known[i] = divide();
	}
	for (int i = 0; i < MODES; i++) {
		set(i);
		is(mode_now(), i, "mode %d shows in both kinds of division", i);
	}
	own_mode();
	shared_mode();
	with_function();
	two_owners();
	jump_takes_along();
	return tap_done();
}
