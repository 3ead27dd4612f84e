/* SPDX-License-Identifier: MIT */
/* Proves: a barrier opens when as many threads have come as it is for, one of
 * which is told that it was the last, and closes behind them; one that leaves
 * with an error has not come. */

#include "tap.h"

#include <green.h>

#define COUNT 4
#define MS GREEN_MILLISECOND

static struct green_barrier barrier;

struct attempt {
	int64_t deadline, ended;
	int result;
};

static void *
waits(void *arg)
{
	struct attempt *a = arg;

	a->result = green_barrier_wait(&barrier, a->deadline);
	a->ended = green_now();
	return NULL;
}

static green_t
start(struct attempt *a, int64_t deadline)
{
	green_t id;

	*a = (struct attempt){ .deadline = deadline, .result = 77 };
	green_spawn(&id, NULL, waits, a);
	return id;
}

/* All but one wait, then the caller comes. */
static void
full_round(const char *what)
{
	struct attempt a[COUNT - 1];
	green_t ids[COUNT - 1];
	int waiting = 0, through = 0;

	for (int i = 0; i < COUNT - 1; i++)
		ids[i] = start(&a[i], GREEN_NEVER);
	green_yield();
	green_yield();
	for (int i = 0; i < COUNT - 1; i++)
		waiting += a[i].result == 77;
	is(waiting, COUNT - 1, "%s: all wait for the last", what);
	is(green_barrier_fini(&barrier), -EBUSY, "%s: so it is busy", what);
	is(green_barrier_wait(&barrier, 0), GREEN_BARRIER_SERIAL,
	   "%s: which is told so", what);
	is(green_barrier_wait(&barrier, 0), -EAGAIN, "%s: closed again", what);
	for (int i = 0; i < COUNT - 1; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		through += a[i].result == 0;
	}
	is(through, COUNT - 1, "%s: the others are not", what);
}

static void
some_leave(void)
{
	int64_t now = green_now();
	struct attempt a, b, c;
	green_t one = start(&a, now + 10 * MS), two = start(&b, GREEN_NEVER);
	green_t three = start(&c, GREEN_NEVER);

	green_yield();
	is(green_interrupt(two), 0, "interrupt");
	is(green_cancel(three), 0, "cancel");
	green_sleep_until(now + 20 * MS);
	green_join(one, NULL, GREEN_NEVER);
	green_join(two, NULL, GREEN_NEVER);
	green_join(three, NULL, GREEN_NEVER);
	is(a.result, -ETIMEDOUT, "the deadline");
	is(a.ended - now, 10 * MS, "at exactly that time");
	is(b.result, -EINTR, "interrupted");
	is(c.result, -ECANCELED, "cancelled");
	full_round("after that");
}

/* It was told to go for another reason, but before it ran, the last one came:
 * it has come, as all the others were told. */
static void
leaves_too_late(void)
{
	struct attempt a[COUNT - 1];
	green_t ids[COUNT - 1];

	for (int i = 0; i < COUNT - 1; i++)
		ids[i] = start(&a[i], GREEN_NEVER);
	green_yield();
	is(green_interrupt(ids[0]), 0, "interrupt");
	is(green_barrier_wait(&barrier, 0), GREEN_BARRIER_SERIAL, "open");
	for (int i = 0; i < COUNT - 1; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	is(a[0].result, 0, "it went with the others");
}

int
main(void)
{
	struct green_barrier one = GREEN_BARRIER_INIT;

	green_clock_virtual(GREEN_SECOND);
	is(green_barrier_init(&barrier, COUNT, NULL), 0, "init");
	full_round("first");
	full_round("second");
	some_leave();
	leaves_too_late();
	is(green_barrier_fini(&barrier), 0, "fini");
	is(green_barrier_wait(&one, 0), GREEN_BARRIER_SERIAL,
	   "for one it is open");
	is(green_barrier_wait(&one, GREEN_NEVER), GREEN_BARRIER_SERIAL,
	   "always");
	return tap_done();
}
