/* SPDX-License-Identifier: MIT */
/* Proves: a runtime whose 10,000 threads are all parked does nothing: its
 * workers sleep in the kernel, once each but for the few times they wake to
 * give memory back, and use next to no CPU time. */

#include "tap.h"

#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include <green.h>

#define THREADS 10000
#define WORKERS 2
#define WINDOW (300 * GREEN_MILLISECOND)

static green_t ids[THREADS];
static atomic_int started;
static struct green_attr attr = { .size = sizeof(attr) };

/* The first one sleeps until it is woken; each other one waits for the one
 * before it. */
static void *
sleeps(void *arg)
{
	started++;
	green_sleep_until(GREEN_NEVER);
	return arg;
}

static void *
joins(void *arg)
{
	void *value = NULL;

	started++;
	green_join(*(green_t *)arg, &value, GREEN_NEVER);
	return (char *)value + 1;
}

static void *
wakes(void *arg)
{
	return (void *)(intptr_t)green_interrupt(*(green_t *)arg);
}

static void *
nothing(void *arg)
{
	return arg;
}

static int64_t
cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * GREEN_SECOND + ts.tv_nsec;
}

static uint64_t
sleeps_so_far(void)
{
	struct green_stats s = { .size = sizeof(s) };

	green_stats_get(&s);
	return s.sleeps;
}

/* The smallest of some windows: in one of the first ones a worker may still
 * be on its way to sleep. */
static void
measure(int64_t *ret_cpu, uint64_t *ret_sleeps)
{
	*ret_cpu = INT64_MAX;
	*ret_sleeps = UINT64_MAX;
	for (int i = 0; i < 3; i++) {
		struct timespec window = { .tv_nsec = WINDOW };
		uint64_t sleeps = sleeps_so_far();
		int64_t used = cpu();

		nanosleep(&window, NULL);
		used = cpu() - used;
		sleeps = sleeps_so_far() - sleeps;
		*ret_cpu = used < *ret_cpu ? used : *ret_cpu;
		*ret_sleeps = sleeps < *ret_sleeps ? sleeps : *ret_sleeps;
	}
}

int
main(void)
{
	struct green_runtime_attr of = { .size = sizeof(of),
					 .workers = WORKERS };
	int n = tap_scale(THREADS, 300), bad = 0;
	struct green_runtime *rt;
	uint64_t times;
	int64_t used;
	void *value;
	green_t id;

	green_runtime_create(&rt, &of);
	attr.runtime = rt;
	attr.worker = 1;
	bad += green_spawn(&ids[0], &attr, sleeps, NULL) != 0;
	attr.worker = 0;
	for (int i = 1; i < n; i++)
		bad += green_spawn(&ids[i], &attr, joins, &ids[i - 1]) != 0;
	is(bad, 0, "%d threads", n);
	while (started < n)
		sched_yield();
	/* On each worker, after all others. */
	for (attr.worker = 1; attr.worker <= WORKERS; attr.worker++) {
		green_spawn(&id, &attr, nothing, NULL);
		green_join(id, NULL, GREEN_NEVER);
	}
	measure(&used, &times);
	ok(times <= 2 * WORKERS, "%d sleeps in 300 ms", (int)times);
	ok(used < WINDOW / 10, "%d us of CPU time", (int)(used / 1000));
	attr.worker = 1;
	green_spawn(&id, &attr, wakes, &ids[0]);
	is(green_join(id, &value, GREEN_NEVER), 0, "one is woken");
	ok(!value, "which works");
	is(green_join(ids[n - 1], &value, GREEN_NEVER), 0, "so all end");
	ok((uintptr_t)value == (uintptr_t)(n - 1), "one after the other");
	is(green_runtime_destroy(rt), 0, "destroy");
	return tap_done();
}
