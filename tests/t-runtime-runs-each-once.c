/* SPDX-License-Identifier: MIT */
/* Proves: threads that are spawned into a runtime from plain pthreads, from
 * workers of their own and from its own threads, in storms, pinned or not,
 * joined or detached, run exactly once each, where they were pinned to, and
 * give their values to those who join them, from anywhere. */

#include "seeds.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <green.h>

#define SPAWNERS 4
#define WORKERS 3

static struct green_runtime *rt;
static atomic_uchar *ran; /* how often each thread did */
static atomic_int next, ended, wrong;
static pthread_t os_thread[WORKERS];
static int each;

/* Different on each OS thread, and repeatable. */
static uint64_t
dice(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *seed >> 33;
}

static void *
work(void *arg)
{
	uintptr_t i = (uintptr_t)arg;

	ran[i]++;
	if (i % 3 == 0)
		green_yield();
	if (i % 64 == 0)
		green_sleep_until(green_after(GREEN_MICROSECOND));
	ended++;
	return arg;
}

static void *
pinned(void *arg)
{
	uintptr_t i = (uintptr_t)arg;

	if (!pthread_equal(pthread_self(), os_thread[i % WORKERS]))
		wrong++;
	return work(arg);
}

/* A thread, its number in *ret_i. */
static green_t
spawn_one(uint64_t *seed, uintptr_t *ret_i)
{
	struct green_attr attr = { .size = sizeof(attr), .runtime = rt };
	uintptr_t i = *ret_i = (uintptr_t)next++;
	int way = (int)(dice(seed) % 4);
	green_t id = 0;

	if (way == 0)
		attr.worker = i % WORKERS + 1;
	if (way == 1)
		attr.stack_size = 40000;
	if (dice(seed) % 8 == 0)
		attr.flags = GREEN_FP;
	if (green_spawn(way == 2 ? NULL : &id, &attr, way ? work : pinned,
			(void *)i))
		wrong++;
	return id;
}

static void *
spawner(void *arg)
{
	enum {
		BATCH = 50
	};
	uint64_t seed = stress_seed_of((unsigned)(uintptr_t)arg);
	uintptr_t number[BATCH];
	green_t ids[BATCH];
	void *value;

	for (int i = 0; i < each / BATCH; i++) {
		int n = 1 + (int)(dice(&seed) % BATCH);

		for (int k = 0; k < n; k++)
			ids[k] = spawn_one(&seed, &number[k]);
		for (int k = n; k--;)
			if (ids[k] &&
			    (green_join(ids[k], &value, GREEN_NEVER) ||
			     value != (void *)number[k]))
				wrong++;
	}
	return NULL;
}

static void *
worker(void *arg)
{
	green_t ids[2];

	for (int i = 0; i < 2; i++)
		green_spawn(&ids[i], NULL, spawner,
			    (void *)((uintptr_t)arg + (uintptr_t)i));
	for (int i = 0; i < 2; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return NULL;
}

static void *
own(void *arg)
{
	struct green_attr attr = { .size = sizeof(attr), .runtime = rt };
	green_t ids[2];

	for (int i = 0; i < 2; i++)
		green_spawn(&ids[i], &attr, spawner,
			    (void *)((uintptr_t)arg + (uintptr_t)i));
	for (int i = 0; i < 2; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return NULL;
}

static void *
tells_os_thread(void *arg)
{
	*(pthread_t *)arg = pthread_self();
	return NULL;
}

static void
begin(void)
{
	struct green_runtime_attr attr = { .size = sizeof(attr),
					   .workers = WORKERS };
	struct green_attr at = { .size = sizeof(at) };
	green_t id;

	green_runtime_create(&rt, &attr);
	at.runtime = rt;
	for (at.worker = 1; at.worker <= WORKERS; at.worker++) {
		green_spawn(&id, &at, tells_os_thread,
			    &os_thread[at.worker - 1]);
		green_join(id, NULL, GREEN_NEVER);
	}
	next = ended = wrong = 0;
}

static void
storm(void *(*kind)(void *), const char *what)
{
	pthread_t threads[SPAWNERS];
	int once = 0, n;

	begin();
	ran = calloc((size_t)each * SPAWNERS * 2, 1);
	for (uintptr_t i = 0; i < SPAWNERS; i++)
		pthread_create(&threads[i], NULL, kind, (void *)(i * 100 + 1));
	for (int i = 0; i < SPAWNERS; i++)
		pthread_join(threads[i], NULL);
	n = next;
	/* Nobody joins the detached ones. */
	while (ended < n)
		sched_yield();
	for (int i = 0; i < n; i++)
		once += ran[i] == 1;
	is(once, n, "%s: %d threads ran once each", what, n);
	is(wrong, 0, "%s: values, errors and workers are right", what);
	while ((n = green_runtime_destroy(rt)) == -EBUSY)
		sched_yield();
	is(n, 0, "destroy");
	free(ran);
}

int
main(void)
{
	struct green_stats s = { .size = sizeof(s) };

	each = tap_scale(10000, 500);
	storm(spawner, "pthreads");
	storm(worker, "workers");
	storm(own, "its own");
	green_stats_get(&s);
	is(s.workers, 0, "nothing is left");
	is(s.abandoned, 0, "nothing was lost");
	return tap_done();
}
