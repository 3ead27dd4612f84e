/* SPDX-License-Identifier: MIT */
/* Proves: backtrace() on a context sees each function up to the context's
 * first code and nothing beyond: in a fresh context, in one that came back,
 * and in a function that switch_with runs on it. */

#include "config.h"

#include "tap.h"

#include "context.h"

#include <execinfo.h>

#define DEPTH 64

void green__start(void);

static struct green_context main_flow, ctx;
static char stack[256 * 1024];

/* Keeps the call of inner() from being the last thing that middle() does, and
 * so from becoming a jump. */
static volatile int total;

/* Where each function will return to; what backtrace() must find. */
static struct {
	void *frame[DEPTH];
	int count;
	void *inner, *middle, *entry;
} seen;

__attribute__((noinline)) static void
inner(void)
{
	seen.inner = __builtin_return_address(0);
	seen.count = backtrace(seen.frame, DEPTH);
}

__attribute__((noinline)) static int
middle(void)
{
	seen.middle = __builtin_return_address(0);
	inner();
	return seen.count;
}

static void *
entry(void *value)
{
	seen.entry = __builtin_return_address(0);
	while (value) {
		total += middle();
		value = green_context_switch(&ctx, &main_flow, value);
	}
	return NULL;
}

/* Is this a return address in green__start? It is a few instructions long. */
static int
in_start(void *address)
{
	uintptr_t from = (uintptr_t)green__start, at = (uintptr_t)address;

	return at >= from && at - from < 20;
}

/* ucontext has a start of its own below ours, which is C and longer. */
static int
is_generic(void)
{
	return !strcmp(GREEN_BACKEND, "generic");
}

/* From frame number i on there are the function that calls a context's
 * function, and its start. */
static void
ends_cleanly(int i, const char *what)
{
	is(seen.frame[i++], seen.entry, "%s: what called the function", what);
	if (is_generic()) {
		ok(seen.count <= i + 2, "%s: %d frames", what, seen.count);
		return;
	}
	ok(in_start(seen.frame[i]), "%s: the start of the context", what);
	is(seen.count, i + 1, "%s: that is the end", what);
}

static void *
trace(void *value)
{
	inner();
	return value;
}

int
main(void)
{
	if (TAP_TSAN)
		skip_all("TSan's backtrace() has a frame of its own");
	for (unsigned flags = 0; flags <= GREEN_CONTEXT_FP; flags++) {
		green_context_init(&ctx, stack, sizeof(stack), flags, entry,
				   &main_flow);
		for (int i = 0; i < 2; i++) {
			green_context_switch(&main_flow, &ctx, stack);
			is(seen.frame[1], seen.inner, "inner's caller");
			is(seen.frame[2], seen.middle, "middle's caller");
			ends_cleanly(3, i ? "again" : "at first");
		}
		seen.count = 0;
		green_context_switch_with(&main_flow, &ctx, trace, stack);
		ok(seen.count > 4 && seen.count < DEPTH, "a whole backtrace");
		is(seen.frame[1], seen.inner, "trace() on the target's stack");
		green_context_switch(&main_flow, &ctx, NULL);
	}
	return tap_done();
}
