/* SPDX-License-Identifier: MIT */
/* Proves: no thread waits to be started while a worker sleeps, wherever it was
 * spawned: as many threads as there are workers, each of which keeps its OS
 * thread to itself until all of them run, do run all at once; whether they come
 * from outside, from a thread that yields, or from one that computes and gives
 * way to nobody; one by one or in a bunch; and that a busy worker which
 * switches takes what waits behind a thread that does not, and shares what it
 * has taken. A lost wake-up, or thread, makes this hang. */

#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <green.h>

#define WORKERS_MAX 5

static struct green_runtime *rt;
static struct green_attr here = { .size = sizeof(here) };
static int workers;
static atomic_int together, finished;

/* Keeps its worker until as many run as there are. */
static void *
meets(void *arg)
{
	together++;
	while (together < workers)
		sched_yield();
	finished++;
	return arg;
}

static void *
nothing(void *arg)
{
	return arg;
}

static void
begin(void)
{
	together = finished = 0;
}

static void
from_outside(void)
{
	green_t ids[WORKERS_MAX];

	begin();
	for (int i = 0; i < workers; i++)
		green_spawn(&ids[i], &here, meets, NULL);
	for (int i = 0; i < workers; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
}

/* It is one of them itself. */
static void *
silent(void *arg)
{
	green_t ids[WORKERS_MAX];

	for (int i = 1; i < workers; i++)
		green_spawn(&ids[i], NULL, meets, NULL);
	meets(arg);
	for (int i = 1; i < workers; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return NULL;
}

static void *
yielding(void *arg)
{
	green_t ids[WORKERS_MAX];

	for (int i = 0; i < workers; i++)
		green_spawn(&ids[i], NULL, meets, NULL);
	while (together < workers)
		green_yield();
	for (int i = 0; i < workers; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return arg;
}

/* Those who meet are in the middle of many others. */
static void *
bunch(void *arg)
{
	green_t ids[WORKERS_MAX], others[200];

	for (int i = 0; i < 200; i++) {
		green_spawn(&others[i], NULL, nothing, NULL);
		if (i % 40 == 0 && i / 40 < workers)
			green_spawn(&ids[i / 40], NULL, meets, NULL);
	}
	for (int i = 0; i < workers; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	for (int i = 0; i < 200; i++)
		green_join(others[i], NULL, GREEN_NEVER);
	return arg;
}

/* The first one wakes a worker, and that one the next. */
static void *
chain(void *arg)
{
	uintptr_t left = (uintptr_t)arg;
	green_t id = 0;

	if (left > 1)
		green_spawn(&id, NULL, chain, (void *)(left - 1));
	meets(NULL);
	if (id)
		green_join(id, NULL, GREEN_NEVER);
	return NULL;
}

/* ---- a worker that is busy, but switches --------------------------------- */

static atomic_bool is_busy, was_run;

/* Never lets its worker run out of work. */
static void *
busy(void *arg)
{
	is_busy = true;
	while (!was_run)
		green_yield();
	return arg;
}

static void *
runs(void *arg)
{
	was_run = true;
	return arg;
}

/* What it spawns waits behind it. */
static void *
hinders(void *arg)
{
	green_t id;

	while (!is_busy)
		sched_yield();
	green_spawn(&id, NULL, runs, NULL);
	while (!was_run)
		sched_yield();
	green_join(id, NULL, GREEN_NEVER);
	return arg;
}

static void
busy_one_helps(void)
{
	struct green_attr first = { .size = sizeof(first), .worker = 1 };
	struct green_attr second = { .size = sizeof(second), .worker = 2 };
	green_t ids[2];

	first.runtime = second.runtime = rt;
	is_busy = was_run = false;
	green_spawn(&ids[0], &first, busy, NULL);
	green_spawn(&ids[1], &second, hinders, NULL);
	for (int i = 0; i < 2; i++)
		is(green_join(ids[i], NULL, GREEN_NEVER), 0, "%s",
		   i ? "had it run elsewhere" : "busy, and helped");
}

/* ---- one that takes two at once --------------------------------------------
 */

static atomic_int held;

/* Keeps its worker out of it until the busy one has begun to run what it
 * took. */
static void *
holds(void *arg)
{
	held++;
	while (!together)
		sched_yield();
	return arg;
}

/* Half of three are two, of which the busy one can run one. */
static void *
spawns_three(void *arg)
{
	green_t ids[3];

	while (!is_busy || held < 2)
		sched_yield();
	for (int i = 0; i < 3; i++)
		green_spawn(&ids[i], NULL, meets, NULL);
	while (together < 3)
		sched_yield();
	was_run = true;
	for (int i = 0; i < 3; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return arg;
}

static bool
what_it_took_is_shared(void)
{
	static const green_fn fns[] = { busy, spawns_three, holds, holds };
	green_t ids[4];

	is_busy = was_run = false;
	together = finished = held = 0;
	workers = 3; /* as many meet; the fourth keeps one worker */
	for (int i = 0; i < 4; i++) {
		struct green_attr attr = { .size = sizeof(attr) };

		attr.runtime = rt;
		attr.worker = (uint32_t)i + 1;
		green_spawn(&ids[i], &attr, fns[i], NULL);
	}
	for (int i = 0; i < 4; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	workers = 4;
	return finished == 3;
}

static void
rounds(int n)
{
	int met[5] = { 0 };

	for (int i = 0; i < n; i++) {
		from_outside();
		met[0] += finished == workers;
		begin();
		green_runtime_run(rt, silent, NULL, NULL);
		met[1] += finished == workers;
		begin();
		green_runtime_run(rt, yielding, NULL, NULL);
		met[2] += finished == workers;
		begin();
		green_runtime_run(rt, bunch, NULL, NULL);
		met[3] += finished == workers;
		begin();
		green_runtime_run(rt, chain, (void *)(uintptr_t)workers, NULL);
		met[4] += finished == workers;
	}
	is(met[0], n, "%d workers: from outside", workers);
	is(met[1], n, "from a thread that gives way to nobody");
	is(met[2], n, "from one that yields");
	is(met[3], n, "among many others");
	is(met[4], n, "each from the one before");
}

int
main(void)
{
	for (workers = 1; workers <= WORKERS_MAX; workers++) {
		struct green_runtime_attr attr = {
			.size = sizeof(attr), .workers = (uint64_t)workers
		};

		green_runtime_create(&rt, &attr);
		here.runtime = rt;
		rounds(tap_scale(200, 10));
		if (workers == 2)
			busy_one_helps();
		if (workers == 4) {
			int n = tap_scale(50, 5), met = 0;

			for (int i = 0; i < n; i++)
				met += what_it_took_is_shared();
			is(met, n, "what a busy one took is shared");
		}
		is(green_runtime_destroy(rt), 0, "destroy");
	}
	return tap_done();
}
