/* SPDX-License-Identifier: MIT */
/* Proves: a wait for a condition ends at exactly its deadline, or when the
 * thread is interrupted or cancelled, and the mutex is held again each time, as
 * often as before, however long that takes and whatever comes meanwhile. */

#include "tap.h"

#include <green.h>

#define MS GREEN_MILLISECOND

static struct green_mutex mutex;
static struct green_cond cond = GREEN_COND_INIT;

struct attempt {
	int64_t deadline, ended;
	int error, unlocks;
};

/* Holds the mutex twice. */
static void *
waits(void *arg)
{
	struct attempt *a = arg;

	green_mutex_lock(&mutex, GREEN_NEVER);
	green_mutex_lock(&mutex, GREEN_NEVER);
	a->error = green_cond_wait(&cond, &mutex, a->deadline);
	a->ended = green_now();
	while (green_mutex_unlock(&mutex) == 0)
		a->unlocks++;
	return NULL;
}

static green_t
start(struct attempt *a, int64_t deadline)
{
	green_t id;

	*a = (struct attempt){ .deadline = deadline, .error = 77 };
	green_spawn(&id, NULL, waits, a);
	green_yield();
	return id;
}

static void
ended(green_t id, const struct attempt *a, int error, const char *what)
{
	is(green_join(id, NULL, GREEN_NEVER), 0, "%s: joined", what);
	is(a->error, error, "%s: the result", what);
	is(a->unlocks, 2, "%s: the mutex was held twice", what);
}

static void
at_once(void)
{
	struct attempt a;

	ended(start(&a, 0), &a, -EAGAIN, "0");
	ended(start(&a, 1), &a, -ETIMEDOUT, "the past");
	ended(start(&a, -1), &a, -EINVAL, "negative");
}

static void
in_time(void)
{
	int64_t now = green_now();
	struct attempt a, b;
	green_t one = start(&a, now + 10 * MS), two = start(&b, now + 30 * MS);

	green_sleep_until(now + 20 * MS);
	ended(one, &a, -ETIMEDOUT, "a deadline");
	is(a.ended - now, 10 * MS, "at exactly that time");
	is(b.error, 77, "the other waits");
	green_cond_signal(&cond);
	ended(two, &b, 0, "a later one");
	is(b.ended - now, 20 * MS, "when it was signalled");
}

/* The wait is over, but the mutex is somebody else's for long. */
static void
mutex_is_late(void)
{
	int64_t now = green_now();
	struct attempt a, b, c, d;
	green_t one = start(&a, now + 10 * MS), two = start(&b, GREEN_NEVER);
	green_t three = start(&c, now + 10 * MS), four = start(&d, GREEN_NEVER);

	green_mutex_lock(&mutex, GREEN_NEVER);
	is(green_interrupt(two), 0, "interrupted");
	is(green_cancel(four), 0, "cancelled");
	green_yield();
	is(green_interrupt(two), 0, "interrupted once more");
	green_sleep_until(now + 20 * MS);
	is(a.error, 77, "it does not return without the mutex");
	is(b.error, 77, "nor does the second");
	is(c.error, 77, "nor the third");
	is(green_cancel(three), 0, "which is cancelled now");
	is(green_cancel(one), 0, "and so is the first");
	green_sleep_until(now + 30 * MS);
	green_mutex_unlock(&mutex);
	ended(one, &a, -ETIMEDOUT, "deadline");
	ended(two, &b, -EINTR, "interruption");
	ended(three, &c, -ETIMEDOUT, "deadline, then cancelled");
	ended(four, &d, -ECANCELED, "cancelled");
	is(a.ended - now, 30 * MS, "when the mutex was free");
}

/* Signalled, and before it can have the mutex, everything else comes. */
static void
signal_came_first(void)
{
	int64_t now = green_now();
	struct attempt a, b, c;
	green_t one = start(&a, now + 10 * MS), two = start(&b, GREEN_NEVER);
	green_t three = start(&c, GREEN_NEVER);

	green_mutex_lock(&mutex, GREEN_NEVER);
	green_cond_broadcast(&cond);
	green_interrupt(two);
	green_cancel(three);
	green_sleep_until(now + 20 * MS);
	is(a.error, 77, "it waits for the mutex");
	green_interrupt(two);
	green_yield();
	green_mutex_unlock(&mutex);
	ended(one, &a, 0, "signalled before its deadline");
	ended(two, &b, 0, "before an interruption");
	ended(three, &c, 0, "before it was cancelled");
}

static void *
cancelled(void *arg)
{
	green_mutex_lock(&mutex, GREEN_NEVER);
	green_cancel(green_self());
	is(green_cond_wait(&cond, &mutex, GREEN_NEVER), -ECANCELED,
	   "a cancelled thread does not begin to wait");
	is(green_mutex_unlock(&mutex), 0, "and holds the mutex still");
	return arg;
}

int
main(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_RECURSIVE };
	green_t id;

	green_clock_virtual(GREEN_SECOND);
	green_mutex_init(&mutex, &attr);
	at_once();
	in_time();
	mutex_is_late();
	signal_came_first();
	green_spawn(&id, NULL, cancelled, NULL);
	green_join(id, NULL, GREEN_NEVER);
	is(green_cond_fini(&cond), 0, "nobody waits");
	is(green_mutex_fini(&mutex), 0, "the mutex is free");
	return tap_done();
}
