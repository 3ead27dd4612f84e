/* SPDX-License-Identifier: MIT */
/* Proves: a wait for a mutex ends at exactly its deadline, or when the thread
 * is interrupted or cancelled, with the error that is documented; and the mutex
 * is intact: who comes later gets it in turn. */

#include "tap.h"

#include <green.h>

#define MS GREEN_MILLISECOND

static struct green_mutex mutex = GREEN_MUTEX_INIT;

struct attempt {
	int64_t deadline, ended;
	int error;
};

static void *
lock(void *arg)
{
	struct attempt *a = arg;

	a->error = green_mutex_lock(&mutex, a->deadline);
	a->ended = green_now();
	if (!a->error)
		green_mutex_unlock(&mutex);
	return NULL;
}

static green_t
start(struct attempt *a, int64_t deadline)
{
	green_t id;

	*a = (struct attempt){ .deadline = deadline, .error = 77 };
	green_spawn(&id, NULL, lock, a);
	return id;
}

static void
at_once(void)
{
	green_t other;
	struct attempt a;

	is(green_mutex_lock(&mutex, -1), -EINVAL, "negative deadline");
	is(green_mutex_lock(&mutex, INT64_MIN), -EINVAL, "most negative");
	is(green_mutex_lock(&mutex, 0), 0, "0 when it is free");
	other = start(&a, 0);
	green_join(other, NULL, GREEN_NEVER);
	is(a.error, -EAGAIN, "0 when it is held");
	other = start(&a, green_now());
	green_join(other, NULL, GREEN_NEVER);
	is(a.error, -ETIMEDOUT, "now when it is held");
	other = start(&a, -5);
	green_join(other, NULL, GREEN_NEVER);
	is(a.error, -EINVAL, "negative when it is held");
	is(green_mutex_unlock(&mutex), 0, "unlock");
	is(green_mutex_lock(&mutex, 1), 0, "a past one when it is free");
	is(green_mutex_unlock(&mutex), 0, "unlock");
}

static void
in_time(void)
{
	int64_t now = green_now();
	struct attempt a, b;
	green_t one, two;

	green_mutex_lock(&mutex, GREEN_NEVER);
	one = start(&a, now + 10 * MS);
	two = start(&b, now + 30 * MS);
	green_sleep_until(now + 20 * MS);
	is(a.error, -ETIMEDOUT, "the deadline came first");
	is(a.ended - now, 10 * MS, "at exactly that time");
	is(b.error, 77, "the other waits");
	is(green_mutex_unlock(&mutex), 0, "unlock");
	is(green_join(one, NULL, GREEN_NEVER), 0, "one");
	is(green_join(two, NULL, GREEN_NEVER), 0, "two");
	is(b.error, 0, "the other has got it");
	is(b.ended - now, 20 * MS, "when it was unlocked");
	is(green_now() - now, 20 * MS, "nobody waits any more");
}

static void
for_other_reasons(void)
{
	struct attempt a, b, c;
	green_t one, two, three;

	green_mutex_lock(&mutex, GREEN_NEVER);
	one = start(&a, GREEN_NEVER);
	two = start(&b, GREEN_NEVER);
	three = start(&c, GREEN_NEVER);
	green_yield();
	is(green_interrupt(one), 0, "interrupt");
	is(green_cancel(two), 0, "cancel");
	green_join(one, NULL, GREEN_NEVER);
	green_join(two, NULL, GREEN_NEVER);
	is(a.error, -EINTR, "interrupted");
	is(b.error, -ECANCELED, "cancelled");
	is(c.error, 77, "the third waits");
	green_mutex_unlock(&mutex);
	green_join(three, NULL, GREEN_NEVER);
	is(c.error, 0, "and gets it");
}

static void *
cancelled(void *arg)
{
	green_cancel(green_self());
	is(green_mutex_lock(&mutex, GREEN_NEVER), -ECANCELED,
	   "a cancelled thread gets no mutex, though it is free");
	is(green_mutex_lock(&mutex, 0), -ECANCELED, "nor tries to");
	green_shield(1);
	is(green_mutex_lock(&mutex, GREEN_NEVER), 0, "in a shield it does");
	green_shield(0);
	is(green_mutex_unlock(&mutex), 0, "and unlocks it anywhere");
	return arg;
}

/* Woken for one reason, and before it ran, the mutex was handed over to it. */
static void
both(void)
{
	struct attempt a;
	green_t one;

	green_mutex_lock(&mutex, GREEN_NEVER);
	one = start(&a, GREEN_NEVER);
	green_yield();
	is(green_interrupt(one), 0, "interrupt");
	green_mutex_unlock(&mutex);
	green_join(one, NULL, GREEN_NEVER);
	is(a.error, 0, "the mutex came before it ran");
	is(green_mutex_lock(&mutex, 0), 0, "and was unlocked");
	green_mutex_unlock(&mutex);
}

int
main(void)
{
	green_t id;

	green_clock_virtual(GREEN_SECOND);
	at_once();
	in_time();
	for_other_reasons();
	both();
	green_spawn(&id, NULL, cancelled, NULL);
	green_join(id, NULL, GREEN_NEVER);
	is(green_mutex_fini(&mutex), 0, "it is free, and nobody waits");
	return tap_done();
}
