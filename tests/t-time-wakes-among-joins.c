/* SPDX-License-Identifier: MIT */
/* Proves: a sleeper's deadline is noticed among threads that are spawned and
 * joined one by one, each of which hands over to its joiner directly. */

#include "tap.h"

#include <green.h>

static int woken;

static void *
sleep_until(void *arg)
{
	green_sleep_until(*(int64_t *)arg);
	woken = 1;
	return arg;
}

static void *
nothing(void *arg)
{
	return arg;
}

static void
spawn_and_join(void)
{
	green_t id;

	green_spawn(&id, NULL, nothing, NULL);
	green_join(id, NULL, GREEN_NEVER);
}

int
main(void)
{
	int64_t deadline = green_after(GREEN_MILLISECOND);
	green_t id;

	green_spawn(&id, NULL, sleep_until, &deadline);
	green_yield();
	while (!woken && green_now() < deadline)
		spawn_and_join();
	/* Timers are looked at every 64 switches. */
	for (int i = 0; i < 100; i++)
		spawn_and_join();
	ok(woken, "the sleeper had its turn");
	is(green_join(id, NULL, GREEN_NEVER), 0, "joined");
	return tap_done();
}
