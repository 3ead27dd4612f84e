/* SPDX-License-Identifier: MIT */
/* Proves: threads start in the order of their spawning and yield first in,
 * first out; join fetches what they returned. */

#include "tap.h"

#include <green.h>

static char trace[256];
static size_t len;

static void *
work(void *arg)
{
	char letter = *(const char *)arg;

	for (int i = 0; i < 3; i++) {
		trace[len++] = letter;
		green_yield();
	}
	return arg;
}

int
main(void)
{
	green_t ids[3], self = green_self();
	const char *letters = "abc";
	void *value;

	ok(self != 0, "the main flow has an id");
	for (int i = 0; i < 3; i++)
		is(green_spawn(&ids[i], NULL, work, (void *)(letters + i)), 0,
		   "spawn %d", i);
	is(len, 0, "nothing runs before spawn returns");
	green_yield();
	ok(!strcmp(trace, "abc"), "started in order: %s", trace);
	for (int i = 0; i < 3; i++) {
		is(green_join(ids[i], &value, GREEN_NEVER), 0, "join %d", i);
		ok(value == letters + i, "value %d", i);
		is(green_join(ids[i], NULL, GREEN_NEVER), -ESRCH,
		   "its id is stale");
	}
	ok(!strcmp(trace, "abcabcabc"), "round robin: %s", trace);
	is(green_self(), self, "the main flow is itself again");
	return tap_done();
}
