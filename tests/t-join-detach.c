/* SPDX-License-Identifier: MIT */
/* Proves: a detached thread runs to its end and cleans up after itself,
 * whether it was detached by its attribute, a NULL id, or later, before, while
 * or after it ran; and green_stats_get() counts it out. */

#include "tap.h"

#include <green.h>

static int ran;

static void *
work(void *arg)
{
	ran++;
	green_yield();
	ran++;
	return arg;
}

static uint64_t
alive(void)
{
	struct green_stats stats = { .size = sizeof(stats) };

	green_stats_get(&stats);
	return stats.threads;
}

static void
run_out(green_t id)
{
	for (int i = 0; i < 3; i++)
		green_yield();
	is(ran, 2, "it ran to its end");
	is(alive(), 1, "only the main flow is alive");
	if (id)
		is(green_join(id, NULL, 0), -ESRCH, "its id is stale");
	ran = 0;
}

int
main(void)
{
	struct green_attr attr = {
		.size = sizeof(attr),
		.flags = GREEN_DETACHED,
	};
	green_t id = 0;

	is(green_spawn(NULL, NULL, work, NULL), 0, "NULL id");
	run_out(0);

	is(green_spawn(&id, &attr, work, NULL), 0, "GREEN_DETACHED");
	ok(id != 0, "has an id all the same");
	is(green_join(id, NULL, GREEN_NEVER), -EINVAL, "cannot be joined");
	is(green_detach(id), -EINVAL, "nor detached again");
	run_out(id);
	is(green_spawn(NULL, &attr, work, NULL), 0, "both");
	run_out(0);

	is(green_spawn(&id, NULL, work, NULL), 0, "joinable");
	is(green_detach(id), 0, "detached before it starts");
	is(green_join(id, NULL, GREEN_NEVER), -EINVAL, "is detached");
	run_out(id);
	green_spawn(&id, NULL, work, NULL);
	green_yield();
	is(green_detach(id), 0, "detached while it runs");
	run_out(id);
	green_spawn(&id, NULL, work, NULL);
	green_yield();
	green_yield();
	is(ran, 2, "it has ended");
	is(alive(), 1, "an ended one is not alive");
	is(green_detach(id), 0, "detached after its end");
	run_out(id);
	return tap_done();
}
