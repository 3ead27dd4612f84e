/* SPDX-License-Identifier: MIT */
/* Proves: a return without a link, and each way of entering a context that
 * has ended, print one line and abort; fini leaves an all-zero struct. */

#include "tap.h"

#include <green/context.h>

static struct green_context main_flow, ctx;
static char stack[64 * 1024];
static unsigned flags;

static void *
return_value(void *value)
{
	return value;
}

static void
no_link(void *arg)
{
	(void)arg;
	green_context_init(&ctx, stack, sizeof(stack), flags, return_value,
			   NULL);
	green_context_switch(&main_flow, &ctx, NULL);
}

static void
end_it(void)
{
	green_context_init(&ctx, stack, sizeof(stack), flags, return_value,
			   &main_flow);
	green_context_switch(&main_flow, &ctx, NULL);
}

static void
switch_to_ended(void *arg)
{
	(void)arg;
	end_it();
	green_context_switch(&main_flow, &ctx, NULL);
}

static void
switch_with_to_ended(void *arg)
{
	(void)arg;
	end_it();
	green_context_switch_with(&main_flow, &ctx, return_value, NULL);
}

static void
jump_to_ended(void *arg)
{
	(void)arg;
	end_it();
	green_context_jump(&ctx, NULL);
}

static void
link_to_ended(void *arg)
{
	static struct green_context second;
	static char second_stack[64 * 1024];

	(void)arg;
	end_it();
	green_context_init(&second, second_stack, sizeof(second_stack), flags,
			   return_value, &ctx);
	green_context_switch(&main_flow, &second, NULL);
}

static void
aborts_with(void (*fn)(void *), const char *text, const char *what)
{
	char err[512], wanted[512];
	int status = dies(fn, NULL, err, sizeof(err));

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s: aborts",
	   what);
	snprintf(wanted, sizeof(wanted), "libgreen: %s\n", text);
	ok(strstr(err, wanted) != NULL, "%s: %s", what, err);
}

int
main(void)
{
	static const struct green_context zero = GREEN_CONTEXT_INIT;
	static const char ended[] = "switch to a context that has ended";

	for (flags = 0; flags <= GREEN_CONTEXT_FP; flags++) {
		aborts_with(no_link,
			    "a context's function returned, and it has no link",
			    "return without a link");
		aborts_with(switch_to_ended, ended, "switch");
		aborts_with(switch_with_to_ended, ended, "switch_with");
		aborts_with(jump_to_ended, ended, "jump");
		aborts_with(link_to_ended, ended, "link");
	}
	flags = 0;
	end_it();
	green_context_fini(&ctx);
	ok(!memcmp(&ctx, &zero, sizeof(zero)), "fini of one that has ended");
	green_context_init(&ctx, stack, sizeof(stack), 0, return_value, NULL);
	green_context_fini(&ctx);
	ok(!memcmp(&ctx, &zero, sizeof(zero)), "fini of one that never ran");
	return tap_done();
}
