/* SPDX-License-Identifier: MIT */
/* Proves: green_exit() deep in a thread ends it with its value; in a main flow
 * it waits for all others, those spawned meanwhile too, and then ends the OS
 * thread with the value; that of the program ends with status 0. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static int ended;

__attribute__((noinline)) static void
deep(int n, void *value)
{
	if (n == 0)
		green_exit(value);
	if (n > 0)
		deep(n - 1, value);
	ended = -1000; /* not reached */
}

static void *
exits(void *arg)
{
	deep(10, arg);
	return NULL;
}

static void *
grandchild(void *arg)
{
	green_sleep_until(green_after(GREEN_MICROSECOND));
	ended++;
	return arg;
}

static void *
child(void *arg)
{
	green_yield();
	green_spawn(NULL, NULL, grandchild, arg);
	ended++;
	return arg;
}

static void *
os_thread(void *arg)
{
	for (int i = 0; i < 5; i++)
		green_spawn(NULL, NULL, child, NULL);
	green_exit(arg);
}

/* A thread that nobody joins does not hold it up. */
static void *
os_thread_unjoined(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, child, NULL);
	green_exit(arg);
}

static void
main_exits(void *arg)
{
	green_spawn(NULL, NULL, child, arg);
	green_exit(arg);
}

static void
at_exit(void)
{
	static const char text[] = "exit handlers ran\n";

	if (ended == 2 && write(2, text, sizeof(text) - 1) < 0)
		_exit(3);
}

static void
main_exits_with_handler(void *arg)
{
	ended = 0;
	atexit(at_exit);
	main_exits(arg);
}

int
main(void)
{
	pthread_t thread;
	char text[200];
	void *value;
	green_t id;
	int status;

	green_spawn(&id, NULL, exits, &ended);
	is(green_join(id, &value, GREEN_NEVER), 0, "join one that exits");
	ok(value == &ended, "its value");
	is(ended, 0, "nothing after it ran");
	pthread_create(&thread, NULL, os_thread, &ended);
	pthread_join(thread, &value);
	is(ended, 10, "all threads of the worker ran to their end");
	ok(value == &ended, "the OS thread's value");
	ended = 0;
	pthread_create(&thread, NULL, os_thread_unjoined, &ended);
	pthread_join(thread, &value);
	is(ended, 2, "an unjoined one too");

	if (TAP_TSAN) {
		skip("the program's main flow",
		     "a thread of ThreadSanitizer's stays");
		return tap_done();
	}
	status = dies(main_exits_with_handler, NULL, text, sizeof(text));
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	   "the program's main flow: status 0");
	ok(!strcmp(text, "exit handlers ran\n"), "after the others: %s", text);
	return tap_done();
}
