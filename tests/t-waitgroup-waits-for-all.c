/* SPDX-License-Identifier: MIT */
/* Proves: a wait for a group ends when its count is 0, and then for all who
 * wait; at exactly its deadline, or when the thread is interrupted or
 * cancelled, without harm to the group, which can be used again. */

#include "tap.h"

#include <green.h>

#define MS GREEN_MILLISECOND
#define WAITERS 5

static struct green_waitgroup group = GREEN_WAITGROUP_INIT;

struct attempt {
	int64_t deadline, ended;
	int error;
};

static void *
waits(void *arg)
{
	struct attempt *a = arg;

	a->error = green_waitgroup_wait(&group, a->deadline);
	a->ended = green_now();
	return NULL;
}

static green_t
start(struct attempt *a, int64_t deadline)
{
	green_t id;

	*a = (struct attempt){ .deadline = deadline, .error = 77 };
	green_spawn(&id, NULL, waits, a);
	return id;
}

static void
all_at_once(void)
{
	struct attempt a[WAITERS];
	green_t ids[WAITERS];
	int waiting = 0, through = 0;

	is(green_waitgroup_wait(&group, 0), 0, "nothing to do");
	is(green_waitgroup_add(&group, 3), 0, "three things");
	is(green_waitgroup_wait(&group, 0), -EAGAIN, "which are not done");
	for (int i = 0; i < WAITERS; i++)
		ids[i] = start(&a[i], GREEN_NEVER);
	green_yield();
	is(green_waitgroup_done(&group), 0, "one is");
	is(green_waitgroup_add(&group, -1), 0, "another is");
	green_yield();
	for (int i = 0; i < WAITERS; i++)
		waiting += a[i].error == 77;
	is(waiting, WAITERS, "all wait for the third");
	is(green_waitgroup_done(&group), 0, "the third");
	is(green_waitgroup_fini(&group), -EBUSY, "who waited is not back yet");
	is(green_waitgroup_add(&group, 1), 0, "the next round begins");
	for (int i = 0; i < WAITERS; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		through += a[i].error == 0;
	}
	is(through, WAITERS, "all were let go all the same");
	is(green_waitgroup_wait(&group, 1), -ETIMEDOUT, "once more");
	is(green_waitgroup_fini(&group), -EBUSY, "there is something to do");
	is(green_waitgroup_done(&group), 0, "done");
}

static void
other_ends(void)
{
	int64_t now = green_now();
	struct attempt a, b, c, d;
	green_t one = start(&a, now + 10 * MS), two = start(&b, GREEN_NEVER);
	green_t three = start(&c, GREEN_NEVER);
	green_t four = start(&d, now + 30 * MS);

	green_waitgroup_add(&group, 1);
	green_yield();
	is(green_interrupt(two), 0, "interrupt");
	is(green_cancel(three), 0, "cancel");
	green_sleep_until(now + 20 * MS);
	is(a.error, -ETIMEDOUT, "the deadline");
	is(a.ended - now, 10 * MS, "at exactly that time");
	is(b.error, -EINTR, "interrupted");
	is(c.error, -ECANCELED, "cancelled");
	is(d.error, 77, "one still waits");
	is(green_waitgroup_done(&group), 0, "done");
	green_join(four, NULL, GREEN_NEVER);
	is(d.error, 0, "it is let go");
	is(d.ended - now, 20 * MS, "at that time");
	green_join(one, NULL, GREEN_NEVER);
	green_join(two, NULL, GREEN_NEVER);
	green_join(three, NULL, GREEN_NEVER);
	is(green_waitgroup_fini(&group), 0, "fini");
}

int
main(void)
{
	green_clock_virtual(GREEN_SECOND);
	all_at_once();
	other_ends();
	return tap_done();
}
