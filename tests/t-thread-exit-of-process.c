/* SPDX-License-Identifier: MIT */
/* Proves: exit() from a green thread, and return from main with threads alive,
 * end the process with their status; an atexit handler, on whichever stack,
 * can spawn, join, yield and sleep. */

#include "tap.h"

#include <green.h>

static void *
answer(void *arg)
{
	green_yield();
	green_sleep_until(green_after(1));
	return (char *)arg + 1;
}

static void
handler(void)
{
	static const char text[] = "handler worked\n";
	char base[2];
	void *value = NULL;
	green_t id;

	if (!green_self() || green_spawn(&id, NULL, answer, base) ||
	    green_join(id, &value, GREEN_NEVER) || value != base + 1)
		_exit(90);
	green_yield();
	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(91);
}

static void *
other(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

static void *
exits(void *arg)
{
	exit(*(int *)arg);
}

/* In a child: handler, others alive, then exit() in a green thread. */
static void
from_thread(void *arg)
{
	green_t id;

	atexit(handler);
	green_spawn(NULL, NULL, other, NULL);
	green_yield();
	green_spawn(&id, NULL, exits, arg);
	green_join(id, NULL, GREEN_NEVER);
	_exit(92);
}

static void
from_main(void *arg)
{
	atexit(handler);
	for (int i = 0; i < 10; i++)
		green_spawn(NULL, NULL, other, NULL);
	green_yield();
	green_spawn(NULL, NULL, other, NULL);
	exit(*(int *)arg);
}

/* The only use of the library is in the handler. */
static void
unused_before(void *arg)
{
	atexit(handler);
	exit(*(int *)arg);
}

static void
check(void (*fn)(void *), int code, const char *what)
{
	char text[200];
	int status = dies(fn, &code, text, sizeof(text));

	ok(WIFEXITED(status), "%s: no signal", what);
	is(WEXITSTATUS(status), code, "its status");
	ok(!strcmp(text, "handler worked\n"), "and handler: %s", text);
}

int
main(void)
{
	check(unused_before, 3, "a program that uses nothing else");
	check(from_thread, 4, "exit() in a green thread");
	check(from_main, 5, "exit() in main");
	return tap_done();
}
