/* SPDX-License-Identifier: MIT */
/*
 * For check-context-sanitizers.sh: exceptions thrown and caught on a context,
 * and thrown into it by switch_with, which a sanitizer must let pass in
 * silence.
 */

#include <cstdio>
#include <cstring>
#include <string>

#include <green/context.h>

static struct green_context main_flow, ctx;
static char stack[256 * 1024];

static void *
throw_text(void *value)
{
	throw std::string(static_cast<char *>(value));
}

static void *
catch_all(void *)
{
	char text[100] = "own";

	for (int i = 0; i < 5; i++) {
		char marked[50];

		try {
			std::memset(marked, i, sizeof(marked));
			if (i % 2)
				throw_text(text);
			green_context_switch(&ctx, &main_flow, marked);
		} catch (const std::string &s) {
			std::snprintf(text, sizeof(text), "%s", s.c_str());
		}
	}
	return NULL;
}

int
main()
{
	char text[] = "from main";

	green_context_init(&ctx, stack, sizeof(stack), 0, catch_all,
			   &main_flow);
	green_context_switch(&main_flow, &ctx, NULL);
	for (int i = 0; i < 3; i++)
		green_context_switch_with(&main_flow, &ctx, throw_text, text);
	return 0;
}
