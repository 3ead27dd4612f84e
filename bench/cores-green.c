/* SPDX-License-Identifier: MIT */
/*
 * Rows of several cores; THREADS is the number of workers.
 *
 *	skynet	a tree of threads, ten children each, COUNT leaves; each hands
 *		the sum of its leaves' numbers up
 *	skynet-newest	the same with GREEN_NEWEST_FIRST, an order that is not
 *		fair, and made for this
 *	spawn-storm	one thread spawns COUNT that return at once, and
 *		waits for all
 *
 * The clock is the wall's: ms of the best of three times, when the memory is
 * warm, and cold_ms of the first.
 */

#include <stdint.h>

#include <green.h>

#include "bench.h"

#define TIMES 4

static struct arguments args;
static const struct green_attr newest_first = {
	.size = sizeof(newest_first),
	.flags = GREEN_NEWEST_FIRST,
};
static const struct green_attr *use_attr;

struct node {
	int64_t first, size, sum;
};

static void *
skynet(void *arg)
{
	struct node *self = arg, child[10];
	green_t ids[10];
	int i;

	if (self->size == 1) {
		self->sum = self->first;
		return NULL;
	}
	for (i = 0; i < 10; i++) {
		child[i].size = self->size / 10;
		child[i].first = self->first + i * child[i].size;
		if (green_spawn(&ids[i], use_attr, skynet, &child[i]))
			give_up("could not spawn", i);
	}
	self->sum = 0;
	for (i = 0; i < 10; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		self->sum += child[i].sum;
	}
	return NULL;
}

static void *
run_skynet(void *arg)
{
	struct node root = { .size = args.count };

	skynet(&root);
	if (root.sum != args.count * (args.count - 1) / 2)
		give_up("the sum is wrong", (long)root.sum);
	return arg;
}

static struct green_waitgroup group;

static void *
one(void *arg)
{
	green_waitgroup_done(&group);
	return arg;
}

static void *
run_storm(void *arg)
{
	long i;

	green_waitgroup_add(&group, args.count);
	for (i = 0; i < args.count; i++)
		if (green_spawn(NULL, NULL, one, NULL))
			give_up("could not spawn, threads so far", i);
	green_waitgroup_wait(&group, GREEN_NEVER);
	return arg;
}

int
main(int argc, char **argv)
{
	struct green_runtime_attr attr = { .size = sizeof(attr) };
	struct green_runtime *runtime;
	double cold = 0, best = 0;
	green_fn run = run_skynet;
	int i;

	args = arguments_read(argc, argv);
	if (!strcmp(args.row, "spawn-storm"))
		run = run_storm;
	else if (!strcmp(args.row, "skynet-newest"))
		use_attr = &newest_first;
	else if (strcmp(args.row, "skynet") != 0)
		give_up("no such row", 0);
	attr.workers = (uint64_t)args.threads;
	if (green_runtime_create(&runtime, &attr))
		give_up("could not make a runtime", args.threads);
	for (i = 0; i < TIMES; i++) {
		double ms = (double)green_now();

		if (green_runtime_run(runtime, run, NULL, NULL))
			give_up("could not run", i);
		ms = ((double)green_now() - ms) / 1e6;
		if (i == 0)
			cold = ms;
		if (i == 1 || ms < best)
			best = ms;
	}
	say_begin("libgreen", &args);
	say("cold_ms", cold);
	say("ms", best);
	say_end();
	return 0;
}
