/* SPDX-License-Identifier: MIT */
/* Proves: functions with variable arguments work on a context with doubles,
 * which they store with aligned instructions, and so does long double. */

#include "tap.h"

#include <green/context.h>

static struct green_context main_flow, ctx;
static char stack[64 * 1024];

static void *
format(void *value)
{
	volatile double x = 1.5, y = -2.25;
	volatile long double z = 1e10L;

	while (value) {
		snprintf(value, 100, "%f %.3f %d %.1Lf %g %g %g %g %g %g", x, y,
			 7, z, x, y, x, y, x, y);
		value = green_context_switch(&ctx, &main_flow, value);
	}
	return NULL;
}

int
main(void)
{
	static const char wanted[] = "1.500000 -2.250 7 10000000000.0 "
				     "1.5 -2.25 1.5 -2.25 1.5 -2.25";
	char text[100];

	for (unsigned off = 0; off < 16; off++) {
		green_context_init(&ctx, stack, sizeof(stack) - off, 0, format,
				   &main_flow);
		for (int i = 0; i < 2; i++) {
			memset(text, 0, sizeof(text));
			green_context_switch(&main_flow, &ctx, text);
			ok(!strcmp(text, wanted), "stack %u off: %s", off,
			   text);
		}
		green_context_switch(&main_flow, &ctx, NULL);
	}
	return tap_done();
}
