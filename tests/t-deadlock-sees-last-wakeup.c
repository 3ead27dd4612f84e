/* SPDX-License-Identifier: MIT */
/* Proves: no deadlock is reported when the last thing that another OS thread
 * did, before it was gone, was to wake a green thread of ours. Libgreen counts
 * the OS threads by stat(2), which is ours here: the other one ends in the
 * middle of it. */

#include "tap.h"

#include "config.h"

#include <green.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

static pthread_t other;
static _Atomic green_t id;
static atomic_bool go;
static int counted;

int
stat(const char *restrict path, struct stat *restrict st)
{
	(void)path;
	memset(st, 0, sizeof(*st));
	go = true;
	if (counted++ == 0)
		pthread_join(other, NULL);
	st->st_nlink = 3; /* one thread */
	return 0;
}

static void *
nothing(void *arg)
{
	return arg;
}

static void *
end_when_told(void *arg)
{
	green_t made;

	green_spawn(&made, NULL, nothing, &id);
	id = made;
	while (!go)
		sched_yield();
	green_yield();
	return arg;
}

int
main(void)
{
	void *value = NULL;

	green_self(); /* a runtime, or the join would be that of a pthread */
	pthread_create(&other, NULL, end_when_told, NULL);
	while (!id)
		sched_yield();
	is(green_join(id, &value, GREEN_NEVER), 0, "woken, and no deadlock");
	ok(value == &id, "with the value");
	is(counted, 1, "OS threads were counted once");
	return tap_done();
}
