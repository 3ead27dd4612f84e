/* SPDX-License-Identifier: MIT */
/* Proves: a worker whose threads all sleep sleeps in the kernel: once per
 * wake-up, not in a loop; and its CPU time stays far below the time that
 * passes, which a busy wait would use, or its share of a busy machine. */

#include "tap.h"

#include <sys/resource.h>
#include <time.h>

#include <green.h>

#define N 20

static struct {
	int64_t real, cpu;
	uint64_t sleeps;
} used;

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

/* N threads that wake one after the other. Returns how many did so too early.
 */
static int
naps(int64_t apart)
{
	int64_t real_start = green_now(), cpu_start = cpu(), until[N];
	uint64_t before = sleeps();
	green_t ids[N];
	void *early;
	int bad = 0;

	for (int i = 0; i < N; i++) {
		until[i] = green_after((i + 1) * apart);
		green_spawn(&ids[i], NULL, nap, &until[i]);
	}
	for (int i = 0; i < N; i++) {
		green_join(ids[i], &early, GREEN_NEVER);
		bad += early != NULL;
	}
	used.real = green_now() - real_start;
	used.cpu = cpu() - cpu_start;
	used.sleeps = sleeps() - before;
	return bad;
}

int
main(void)
{
	int64_t apart = 10 * GREEN_MILLISECOND;
	int bad;

	/* Once for the caches, or for an emulator to translate the code. */
	bad = naps(GREEN_MICROSECOND);
	/* Long enough to be asleep in time on a machine of any speed. */
	do {
		bad += naps(apart);
		apart *= 2;
	} while (!used.sleeps && apart < 10 * GREEN_SECOND);
	is(bad, 0, "threads that woke too early");
	ok(used.cpu < used.real / 10, "%lld us of CPU in %lld us",
	   (long long)used.cpu / 1000, (long long)used.real / 1000);
	ok(used.sleeps >= 1 && used.sleeps <= 3 * N,
	   "%llu sleeps for %d wake-ups", (unsigned long long)used.sleeps, N);
	return tap_done();
}
