/* SPDX-License-Identifier: MIT */
/* Proves: an overflow is reported with each kind of guard, and where there is
 * none, at the next switch; and a stray pointer into the guard of another
 * thread's stack is told from an overflow. */

#include "tap.h"

#include "stacks.h"

#include <green/embed.h>
#include <green/thread.h>

static char text[16384];

/* Go below the stack, then yield from there. */
static __attribute__((noinline)) int
deep(int levels)
{
	volatile char frame[1000];

	take_all_of(frame);
	frame[0] = (char)levels;
	if (levels == 0)
		green_yield();
	else
		deep(levels - 1);
	return frame[0];
}

static void *
dive(void *arg)
{
	return (void *)(intptr_t)deep((int)(intptr_t)arg);
}

static void
run_dive(void *arg)
{
	struct green_attr attr = { .size = sizeof(attr), .name = "diver" };
	green_t id;

	signal(SIGSEGV, SIG_DFL);
	/* The stack below, so that there is memory to run into. */
	green_spawn(&id, NULL, dive, NULL);
	green_yield();
	green_spawn(&id, &attr, dive, arg);
	green_join(id, NULL, GREEN_NEVER);
}

static void
run_on_own(void *arg)
{
	static char memory[3 * 65536];
	struct green_attr attr = { .size = sizeof(attr),
				   .name = "diver",
				   .stack = memory + 2 * 65536,
				   .stack_size = 65536 };
	green_t id;

	signal(SIGSEGV, SIG_DFL);
	green_spawn(NULL, NULL, dive, NULL); /* somebody to switch to */
	green_yield();
	green_spawn(&id, &attr, dive, arg);
	green_join(id, NULL, GREEN_NEVER);
}

static struct green_stack_info other;

static void *
look_and_wait(void *arg)
{
	green_stack_get(0, &other);
	green_yield();
	return arg;
}

static void *
stray(void *arg)
{
	*(volatile char *)(other.low - 100) = 1;
	return arg;
}

static void
run_stray(void *arg)
{
	(void)arg;
	signal(SIGSEGV, SIG_DFL);
	other.size = sizeof(other);
	green_spawn(NULL, NULL, look_and_wait, NULL);
	green_spawn(NULL, NULL, stray, NULL);
	green_yield();
}

static void
check_guard(enum stack_guard kind)
{
	size_t size = SLOT - green__guard_size();
	/* Each of 1,000 bytes and more, which does not pass the guard. */
	void *levels = (void *)(size / 1000 + 2);
	char want[32];
	int status;

	green__stack_force(kind, 0);
	status = dies(run_dive, levels, text, sizeof(text));
	snprintf(want, sizeof(want), "%zu KiB stack", size / 1024);
	ok(strstr(text, "libgreen: stack overflow in thread ") &&
		   strstr(text, "\"diver\"") && strstr(text, want),
	   "guard %s: reported", guard_names[kind]);
	is(WIFSIGNALED(status) ? WTERMSIG(status) : 0,
	   kind == STACK_GUARD_NONE ? SIGABRT : SIGSEGV, "guard %s: deadly",
	   guard_names[kind]);
	is(!!strstr(text, "no guard, found at a switch: stack pointer 0x"),
	   kind == STACK_GUARD_NONE, "guard %s: how it was found",
	   guard_names[kind]);
	is(dies(run_dive, (void *)(intptr_t)50, text, sizeof(text)), 0,
	   "guard %s: half of the stack is no overflow", guard_names[kind]);
}

int
main(void)
{
	int status;

	check_guard(STACK_GUARD_INSTALL);
	check_guard(STACK_GUARD_MPROTECT);

	status = dies(run_stray, NULL, text, sizeof(text));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	   "a stray pointer kills");
	ok(strstr(text, "in the guard below another thread's stack") &&
		   !strstr(text, "overflow"),
	   "and is called that");

	check_guard(STACK_GUARD_NONE);
	status = dies(run_on_own, (void *)(intptr_t)80, text, sizeof(text));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	   "memory of the program's own: found at a switch");
	ok(strstr(text, "outside of its 64 KiB stack") ||
		   strstr(text, "bytes below its 64 KiB stack"),
	   "and reported");
	return tap_done();
}
