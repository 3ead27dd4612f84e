/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, a barrier opens for as many as
 * it is for, neither earlier nor later, whoever gives up in between; one of
 * them is told that it came last; and it closes behind them. */

#include "explored.h"

static struct green_barrier barrier;
static int wanted, came, passed, serial, early;

static void
begin(int n)
{
	wanted = n;
	if (green_barrier_init(&barrier, (uint32_t)n, NULL))
		exit(99);
	came = passed = serial = early = 0;
}

/* After so many times that it has opened. */
static void *
end(int times)
{
	if (early)
		return wrong("it opened too early");
	if (passed != wanted * times)
		return wrong("not as many passed as it is for");
	if (serial != times)
		return wrong("not one came last");
	return green_barrier_fini(&barrier) ? wrong("busy at the end") : NULL;
}

static int
come(int64_t deadline)
{
	int error;

	came++;
	error = green_barrier_wait(&barrier, deadline);
	if (error < 0) {
		came--;
		return error;
	}
	serial += error == GREEN_BARRIER_SERIAL;
	early |= came < wanted;
	passed++;
	return 0;
}

static void *
come_until(void *deadline)
{
	return (void *)(intptr_t)come(*(int64_t *)deadline);
}

static void *
one_gives_up(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b, c;
	int instead;

	begin(3);
	a = stoppable(come_until, how);
	b = spawned(come_until, &never);
	c = spawned(come_until, &never);
	instead = gave_up(a, how);
	if (instead < 0)
		return wrong("neither passed nor gave up");
	if (instead && come(GREEN_NEVER))
		return wrong("we did not pass");
	if (result_of(b) || result_of(c))
		return wrong("a wait without a limit failed");
	return end(1);
}

static int rounds[2];

/* Nobody begins the second round before all have begun the first. */
static void *
come_twice(void *arg)
{
	for (int i = 0; i < 2; i++) {
		rounds[i]++;
		if (come(GREEN_NEVER))
			return (void *)1;
		early |= rounds[i] < 2;
	}
	return arg;
}

static void *
twice(void *arg)
{
	green_t a, b;

	begin(2);
	rounds[0] = rounds[1] = 0;
	a = spawned(come_twice, arg);
	b = spawned(come_twice, arg);
	if (result_of(a) || result_of(b))
		return wrong("a wait without a limit failed");
	return end(2);
}

static void
all(void)
{
	explored_stops(one_gives_up, STOPS("three come"));
	explored(twice, NULL, 4, "two times");
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
