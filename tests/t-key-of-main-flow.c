/* SPDX-License-Identifier: MIT */
/* Proves: the values of an OS thread's main flow are destroyed when the OS
 * thread ends, by return, pthread_exit() or green_exit(), in its main flow,
 * with green threads still working; and each destructor runs once. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static green_key_t key;
static int ran, children;
static green_t main_flow, seen;

static void *
child(void *arg)
{
	green_yield();
	children++;
	return arg;
}

static void
destructor(void *value)
{
	green_t id;

	ran++;
	seen = green_self();
	green_spawn(&id, NULL, child, value);
	green_join(id, NULL, GREEN_NEVER);
}

static void *
os_thread(void *arg)
{
	main_flow = green_self();
	green_key_set(key, &key);
	switch (*(char *)arg) {
	case 'p':
		pthread_exit(arg);
	case 'g':
		green_spawn(NULL, NULL, child, NULL);
		green_exit(arg);
	default:
		return arg;
	}
}

int
main(void)
{
	char ways[] = "rpg";
	pthread_t thread;
	void *value;

	green_key_create(&key, destructor);
	for (char *way = ways; *way; way++) {
		ran = children = 0;
		pthread_create(&thread, NULL, os_thread, way);
		pthread_join(thread, &value);
		ok(value == way, "the OS thread's value, way '%c'", *way);
		is(ran, 1, "its destructor ran once");
		ok(seen == main_flow, "in the main flow");
		is(children, *way == 'g' ? 2 : 1, "green threads worked");
	}
	return tap_done();
}
