/* SPDX-License-Identifier: MIT */
/* Proves: the virtual clock of one OS thread stands where it was set, jumps to
 * deadlines when nothing can run, is advanced by hand, and gives the real one
 * back; it is not exchanged while anybody waits with a deadline; without one
 * the worker sleeps until another OS thread wakes it. */

#include "tap.h"

#include <green.h>
#include <pthread.h>

#define HOUR (3600 * GREEN_SECOND)
#define START 1000000

static void
arguments(void)
{
	is(green_clock_real(), 0, "the real clock again, before there is any");
	is(green_clock_advance(0), -EINVAL, "which is nobody's to advance");
	is(green_clock_virtual(0), -EINVAL, "0 is no time");
	is(green_clock_virtual(-1), -EINVAL, "nor is a negative one");
	is(green_clock_virtual(GREEN_NEVER), -EINVAL, "nor never");
	green_self();
	is(green_clock_advance(1), -EINVAL, "a worker's real clock neither");
	is(green_clock_virtual(GREEN_NEVER - 1), 0, "the last time there is");
	is(green_clock_virtual(START), 0, "back to an early one");
	is(green_now(), START, "it shows that");
	is(green_clock_advance(-1), -EINVAL, "it does not go back by itself");
	is(green_now(), START, "and did not");
}

static void *
sleep_until(void *arg)
{
	int error = green_sleep_until(*(int64_t *)arg);

	*(int64_t *)arg = error ? error : green_now();
	return NULL;
}

static void
jumps(void)
{
	int64_t a = green_after(2 * HOUR), b = green_after(HOUR);
	int64_t start = green_now();
	green_t one, two;

	green_spawn(&one, NULL, sleep_until, &a);
	green_spawn(&two, NULL, sleep_until, &b);
	is(green_join(one, NULL, green_after(HOUR + 1)), -ETIMEDOUT,
	   "a time-out among sleepers");
	is(green_now() - start, HOUR + 1, "at its time");
	is(green_join(two, NULL, 0), 0, "the shorter sleep is over");
	is(green_join(one, NULL, GREEN_NEVER), 0, "the longer one is next");
	is(a - start, 2 * HOUR, "it took two hours");
	is(b - start, HOUR, "and the other one");
	is(green_now() - start, 2 * HOUR, "for all of us");
}

static void
advances(void)
{
	int64_t start = green_now(), a = start + 2, b = start + 5;
	green_t one, two;

	green_spawn(&one, NULL, sleep_until, &a);
	green_spawn(&two, NULL, sleep_until, &b);
	green_yield();
	is(green_clock_virtual(1), -EBUSY, "somebody waits for a time");
	is(green_clock_real(), -EBUSY, "of the virtual clock");
	is(green_clock_advance(1), 0, "a nanosecond");
	is(green_interrupt(one), 0, "was too short for the first sleeper");
	is(green_clock_advance(4), 0, "four more");
	is(green_now() - start, 5, "make five");
	is(green_interrupt(two), -EALREADY, "the other one is awake by that");
	green_join(one, NULL, GREEN_NEVER);
	green_join(two, NULL, GREEN_NEVER);
	is(a, -EINTR, "what became of the first");
	is(b - start, 5, "and of the second");
	is(green_now() - start, 5, "nothing but that has passed");
}

static void
ends(void)
{
	int64_t forever = GREEN_NEVER;
	green_t id;

	green_spawn(&id, NULL, sleep_until, &forever);
	green_yield();
	is(green_clock_advance(GREEN_NEVER), 0, "as far as it goes");
	is(green_now(), GREEN_NEVER - 1, "is short of never");
	is(green_clock_advance(1), 0, "and once more");
	is(green_now(), GREEN_NEVER - 1, "it saturates");
	is(green_after(1), GREEN_NEVER, "so do durations");
	is(green_clock_virtual(START), 0, "who sleeps for ever has no time");
	green_interrupt(id);
	green_join(id, NULL, GREEN_NEVER);
	is(forever, -EINTR, "that one slept until interrupted");
}

/* ---- and other OS threads ---------------------------------------------- */

static green_t theirs;
static int64_t their_time;
static pthread_barrier_t spawned;
static int held[2];

static void *
wait_until_told(void *arg)
{
	char c;

	return read(held[0], &c, 1) == 1 ? arg : NULL;
}

/* Has a green thread that ends when main says so. */
static void *
other(void *arg)
{
	green_spawn(&theirs, NULL, wait_until_told, &theirs);
	their_time = green_now();
	pthread_barrier_wait(&spawned);
	green_yield();
	return arg;
}

static void *
tell(void *arg)
{
	if (write(held[1], "", 1) != 1)
		return NULL;
	return arg;
}

static void
among_os_threads(void)
{
	struct timespec ts;
	pthread_t pthread;
	void *value = NULL;
	int64_t start = green_now();

	clock_gettime(CLOCK_MONOTONIC, &ts);
	if (pipe(held) || pthread_barrier_init(&spawned, NULL, 2))
		exit(99);
	pthread_create(&pthread, NULL, other, NULL);
	pthread_barrier_wait(&spawned);
	ok(their_time >= ts.tv_sec * GREEN_SECOND, "others have a real clock");
	is(green_join(theirs, &value, green_after(HOUR)), -ETIMEDOUT,
	   "their doings take no virtual time");
	is(green_now() - start, HOUR, "so the deadline came");
	/* By the last of our threads, before we sleep. */
	green_spawn(NULL, NULL, tell, NULL);
	is(green_join(theirs, &value, GREEN_NEVER), 0, "without one we sleep");
	ok(value == &theirs, "until they are done");
	is(green_now() - start, HOUR, "however long that was");
	pthread_join(pthread, NULL);
}

int
main(void)
{
	struct timespec ts;

	arguments();
	jumps();
	advances();
	ends();
	among_os_threads();
	clock_gettime(CLOCK_MONOTONIC, &ts);
	is(green_clock_real(), 0, "back to the real clock");
	ok(green_now() >= ts.tv_sec * GREEN_SECOND, "it went on meanwhile");
	is(green_sleep_until(green_after(1)), 0, "and works");
	return tap_done();
}
