/* SPDX-License-Identifier: MIT */
/* Proves: in a child that the main flow forks, the ids of all other threads
 * are stale, no destroy hook runs for them, their stacks are free again, and
 * spawn, yield, join, sleep, names and keys work; the parent goes on as if
 * nothing had been. */

#include "tap.h"

#include <green.h>

static int destroyed, turns;

static void
destroy(void *user)
{
	(void)user;
	destroyed++;
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.destroy = destroy,
};

static void *
sleeps(void *arg)
{
	green_sleep_until(green_after(50 * GREEN_MILLISECOND));
	return arg;
}

static void *
yields(void *arg)
{
	while (!*(int *)arg) {
		turns++;
		green_yield();
	}
	return arg;
}

static void *
joins(void *arg)
{
	green_join(*(green_t *)arg, NULL, GREEN_NEVER);
	return arg;
}

enum {
	SLEEPER,
	JOINER,
	YIELDER,
	ENDED,
	FRESH,
	OTHERS
};
static green_t ids[OTHERS];
static int stop;

static void *
returns(void *arg)
{
	return arg;
}

static void
make_others(void)
{
	struct green_attr attr = { .size = sizeof(attr), .hooks = &hooks };

	attr.name = "other";
	green_spawn(&ids[SLEEPER], &attr, sleeps, &stop);
	green_spawn(&ids[JOINER], &attr, joins, &ids[SLEEPER]);
	green_spawn(&ids[YIELDER], &attr, yields, &stop);
	green_spawn(&ids[ENDED], &attr, returns, &stop);
	green_yield();
	green_spawn(&ids[FRESH], &attr, returns, &stop);
}

/* As many threads as there were, which reuse their blocks and stacks. */
static int
spawns_work(void)
{
	green_t id[2 * OTHERS];
	int until = 0, bad = 0;
	void *value;

	for (int i = 0; i < 2 * OTHERS; i++)
		bad += green_spawn(&id[i], NULL, i % 2 ? sleeps : yields,
				   &until) != 0;
	for (int i = 0; i < 10; i++)
		green_yield();
	until = 1;
	for (int i = 0; i < 2 * OTHERS; i++) {
		value = NULL;
		bad += green_join(id[i], &value, GREEN_NEVER) != 0;
		bad += value != &until;
	}
	return bad;
}

/* Returns the number of the first thing that is wrong. */
static int
child(green_t self)
{
	struct green_stats s = { .size = sizeof(s) };
	int before = turns;
	char name[8];

	alarm(100);
	for (int i = 0; i < OTHERS; i++)
		if (green_join(ids[i], NULL, GREEN_NEVER) != -ESRCH ||
		    green_detach(ids[i]) != -ESRCH ||
		    green_interrupt(ids[i]) != -ESRCH ||
		    green_name_get(ids[i], name, sizeof(name)) != -ESRCH)
			return 10 + i;
	if (green_self() != self)
		return 1;
	green_yield();
	green_sleep_until(green_after(60 * GREEN_MILLISECOND));
	if (turns != before)
		return 2;
	green_stats_get(&s);
	if (s.threads != 1 || s.workers != 1)
		return 3;
	if (s.stacks_free != s.stacks_guard_install + s.stacks_guard_mprotect +
				     s.stacks_guard_none)
		return 4;
	if (spawns_work())
		return 5;
	if (destroyed > 0)
		return 6;
	return 0;
}

int
main(void)
{
	green_t self = green_self();
	int status = -1;
	void *value;
	pid_t pid;

	make_others();
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(child(self));
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status), "the child ends");
	is(WEXITSTATUS(status), 0, "and found everything right");

	is(destroyed, 0, "no hook here either");
	stop = 1;
	for (int i = OTHERS - 1; i >= 0; i--) {
		is(green_join(ids[i], &value, GREEN_NEVER),
		   i == SLEEPER ? -ESRCH : 0, "in the parent, join %d", i);
		if (i != SLEEPER)
			ok(value == (i == JOINER ? (void *)&ids[SLEEPER]
						 : (void *)&stop),
			   "its value");
	}
	is(destroyed, OTHERS, "and destroy");
	return tap_done();
}
