/* SPDX-License-Identifier: MIT */
/* Proves: a switch from A to B calls A's leave and then B's enter, both on A's
 * stack, with the right user slots; an ended thread is not left, a new one is
 * entered, destroy is the last; green_user() is the slot of the running
 * thread, and green_hooks_set() checks, sets and takes away. */

#include "tap.h"

#include <green.h>

static char trace[400], *at = trace;
/* Address of a local of whoever runs. */
static uintptr_t main_stack, stack_of[3];
static int wrong_stack;

static void
note(char what, void *user)
{
	*at++ = what;
	*at++ = *(char *)user;
}

/* Are we on the stack of the thread with this user slot? */
static int
on_stack(const char *user)
{
	struct green_stack_info info = { .size = sizeof(info) };
	uintptr_t here = (uintptr_t)&info;

	if (*user == 'M')
		return here < main_stack && main_stack - here < 65536;
	return here < stack_of[*user - 'A'] &&
	       stack_of[*user - 'A'] - here < 16384;
}

static char main_name[] = "M";
static const char *last = main_name;

static void
leave(void *user)
{
	note('-', user);
	wrong_stack += !on_stack(user);
	last = user;
}

static void
enter(void *user)
{
	note('+', user);
	/* On the stack of the one before, which may have ended. */
	wrong_stack += !on_stack(last);
}

static void
destroy(void *user)
{
	note('!', user);
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.leave = leave,
	.enter = enter,
	.destroy = destroy,
};

static void *
work(void *arg)
{
	char *user = green_user();
	char local;

	stack_of[*user - 'A'] = (uintptr_t)&local;
	note('(', user);
	green_yield();
	if (green_user() != arg)
		note('?', user);
	note(')', user);
	last = user;
	return arg;
}

static void
switches(void)
{
	struct green_attr attr = { .size = sizeof(attr), .hooks = &hooks };
	static char names[] = "AB";
	green_t a, b;
	char here;

	main_stack = (uintptr_t)&here;
	is(green_hooks_set(&hooks, main_name), 0, "the main flow's hooks");
	ok(green_user() == main_name, "its user slot");
	attr.user = &names[0];
	green_spawn(&a, &attr, work, &names[0]);
	attr.user = &names[1];
	green_spawn(&b, &attr, work, &names[1]);
	ok(at == trace, "nothing is called before a switch");
	green_yield();
	green_yield();
	green_join(a, NULL, GREEN_NEVER);
	green_join(b, NULL, GREEN_NEVER);
	ok(!strcmp(trace, "-M+A(A-A+B(B-B+M-M+A)A+B)B+M!A!B"), "%s", trace);
	is(wrong_stack, 0, "hooks on another stack");
	is(green_hooks_set(NULL, NULL), 0, "take them away");
	ok(!green_user(), "no user slot");
	at = trace;
	green_spawn(&b, &attr, work, &names[1]);
	green_yield();
	ok(!memcmp(trace, "+B(B-B", 6), "the main flow has none: %.6s", trace);
	green_join(b, NULL, GREEN_NEVER);
}

/* A thread without hooks between two that have some. */
static void *
plain(void *arg)
{
	green_yield();
	return arg;
}

static void
mixed(void)
{
	struct green_attr attr = { .size = sizeof(attr), .hooks = &hooks };
	static char name[] = "A";
	green_t ids[3];

	memset(trace, 0, sizeof(trace));
	at = trace;
	attr.user = name;
	green_spawn(&ids[0], NULL, plain, NULL);
	green_spawn(&ids[1], &attr, work, name);
	green_spawn(&ids[2], NULL, plain, NULL);
	for (int i = 0; i < 3; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	ok(!strcmp(trace, "+A(A-A+A)A!A"), "among plain ones: %s", trace);
}

static void
errors(void)
{
	struct {
		struct green_hooks hooks;
		uint64_t tail;
	} longer = { .hooks = { .size = sizeof(longer) } };
	struct green_hooks short_hooks = { .size = sizeof(short_hooks) - 1 };
	struct green_attr attr = { .size = sizeof(attr) };

	is(green_hooks_set(&short_hooks, NULL), -EINVAL, "too short");
	is(green_hooks_set(&longer.hooks, NULL), 0, "longer, its tail zero");
	longer.tail = 1;
	is(green_hooks_set(&longer.hooks, NULL), -E2BIG, "its tail set");
	is(green_hooks_set(NULL, NULL), 0, "take them away");
	attr.hooks = &short_hooks;
	is(green_spawn(NULL, &attr, plain, NULL), -EINVAL, "spawn too");
	attr.hooks = &longer.hooks;
	is(green_spawn(NULL, &attr, plain, NULL), -E2BIG, "spawn too");
}

int
main(void)
{
	ok(!green_user(), "no user slot without a runtime");
	switches();
	mixed();
	errors();
	return tap_done();
}
