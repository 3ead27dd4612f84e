/* SPDX-License-Identifier: MIT */
/* Proves: when an OS thread ends, whoever joins a green thread of it from
 * another OS thread gets -ESRCH, green thread or not; and a green thread of it
 * that is joining one elsewhere is forgotten there, which can be joined by
 * others then. */

#include "tap.h"

#include <green.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

static char untouched;
static _Atomic green_t forever_id, value_id;

/* Until somebody is joining. */
static void
wait_for_joiner(green_t id)
{
	while (green_join(id, NULL, 0) != -EBUSY)
		sched_yield();
}

/* ---- those that are joined are abandoned -------------------------------- */

static void *
sleep_forever(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

static void *
end_when_joined(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, sleep_forever, NULL);
	green_yield();
	forever_id = id;
	wait_for_joiner(id);
	return arg;
}

static void *
join_forever(void *arg)
{
	void *value = &untouched;
	intptr_t error;

	(void)arg;
	while (!forever_id)
		sched_yield();
	error = green_join(forever_id, &value, GREEN_NEVER);
	return value == &untouched ? (void *)error : value;
}

static void
joined_from(const char *where, bool green)
{
	pthread_t owner, plain;
	void *error = NULL;
	green_t id;

	forever_id = 0;
	pthread_create(&owner, NULL, end_when_joined, NULL);
	if (green) {
		green_spawn(&id, NULL, join_forever, NULL);
		green_join(id, &error, GREEN_NEVER);
	} else {
		pthread_create(&plain, NULL, join_forever, NULL);
		pthread_join(plain, &error);
	}
	is((intptr_t)error, -ESRCH, "joined from %s: no such thread", where);
	pthread_join(owner, NULL);
	is(green_join(forever_id, NULL, 0), -ESRCH, "and it is gone");
}

/* ---- those that join are abandoned -------------------------------------- */

static void *
join_value(void *arg)
{
	green_join(value_id, NULL, GREEN_NEVER);
	return arg;
}

static void *
end_while_joining(void *arg)
{
	green_spawn(NULL, NULL, join_value, NULL);
	green_yield();
	is(green_join(value_id, NULL, 0), -EBUSY, "somebody is joining");
	return arg;
}

static void *
give_value(void *arg)
{
	return arg;
}

static void
joiner_ends(void)
{
	pthread_t other;
	void *value = NULL;
	green_t id;

	green_spawn(&id, NULL, give_value, &untouched);
	value_id = id;
	pthread_create(&other, NULL, end_while_joining, NULL);
	pthread_join(other, NULL);
	is(green_join(id, NULL, 0), -EAGAIN, "nobody is joining any more");
	is(green_join(id, &value, GREEN_NEVER), 0, "it can be joined");
	ok(value == &untouched, "and its value is there");
}

/* The same, and it ends before anybody else looks at it. */
static void
joiner_ends_unseen(void)
{
	pthread_t other;
	green_t id;

	green_spawn(&id, NULL, give_value, &untouched);
	value_id = id;
	pthread_create(&other, NULL, end_while_joining, NULL);
	pthread_join(other, NULL);
	green_yield();
	is(green_join(id, NULL, 0), 0, "ended alone, and waits");
}

int
main(void)
{
	struct green_stats stats = { .size = sizeof(stats) };

	alarm(100);
	joined_from("a plain pthread", false);
	joined_from("a green thread", true);
	joiner_ends();
	joiner_ends_unseen();
	green_stats_get(&stats);
	is(stats.abandoned, 4, "threads were abandoned");
	return tap_done();
}
