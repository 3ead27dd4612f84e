/* SPDX-License-Identifier: MIT */
/* Proves: whatever can run does so in the end, though others never run out of
 * work: a thread that has started, while each new one spawns the next. */

#include "tap.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <green.h>

static struct green_runtime *rt;
static atomic_bool was_run;
static sem_t let_go;

static void
begin(uint64_t workers)
{
	struct green_runtime_attr attr = { .size = sizeof(attr) };

	attr.workers = workers;
	if (green_runtime_create(&rt, &attr))
		exit(99);
	was_run = false;
	sem_init(&let_go, 0, 0);
}

static void
end(void)
{
	is(green_runtime_destroy(rt), 0, "destroy");
	sem_destroy(&let_go);
}

/* On a worker of its own, counted from 1. */
static green_t
spawn_on(uint32_t worker, green_fn fn)
{
	struct green_attr attr = { .size = sizeof(attr) };
	green_t id;

	attr.runtime = rt;
	attr.worker = worker;
	if (green_spawn(&id, &attr, fn, NULL))
		exit(99);
	return id;
}

/* Keeps its worker, and switches to nobody. */
static void
hold(void)
{
	while (sem_wait(&let_go))
		;
}

static void *
holds(void *arg)
{
	hold();
	return arg;
}

static void
join_all(const green_t *ids, int n)
{
	for (int i = 0; i < n; i++)
		if (green_join(ids[i], NULL, GREEN_NEVER))
			exit(99);
}

/* ---- what has started, and new ones without end ---------------------------
 */

static struct green_scope *scope;

/* Each spawns the next one. */
static void *
link_of_chain(void *arg)
{
	if (!was_run &&
	    green_scope_spawn(scope, NULL, NULL, link_of_chain, NULL))
		exit(99);
	return arg;
}

static void *
yields(void *arg)
{
	if (green_scope_create(&scope, NULL) ||
	    green_scope_spawn(scope, NULL, NULL, link_of_chain, NULL))
		exit(99);
	for (int i = 0; i < 5; i++)
		green_yield();
	was_run = true;
	if (green_scope_wait(scope, GREEN_NEVER) || green_scope_destroy(scope))
		exit(99);
	sem_post(&let_go);
	return arg;
}

/* Each of its switches is a choice. */
static void *
yields_by_seed(void *arg)
{
	if (green_seed_set(1))
		exit(99);
	return yields(arg);
}

static void
started_ones_go_on(green_fn fn, const char *what)
{
	green_t ids[2];

	begin(2);
	ids[0] = spawn_on(2, holds);
	ids[1] = spawn_on(1, fn);
	join_all(ids, 2);
	ok(was_run, "%s", what);
	end();
}

int
main(void)
{
	started_ones_go_on(yields, "one that yields goes on among new ones");
	started_ones_go_on(yields_by_seed, "so it does by a seed");
	return tap_done();
}
