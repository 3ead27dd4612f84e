/* SPDX-License-Identifier: MIT */
/* Proves: one thread does what is to be done once, and the others wait for it;
 * when it fails, the next in turn tries; a wait ends with its deadline or a
 * cancellation without harm; it can be done again after fini. */

#include "tap.h"

#include <green.h>

#define MS GREEN_MILLISECOND
#define THREADS 5

static struct green_once once = GREEN_ONCE_INIT;
static int calls, failures, running, overlaps, order[THREADS], tried;

struct attempt {
	int i;
	int64_t deadline;
	int result;
};

/* Fails as often as failures says. */
static int
work(void *arg)
{
	struct attempt *a = arg;

	calls++;
	overlaps += running++ != 0;
	order[tried++] = a->i;
	green_sleep_until(green_after(10 * MS));
	running--;
	return failures-- > 0 ? -ENOENT : 0;
}

static void *
runs(void *arg)
{
	struct attempt *a = arg;

	a->result = green_once_run(&once, work, a, a->deadline);
	return NULL;
}

static void
start(struct attempt a[THREADS], green_t ids[THREADS], int fail)
{
	calls = tried = 0;
	failures = fail;
	for (int i = 0; i < THREADS; i++) {
		a[i] = (struct attempt){ i, GREEN_NEVER, 77 };
		green_spawn(&ids[i], NULL, runs, &a[i]);
	}
}

static void
join(green_t ids[THREADS])
{
	for (int i = 0; i < THREADS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
}

static void
succeeds(void)
{
	struct attempt a[THREADS];
	green_t ids[THREADS];
	int good = 0;

	start(a, ids, 0);
	green_yield();
	is(green_once_fini(&once), -EBUSY, "it is being done");
	is(green_once_run(&once, work, &a[0], 0), -EAGAIN, "wait for it");
	join(ids);
	for (int i = 0; i < THREADS; i++)
		good += a[i].result == 0;
	is(good, THREADS, "done for all");
	is(calls, 1, "once");
	is(green_once_run(&once, work, &a[0], 0), 0, "and for ever");
	is(calls, 1, "once");
	is(green_once_fini(&once), 0, "fini");
}

static void
fails(void)
{
	struct attempt a[THREADS];
	green_t ids[THREADS];
	int wrong = 0;

	start(a, ids, 2);
	join(ids);
	for (int i = 0; i < THREADS; i++)
		wrong += a[i].result != (i < 2 ? -ENOENT : 0);
	is(wrong, 0, "who failed knows, and nobody else");
	is(calls, 3, "three tried");
	ok(order[0] == 0 && order[1] == 1 && order[2] == 2, "in turn");
	is(green_once_fini(&once), 0, "fini");
	/* Nobody waits. */
	failures = 1;
	tried = 0;
	is(green_once_run(&once, work, &a[0], 0), -ENOENT, "fails");
	is(green_once_run(&once, work, &a[0], 0), 0, "the next does not");
	is(green_once_fini(&once), 0, "fini");
}

static void
leaves(void)
{
	struct attempt a[THREADS];
	green_t ids[THREADS];

	start(a, ids, 1);
	a[1].deadline = green_after(5 * MS);
	green_yield();
	green_interrupt(ids[2]);
	green_cancel(ids[3]);
	join(ids);
	is(a[0].result, -ENOENT, "failed");
	is(a[1].result, -ETIMEDOUT, "the deadline came first");
	is(a[2].result, -EINTR, "interrupted");
	is(a[3].result, -ECANCELED, "cancelled");
	is(a[4].result, 0, "it was the turn of the last");
	is(calls, 2, "two tried");
}

static int
recurses(void *arg)
{
	return green_once_run(arg, recurses, arg, GREEN_NEVER);
}

int
main(void)
{
	struct green_once other = GREEN_ONCE_INIT;

	green_clock_virtual(GREEN_SECOND);
	succeeds();
	fails();
	leaves();
	is(green_once_run(&other, recurses, &other, GREEN_NEVER), -EDEADLK,
	   "in itself");
	is(overlaps, 0, "one at a time");
	return tap_done();
}
