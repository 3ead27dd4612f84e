/* SPDX-License-Identifier: MIT */
/* Proves: whatever can run does so in the end, though others never run out of
 * work: a thread that has started, while each new one spawns the next; and one
 * that waits behind a thread which gives way to nobody, while the worker that
 * could take it always has others in its own lobby, or in the first one at
 * which it looks. A thread that is forgotten makes this hang. */

#include "tap.h"

#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <green.h>

static struct green_runtime *rt;
static atomic_bool was_run;
static sem_t let_go, is_there;
static atomic_int outstanding;

static void
begin(uint64_t workers)
{
	struct green_runtime_attr attr = { .size = sizeof(attr) };

	attr.workers = workers;
	if (green_runtime_create(&rt, &attr))
		exit(99);
	was_run = false;
	outstanding = 0;
	sem_init(&let_go, 0, 0);
	sem_init(&is_there, 0, 0);
}

static void
end(void)
{
	is(green_runtime_destroy(rt), 0, "destroy");
	sem_destroy(&let_go);
	sem_destroy(&is_there);
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

/* ---- what waits behind one that gives way to nobody -----------------------
 */

#define MANY 100

static void *
runs(void *arg)
{
	was_run = true;
	sem_post(&let_go);
	return arg;
}

/* What it spawns waits behind it, in its worker's lobby. */
static void *
hinders(void *arg)
{
	green_t id;

	while (sem_wait(&is_there))
		;
	if (green_spawn(&id, NULL, runs, NULL))
		exit(99);
	hold();
	if (green_join(id, NULL, GREEN_NEVER))
		exit(99);
	return arg;
}

static void *
one_of_many(void *arg)
{
	outstanding--;
	return arg;
}

/* There is always something in the lobby of its own worker. */
static void *
spawns_on_and_on(void *arg)
{
	if (green_scope_create(&scope, NULL))
		exit(99);
	sem_post(&is_there);
	while (!was_run) {
		for (; outstanding < 3; outstanding++)
			if (green_scope_spawn(scope, NULL, NULL, one_of_many,
					      NULL))
				exit(99);
		green_yield();
	}
	if (green_scope_destroy(scope))
		exit(99);
	return arg;
}

static void
own_lobby_is_never_empty(void)
{
	green_t ids[2];

	begin(2);
	ids[0] = spawn_on(1, spawns_on_and_on);
	ids[1] = spawn_on(2, hinders);
	join_all(ids, 2);
	ok(was_run, "taken by one whose own lobby is never empty");
	end();
}

/* Whoever is taken keeps his worker until there are enough again. */
static void *
is_replaced(void *arg)
{
	outstanding--;
	while (outstanding < MANY && !was_run)
		sched_yield();
	return arg;
}

/* There is always something in the lobby of its worker, which gives way to
 * nobody. */
static void *
refills(void *arg)
{
	bool ready = false;

	if (green_scope_create(&scope, NULL))
		exit(99);
	while (!was_run) {
		for (; outstanding < MANY + 10; outstanding++)
			if (green_scope_spawn(scope, NULL, NULL, is_replaced,
					      NULL))
				exit(99);
		if (!ready)
			sem_post(&is_there);
		ready = true;
		sched_yield();
	}
	if (green_scope_destroy(scope))
		exit(99);
	return arg;
}

/* Never without work, and nothing in the lobby but what was taken. */
static void *
busy(void *arg)
{
	while (!was_run)
		green_yield();
	return arg;
}

static void
first_lobby_is_never_empty(uint32_t filled, uint32_t other)
{
	green_t ids[3];

	begin(3);
	ids[0] = spawn_on(1, busy);
	ids[1] = spawn_on(filled, refills);
	ids[2] = spawn_on(other, hinders);
	join_all(ids, 3);
	ok(was_run, "taken from worker %u, while %u always has some", other,
	   filled);
	end();
}

int
main(void)
{
	started_ones_go_on(yields, "one that yields goes on among new ones");
	started_ones_go_on(yields_by_seed, "so it does by a seed");
	own_lobby_is_never_empty();
	first_lobby_is_never_empty(2, 3);
	first_lobby_is_never_empty(3, 2);
	return tap_done();
}
