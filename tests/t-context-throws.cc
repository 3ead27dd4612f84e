/* SPDX-License-Identifier: MIT */
/* Proves: C++ exceptions are thrown and caught on a context; one thrown by
 * the function of switch_with unwinds into the target, destroying what is on
 * the way; one that leaves a context's function ends in std::terminate. */

#include "tap.h"

#include <exception>

#include <green/context.h>

static struct green_context main_flow, ctx;
static char stack[256 * 1024];
static int destroyed;

struct counted {
	~counted()
	{
		destroyed++;
	}
};

__attribute__((noinline)) static void
thrower(int n)
{
	counted c;

	if (n == 0)
		throw 42;
	thrower(n - 1);
}

static void *
throw_inside(void *value)
{
	intptr_t got = 0;

	do {
		try {
			thrower(5);
		} catch (int n) {
			got = n;
		}
		value = green_context_switch(&ctx, &main_flow, (void *)got);
	} while (value);
	return NULL;
}

static void *
throw_value(void *value)
{
	counted c;

	throw value;
}

static void *
catch_from_elsewhere(void *value)
{
	while (value) {
		try {
			counted c;

			value = green_context_switch(&ctx, &main_flow, NULL);
		} catch (void *thrown) {
			value = green_context_switch(&ctx, &main_flow, thrown);
		}
	}
	return NULL;
}

static void *
throw_to_main(void *value)
{
	return green_context_switch_with(&ctx, &main_flow, throw_value, value);
}

static void *
let_it_go(void *)
{
	thrower(3);
	return NULL;
}

static void
terminated()
{
	static const char text[] = "terminate was called\n";

	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(2);
	abort();
}

static void
leave_entry(void *arg)
{
	std::set_terminate(terminated);
	green_context_init(&ctx, stack, sizeof(stack), 0,
			   arg ? catch_from_elsewhere : let_it_go, &main_flow);
	if (arg)
		green_context_switch_with(&main_flow, &ctx, throw_value, arg);
	else
		green_context_switch(&main_flow, &ctx, NULL);
}

static void
dies_in_terminate(void *arg, const char *what)
{
	char err[200];
	int status = dies(leave_entry, arg, err, sizeof(err));

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
		   strstr(err, "terminate was called\n"),
	   "%s: std::terminate", what);
}

static void
on_a_context(unsigned flags)
{
	green_context_init(&ctx, stack, sizeof(stack), flags, throw_inside,
			   &main_flow);
	for (int i = 1; i <= 3; i++) {
		destroyed = 0;
		is(green_context_switch(&main_flow, &ctx, &ctx), 42,
		   "thrown and caught on a context");
		is(destroyed, 6, "with all destructors run");
	}
	green_context_switch(&main_flow, &ctx, NULL);
}

static void
into_a_context(unsigned flags)
{
	green_context_init(&ctx, stack, sizeof(stack), flags,
			   catch_from_elsewhere, &main_flow);
	green_context_switch(&main_flow, &ctx, &ctx);
	for (int i = 1; i <= 3; i++) {
		destroyed = 0;
		is(green_context_switch_with(&main_flow, &ctx, throw_value,
					     stack + i),
		   stack + i, "thrown by switch_with, caught by the target");
		is(destroyed, 2, "destructors of both sides");
		green_context_switch(&main_flow, &ctx, &ctx);
	}
	green_context_switch(&main_flow, &ctx, NULL);
}

static void
into_main(unsigned flags)
{
	void *caught = NULL;

	green_context_init(&ctx, stack, sizeof(stack), flags, throw_to_main,
			   NULL);
	try {
		green_context_switch(&main_flow, &ctx, &main_flow);
	} catch (void *thrown) {
		caught = thrown;
	}
	is(caught, &main_flow, "thrown by switch_with into the main flow");
	green_context_fini(&ctx);
}

int
main()
{
	for (unsigned flags = 0; flags <= GREEN_CONTEXT_FP; flags++) {
		on_a_context(flags);
		into_a_context(flags);
		into_main(flags);
	}
	dies_in_terminate(NULL, "left the function of a context");
	dies_in_terminate(stack, "thrown into a fresh context");
	return tap_done();
}
