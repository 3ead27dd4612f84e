/* SPDX-License-Identifier: MIT */
/* Proves: every callee-saved register holds what it held when a flow that left
 * comes back, whichever way both sides left and whichever way it is entered;
 * by assembly that fills all of them with patterns. With GREEN_CONTEXT_FP the
 * same goes for the rounding mode. */

#include "tap.h"

#include "arch/fill.h"
#include "context.h"
#include "tools.h"

#include <fenv.h>

static struct green_context main_flow, ctx;
static char stack[64 * 1024];
static uint64_t seed;
static int ctx_bad;  /* what ctx found changed, ever */
static int ctx_mode; /* its own rounding mode, or -1 */

static void *
same_value(void *value)
{
	return value;
}

/* The ways to leave a flow, as the first three arguments of fill_call(). */
static const struct way {
	const char *name;
	void (*fn)(void);
	int with;   /* takes a function to run on the other side */
	int hidden; /* not announced to sanitizers */
} ways[] = {
	{ "switch", (void (*)(void))green_context_switch, 0, 0 },
	{ "switch_with", (void (*)(void))green_context_switch_with, 1, 0 },
	{ "green__switch", (void (*)(void))green__switch, 0, 1 },
	{ "green__switch_with", (void (*)(void))green__switch_with, 1, 1 },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static const struct way *ctx_way;
static void (*ctx_call)(struct fill *);

/* Leave from for to with a pattern in each register; returns the number of
 * registers that were changed when we came back. */
static int
leave(void (*call)(struct fill *), const struct way *way,
      struct green_context *from, struct green_context *to, void *value,
      void **ret_value)
{
	struct fill f = { .arg = { from, to, value } };
	int bad = 0;

	f.fn = (void *)(uintptr_t)way->fn;
	if (way->with) {
		f.arg[2] = (void *)(uintptr_t)same_value;
		f.arg[3] = value;
	}
	for (unsigned i = 0; i < fill_count(); i++)
		f.in[i] = ++seed * 0x9e3779b97f4a7c15u;
	call(&f);
	for (unsigned i = 0; i < fill_count(); i++) {
		if (f.out[i] == f.in[i])
			continue;
		bad++;
		printf("# register %u: %#jx became %#jx\n", i,
		       (uintmax_t)f.in[i], (uintmax_t)f.out[i]);
	}
	*ret_value = f.result;
	return bad;
}

/* Comes back each time it is switched to, until told to end with NULL. */
static void *
ping_pong(void *value)
{
	if (ctx_mode >= 0)
		fesetround(ctx_mode);
	while (value) {
		ctx_bad += leave(ctx_call, ctx_way, &ctx, &main_flow, value,
				 &value);
		ctx_bad += ctx_mode >= 0 && fegetround() != ctx_mode;
	}
	return (void *)99;
}

static void *
jump_back(void *value)
{
	green_context_jump(&main_flow, value);
}

static void *
jump_back_hidden(void *value)
{
	green__jump((void **)&main_flow, value);
}

static void
way_and_way(unsigned flags, const struct way *mine, const struct way *theirs)
{
	static void (*const calls[])(struct fill *) = { fill_call_a,
							fill_call_b };
	void *value;
	int bad = 0, lost = 0;

	ctx_bad = 0;
	ctx_way = theirs;
	/* The hidden functions do not look at flags. */
	ctx_mode = flags && !mine->hidden && !theirs->hidden ? FE_UPWARD : -1;
	green_context_init(&ctx, stack, sizeof(stack), flags, ping_pong,
			   &main_flow);
	for (unsigned i = 0; i < 8; i++) {
		void *sent = (void *)(uintptr_t)(i + 1);

		ctx_call = calls[i / 2 % 2];
		bad += leave(calls[i % 2], mine, &main_flow, &ctx, sent,
			     &value);
		lost += value != sent;
		bad += fegetround() != FE_TONEAREST;
	}
	is(bad, 0, "flags %u: left by %s, entered by %s", flags, mine->name,
	   theirs->name);
	is(ctx_bad, 0, "flags %u: left by %s, entered by %s, on a context",
	   flags, theirs->name, mine->name);
	is(lost, 0, "flags %u: the values arrive", flags);
	bad = leave(fill_call_a, &ways[0], &main_flow, &ctx, NULL, &value);
	ok(bad == 0 && value == (void *)99,
	   "flags %u: left by switch, entered through a link", flags);
}

static void
way_and_jump(unsigned flags, const struct way *way, green_context_fn fn,
	     const char *name)
{
	void *value;
	int bad;

	green_context_init(&ctx, stack, sizeof(stack), flags, fn, NULL);
	bad = leave(fill_call_b, way, &main_flow, &ctx, &ctx, &value);
	ok(bad == 0 && value == &ctx, "flags %u: left by %s, entered by %s",
	   flags, way->name, name);
	green_context_fini(&ctx);
}

int
main(void)
{
	unsigned ways_usable = green__asan() || green__tsan() ? 2 : WAYS;

	ok(fill_count() > 0 && fill_count() <= FILL_MAX, "there are registers");
	for (unsigned flags = 0; flags <= GREEN_CONTEXT_FP; flags++)
		for (unsigned i = 0; i < ways_usable; i++) {
			for (unsigned j = 0; j < ways_usable; j++)
				way_and_way(flags, &ways[i], &ways[j]);
			way_and_jump(flags, &ways[i], jump_back, "jump");
			if (ways_usable == WAYS)
				way_and_jump(flags, &ways[i], jump_back_hidden,
					     "green__jump");
		}
	return tap_done();
}
