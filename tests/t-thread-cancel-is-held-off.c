/* SPDX-License-Identifier: MIT */
/* Proves: no call of libgreen acts on a pthread_cancel() that is pending, not
 * even one that makes stacks, sleeps, writes a report or ends a thread; it
 * is left for the program's own cancellation points. */

#include "tap.h"

#include "stack.h"

#include <fcntl.h>
#include <green.h>
#include <pthread.h>

static const char *reached = "nothing";
static int fd;

static void
nothing_happens(void *user, int interrupted)
{
	(void)user, (void)interrupted;
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.after_wake = nothing_happens,
};

static void *
nothing(void *arg)
{
	return arg;
}

static void *
sleep_a_little(void *arg)
{
	green_sleep_until(green_after(GREEN_MILLISECOND));
	return arg;
}

static void
spawn_and_join(green_fn fn)
{
	green_t id;

	green_spawn(&id, NULL, fn, NULL);
	green_join(id, NULL, GREEN_NEVER);
}

static void *
use_everything(void *arg)
{
	pthread_cancel(pthread_self());
	green_self();
	reached = "the worker";
	spawn_and_join(nothing);
	reached = "stacks";
	green_dump(fd);
	reached = "a report";
	spawn_and_join(sleep_a_little);
	reached = "a sleep";
	green_hooks_set(&hooks, NULL);
	spawn_and_join(sleep_a_little);
	reached = "a sleep with hooks";
	green_trim();
	reached = "the end";
	pthread_testcancel();
	reached = "too far";
	return arg;
}

int
main(void)
{
	pthread_t thread;
	void *result;

	fd = open("/dev/null", O_WRONLY);
	/* Guards that look up how many they may be. */
	green__stack_force(STACK_GUARD_MPROTECT, 0);
	pthread_create(&thread, NULL, use_everything, NULL);
	pthread_join(thread, &result);
	ok(!strcmp(reached, "the end"), "came as far as %s", reached);
	ok(result == PTHREAD_CANCELED, "and was cancelled there");
	return tap_done();
}
