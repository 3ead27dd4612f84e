/* SPDX-License-Identifier: MIT */
/* Proves: an exploration finds an assertion that one order breaks, a deadlock
 * of two locks that are taken in opposite orders, a wake-up that a semaphore
 * built on green_park() loses, and a time-out that comes in the worst moment;
 * what it reports makes the same run again; and the programs without these
 * mistakes pass in every order. */

#include "tap.h"

#include <green.h>

#define MS GREEN_MILLISECOND

static struct green_explore_result result;

static int
explore(green_fn fn, void *arg, uint64_t flags, const char *schedule)
{
	struct green_explore_attr attr = {
		.size = sizeof(attr),
		.flags = flags | GREEN_EXPLORE_QUIET,
		.schedule = schedule,
	};

	memset(&result, 0x5a, sizeof(result));
	result.size = sizeof(result);
	return green_explore(&attr, fn, arg, &result);
}

/* fn is right with arg 0, and fails with arg 1 in some orders. */
static void
finds(green_fn fn, uint64_t flags, int error, const char *what)
{
	static char wrong;
	char schedule[GREEN_SCHEDULE_MAX];
	uint64_t runs;
	void *value;

	is(explore(fn, NULL, flags, NULL), 0, "%s: right", what);
	is(result.complete, 1, "in every order");
	ok(result.runs > 1, "of which there are several");
	printf("# %llu runs\n", (unsigned long long)result.runs);

	is(explore(fn, &wrong, flags, NULL), error, "wrong: found");
	is(result.complete, 0, "there may be more of it");
	strcpy(schedule, result.schedule);
	runs = result.runs;
	value = result.value;
	printf("# run %llu: \"%s\"\n", (unsigned long long)runs, schedule);
	is(value != NULL, error == 1, "the value tells so, or nothing");
	is(green_join(green_self(), NULL, 0), -EINVAL, "alive and well");

	is(explore(fn, &wrong, flags, schedule), error, "the same run again");
	is(result.runs, 1, "is one run");
	ok(result.value == value, "with the same value");
	is(strcmp(result.schedule, schedule), 0, "and the same schedule");
	is(explore(fn, NULL, flags, schedule), 0, "the right one passes it");
	is(result.complete, 0, "which says nothing of other orders");
	if (runs > 1)
		is(explore(fn, &wrong, flags, ""), 0,
		   "first in first out hides the mistake");
}

static void *
join_all(green_t *ids, int n)
{
	for (int i = 0; i < n; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return NULL;
}

/* ---- an assertion ------------------------------------------------------ */

static int stage;
static int broken;

static void *
first_stage(void *arg)
{
	(void)arg;
	green_yield();
	stage = 1;
	return NULL;
}

static void *
second_stage(void *arg)
{
	green_yield();
	green_yield();
	if (arg && stage != 1)
		broken = 1;
	return NULL;
}

/* The second believes that it is slower. */
static void *
assertion(void *arg)
{
	green_t ids[2];

	stage = broken = 0;
	green_spawn(&ids[0], NULL, first_stage, NULL);
	green_spawn(&ids[1], NULL, second_stage, arg);
	join_all(ids, 2);
	return broken ? &broken : NULL;
}

/* ---- locks ------------------------------------------------------------- */

/* Waiters are threads that park until somebody interrupts them. */
struct lock {
	int held;
	green_t waiters[4];
	int count;
};

static void
lock(struct lock *l)
{
	while (l->held) {
		l->waiters[l->count++] = green_self();
		green_park(GREEN_NEVER);
	}
	l->held = 1;
}

static void
unlock(struct lock *l)
{
	l->held = 0;
	if (l->count)
		green_interrupt(l->waiters[--l->count]);
}

static struct lock locks[2];
static int late;

static void *
take_both(void *arg)
{
	struct lock *first = arg;
	struct lock *second = &locks[first == &locks[0]];

	/* Whoever comes second finds both free, if it is as slow as this. */
	for (int i = late++ * 3; i > 0; i--)
		green_yield();
	lock(first);
	green_yield();
	lock(second);
	green_yield();
	unlock(second);
	unlock(first);
	return NULL;
}

static void *
opposite(void *arg)
{
	green_t ids[2];

	memset(locks, 0, sizeof(locks));
	late = 0;
	green_spawn(&ids[0], NULL, take_both, &locks[0]);
	green_spawn(&ids[1], NULL, take_both, &locks[arg != NULL]);
	return join_all(ids, 2);
}

/* ---- a semaphore ------------------------------------------------------- */

static struct {
	int value;
	int careful;
	green_t waiter;
} sem;

static void
sem_wait(void)
{
	while (sem.value == 0) {
		sem.waiter = green_self();
		/* A wake-up that comes here finds nobody asleep. */
		green_park(sem.careful ? green_after(MS) : GREEN_NEVER);
	}
	sem.value--;
}

static void
sem_post(void)
{
	sem.value++;
	if (sem.waiter)
		green_interrupt(sem.waiter);
}

static void *
consume(void *arg)
{
	sem_wait();
	sem_wait();
	return arg;
}

static void *
produce(void *arg)
{
	sem_post();
	green_yield();
	sem_post();
	return arg;
}

/* The look at the value and the park are two steps for other cores. The
 * careful one looks again now and then. */
static void *
lost(void *arg)
{
	green_t ids[2];

	memset(&sem, 0, sizeof(sem));
	sem.careful = !arg;
	green_spawn(&ids[0], NULL, consume, NULL);
	green_spawn(&ids[1], NULL, produce, NULL);
	return join_all(ids, 2);
}

/* ---- a time-out -------------------------------------------------------- */

static int delivered, taken;
static green_t receiver;

static void *
receive(void *arg)
{
	int error = green_park(green_after(MS));

	/* The message may have come at the last moment. */
	if (error == -ETIMEDOUT && (arg || !delivered))
		return NULL;
	taken = delivered;
	return NULL;
}

static void *
deliver(void *arg)
{
	green_yield();
	delivered = 1;
	green_interrupt(receiver);
	return arg;
}

static void *
too_late(void *arg)
{
	green_t ids[2];

	delivered = taken = 0;
	green_spawn(&ids[0], NULL, receive, arg);
	receiver = ids[0];
	green_spawn(&ids[1], NULL, deliver, NULL);
	join_all(ids, 2);
	/* Whoever left before has not missed it. */
	if (arg && delivered && !taken)
		return &taken;
	return NULL;
}

int
main(void)
{
	finds(assertion, 0, 1, "an assertion");
	finds(opposite, 0, -EDEADLK, "two locks");
	finds(lost, GREEN_EXPLORE_PREEMPT, -EDEADLK, "a semaphore");
	finds(too_late, GREEN_EXPLORE_TIMEOUTS, 1, "a time-out");
	return tap_done();
}
