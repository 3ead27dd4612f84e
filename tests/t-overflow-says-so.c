/* SPDX-License-Identifier: MIT */
/* Proves: a thread that overflows its stack, step by step or at one bound,
 * kills the process by SIGSEGV after one line that says which thread, where,
 * how much stack it had and used, where it was spawned, and what to change. */

#include "tap.h"

#include <inttypes.h>
#include <sys/mman.h>

#include <green/embed.h>
#include <green/runtime.h>
#include <green/thread.h>

/* What the dying child tells us. */
static struct told {
	green_t id;
	uintptr_t low, high;
} * told;

static char text[16384];

static __attribute__((noinline)) int
recurse(int depth)
{
	volatile char frame[300];

	take_all_of(frame);
	frame[0] = (char)depth;
	return depth ? recurse(depth - 1) + frame[0] : 0;
}

static __attribute__((noinline)) int
bound(size_t size)
{
	volatile char *array = __builtin_alloca(size);

	array[0] = 1;
	return array[0];
}

static __attribute__((noinline)) int
local_array(void)
{
	volatile char array[100 * 1024];

	take_all_of(array);
	array[0] = 1;
	return array[0];
}

static void
tell(void)
{
	struct green_stack_info info = { .size = sizeof(info) };

	green_stack_get(0, &info);
	told->id = green_self();
	told->low = info.low;
	told->high = info.high;
}

static void *
run_recurse(void *arg)
{
	(void)arg;
	tell();
	return (void *)(intptr_t)recurse(1 << 20);
}

static void *
run_local_array(void *arg)
{
	(void)arg;
	tell();
	return (void *)(intptr_t)local_array();
}

static void *
run_bound(void *arg)
{
	tell();
	return (void *)(intptr_t)bound((size_t)(intptr_t)arg);
}

static void *
run_yielding(void *arg)
{
	for (;;)
		green_yield();
	return arg;
}

struct how {
	green_fn fn;
	void *arg;
	const char *name;
	uint64_t size;
	int among; /* others that run before and after */
};

static void
spawn_and_join(void *arg)
{
	struct how *how = arg;
	struct green_attr attr = { .size = sizeof(attr),
				   .name = how->name,
				   .stack_size = how->size };
	green_t id;

	signal(SIGSEGV, SIG_DFL); /* sanitizers handle it */
	for (int i = 0; i < how->among; i++)
		green_spawn(NULL, NULL, run_yielding, NULL);
	green_yield();
	green_spawn(&id, &attr, how->fn, how->arg);
	for (int i = 0; i < how->among; i++)
		green_spawn(NULL, NULL, run_yielding, NULL);
	green_join(id, NULL, GREEN_NEVER);
}

/* The number after a piece of the message. */
static uintmax_t
number_after(const char *piece)
{
	const char *at = strstr(text, piece);

	return at ? strtoumax(at + strlen(piece), NULL, 0) : 0;
}

static void
check(struct how how, const char *what)
{
	char want[100];
	int status = dies(spawn_and_join, &how, text, sizeof(text));
	uintmax_t fault = number_after("fault at ");
	uintmax_t used = number_after("of which ");

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	   "%s: dies of SIGSEGV", what);
	snprintf(want, sizeof(want),
		 "libgreen: stack overflow in thread %ju%s%s%s: ",
		 (uintmax_t)told->id, how.name ? " \"" : "",
		 how.name ? how.name : "", how.name ? "\"" : "");
	ok(strstr(text, want), "%s: the thread is named", what);
	ok(fault < told->low && fault >= told->low - 65536,
	   "%s: the fault is right below the stack", what);
	is(number_after("stack pointer "), 0, "%s: found by a guard", what);
	snprintf(want, sizeof(want), ", %ju bytes below its %ju KiB stack",
		 (uintmax_t)told->low - fault,
		 (uintmax_t)(told->high - told->low) / 1024);
	ok(strstr(text, want), "%s: how far, and the stack's size", what);
	ok(used > 0 && used <= told->high - told->low, "%s: how much was used",
	   what);
	ok(strstr(text, "; raise green_attr.stack_size (spawned at 0x"),
	   "%s: what to do", what);
	is(strstr(text, "libgreen:")
		   ? !!strstr(strstr(text, "libgreen:") + 1, "libgreen:")
		   : -1,
	   0, "%s: one line", what);
}

int
main(void)
{
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check((struct how){ run_recurse, NULL, "parser", 0, 0 }, "recursion");
	is(number_after("of which "), told->high - told->low,
	   "recursion: all of it was used");
	check((struct how){ run_recurse, NULL, NULL, 0, 3 },
	      "a thread without a name, among others");
	check((struct how){ run_local_array, NULL, "array", 16384, 2 },
	      "an array of 100 KiB on a small stack");
	check((struct how){ run_bound, (void *)(intptr_t)(1 << 20), "alloca",
			    200000, 0 },
	      "1 MiB in one bound");
	check((struct how){ run_recurse, NULL, "big", 3 << 20, 0 },
	      "recursion on a big stack");
	return tap_done();
}
