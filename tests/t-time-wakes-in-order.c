/* SPDX-License-Identifier: MIT */
/* Proves: with the virtual clock 2,000 sleepers wake at exactly their times
 * and in their order, equal ones first in first out, and the clock stands
 * still while anything is runnable. */

#include "tap.h"

#include <green.h>

#define MOST 2000

static struct {
	int64_t until;
	int64_t woke;
	int place;
} sleeper[MOST];
static int woken, threads;

static void *
sleep_once(void *arg)
{
	int i = (int)(intptr_t)arg;

	if (green_sleep_until(sleeper[i].until))
		return arg;
	sleeper[i].woke = green_now();
	sleeper[i].place = woken++;
	return NULL;
}

/* From nanoseconds to years, with many equal ones. */
static int64_t
duration(unsigned i)
{
	unsigned r = i * 2654435761u >> 7;

	return (int64_t)(r % 50 + 1) << (r / 64 % 50);
}

static int
inversions(void)
{
	static int by_place[MOST];
	int bad = 0;

	for (int i = 0; i < threads; i++)
		by_place[sleeper[i].place] = i;
	for (int p = 1; p < threads; p++) {
		int a = by_place[p - 1], b = by_place[p];

		bad += sleeper[a].until > sleeper[b].until ||
		       (sleeper[a].until == sleeper[b].until && a > b);
	}
	return bad;
}

static int stop;

static void *
busy(void *arg)
{
	while (!stop)
		green_yield();
	return arg;
}

int
main(void)
{
	static green_t ids[MOST];
	int64_t start = 1000, before;
	int late = 0;
	green_t id;

	threads = tap_scale(MOST, 200);
	green_clock_virtual(start);
	is(green_now(), start, "it is as late as we say");
	for (int i = 0; i < threads; i++) {
		sleeper[i].until = start + duration((unsigned)i);
		green_spawn(&ids[i], NULL, sleep_once, (void *)(intptr_t)i);
	}
	for (int i = 0; i < threads; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	is(woken, threads, "all woke");
	for (int i = 0; i < threads; i++)
		late += sleeper[i].woke != sleeper[i].until;
	is(late, 0, "sleepers that woke at another time");
	is(inversions(), 0, "sleepers out of order");

	before = green_now();
	green_spawn(&id, NULL, busy, NULL);
	for (int i = 0; i < 5000; i++)
		green_yield();
	is(green_now(), before, "no time passes while threads run");
	stop = 1;
	green_join(id, NULL, GREEN_NEVER);
	is(green_sleep_until(before + 7), 0, "the main flow sleeps too");
	is(green_now(), before + 7, "to the nanosecond");
	return tap_done();
}
