/* SPDX-License-Identifier: MIT */
/* Proves: when a scope waits for members that wait for each other, the report
 * of the deadlock says so of each; and members with a deadline of their scope
 * are no deadlock. */

#include "tap.h"

#include <green.h>

static struct green_scope *scope;
static green_t one;

static void *
joins_one(void *arg)
{
	green_join(one, NULL, GREEN_NEVER);
	return arg;
}

static void *
parks(void *arg)
{
	is(green_park(GREEN_NEVER), -ECANCELED, "parks until the deadline");
	return arg;
}

static void *
waits(void *arg)
{
	green_scope_create(&scope, NULL);
	green_scope_spawn(scope, NULL, NULL, joins_one, NULL);
	green_scope_wait(scope, GREEN_NEVER);
	return arg;
}

static void
deadlock(void *arg)
{
	green_spawn(&one, NULL, waits, NULL);
	green_exit(arg);
}

static void
no_deadlock(void)
{
	struct green_scope_attr attr = {
		.size = sizeof(attr),
		.deadline = green_after(3600 * GREEN_SECOND),
	};

	green_scope_create(&scope, &attr);
	green_scope_spawn(scope, NULL, NULL, parks, NULL);
	is(green_scope_wait(scope, GREEN_NEVER), -ETIMEDOUT,
	   "it has a deadline");
	is(green_scope_destroy(scope), 0, "destroy");
}

int
main(void)
{
	char text[4096];
	int status;

	is(green_clock_virtual(GREEN_SECOND), 0, "a virtual clock");
	no_deadlock();
	if (TAP_TSAN) {
		skip("a deadlock",
		     "a thread of ThreadSanitizer's could end it");
		return tap_done();
	}
	status = dies(deadlock, NULL, text, sizeof(text));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "SIGABRT");
	ok(strstr(text, "deadlock"), "the word");
	ok(strstr(text, "waits for the threads of scope 0x"), "the scope");
	ok(strstr(text, "joins thread"), "its member");
	return tap_done();
}
