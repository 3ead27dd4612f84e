/* SPDX-License-Identifier: MIT */
/* Proves: a worker whose threads all sleep sleeps in the kernel: once per
 * wake-up, not in a loop; and its CPU time stays far below the time that
 * passes, which a busy wait would reach. */

#include "tap.h"

#include <sys/resource.h>
#include <time.h>

#include <green.h>

static int64_t
cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * GREEN_SECOND + ts.tv_nsec;
}

static uint64_t
sleeps(void)
{
	struct green_stats stats = { .size = sizeof(stats) };

	green_stats_get(&stats);
	return stats.sleeps;
}

static void *
nap(void *arg)
{
	int64_t until = *(int64_t *)arg;

	green_sleep_until(until);
	return (void *)(intptr_t)(green_now() < until);
}

int
main(void)
{
	enum {
		N = 20
	};
	uint64_t before = sleeps(), used;
	int64_t cpu_start, until[N];
	green_t ids[N];
	void *early;
	int bad = 0;

	for (int i = 0; i < N; i++) {
		until[i] = green_after((i + 1) * 10 * GREEN_MILLISECOND);
		green_spawn(&ids[i], NULL, nap, &until[i]);
	}
	green_yield();
	cpu_start = cpu();
	for (int i = 0; i < N; i++) {
		green_join(ids[i], &early, GREEN_NEVER);
		bad += early != NULL;
	}
	is(bad, 0, "threads that woke too early");
	/* At least 200 ms of real time have passed; a busy wait would have
	 * used them, or half of them on a busy machine. */
	ok(cpu() - cpu_start < 50 * GREEN_MILLISECOND,
	   "%lld us of CPU in 200 ms of sleep",
	   (long long)(cpu() - cpu_start) / 1000);
	used = sleeps() - before;
	ok(used >= 1 && used <= 3 * N, "%llu sleeps for %d wake-ups",
	   (unsigned long long)used, N);
	return tap_done();
}
