/* SPDX-License-Identifier: MIT */
/* Proves: green_park() ends by green_interrupt() or its deadline and by
 * nothing else, and unlike a sleep counts when a deadlock is looked for. */

#include "tap.h"

#include <green.h>

static green_t ids[2];
static int woken[2];

static void *
parks(void *arg)
{
	int *ret = arg;

	*ret = 1;
	*ret = green_park(GREEN_NEVER);
	return NULL;
}

static void *
waits_for_the_other(void *arg)
{
	green_join(ids[!*(int *)arg], NULL, GREEN_NEVER);
	return NULL;
}

static void
wake_main(void *arg)
{
	green_interrupt(*(green_t *)arg);
}

/* Two threads wait for each other, and the main flow for nobody. */
static void
deadlock(void)
{
	static int numbers[2] = { 0, 1 };
	green_t self = green_self();
	int fd = dup(STDERR_FILENO);

	for (int i = 0; i < 2; i++)
		green_spawn(&ids[i], NULL, waits_for_the_other, &numbers[i]);
	green_deadlock_hook(wake_main, &self);
	if (!freopen("/dev/null", "w", stderr))
		perror("/dev/null");
	is(green_park(GREEN_NEVER), -EINTR, "a deadlock is seen and told");
	dup2(fd, STDERR_FILENO);
	close(fd);
}

int
main(void)
{
	int i;

	is(green_park(-1), -EINVAL, "a negative deadline");
	is(green_park(0), -EAGAIN, "try once");
	is(green_park(1), -ETIMEDOUT, "a deadline in the past");
	is(green_park(green_after(1000)), -ETIMEDOUT, "one that passes");
	for (i = 0; i < 2; i++)
		green_spawn(&ids[i], NULL, parks, &woken[i]);
	green_yield();
	green_yield();
	ok(woken[0] == 1 && woken[1] == 1, "both are parked, and stay so");
	is(green_interrupt(ids[1]), 0, "wake one");
	is(green_join(ids[1], NULL, GREEN_NEVER), 0, "it ends");
	is(woken[1], -EINTR, "and knows why");
	is(woken[0], 1, "the other is parked still");
	is(green_join(ids[0], NULL, 0), -EAGAIN, "and has not ended");
	is(green_interrupt(ids[0]), 0, "wake it too");
	is(green_join(ids[0], NULL, GREEN_NEVER), 0, "it ends");
	is(woken[0], -EINTR, "woken");
	deadlock();
	return tap_done();
}
