/* SPDX-License-Identifier: MIT */
/* Proves: with a seed threads run in an order that only the seed determines,
 * whether they yield, start, are joined, are interrupted or time out; every
 * order of three threads comes up, nobody is lost, and seed 0 is first in
 * first out again. The environment may have the seed; reports tell it. */

#include "tap.h"

#include <green.h>
#include <pthread.h>

#define MOST 64

static char trace[512];
static size_t len;

static void
note(char c)
{
	if (len + 1 < sizeof(trace))
		trace[len++] = c;
	trace[len] = '\0';
}

static void
forget(void)
{
	len = 0;
	trace[0] = '\0';
}

/* ---- programs whose order is noted ------------------------------------- */

static void *
step(void *arg)
{
	char c = *(char *)arg;

	for (int i = 0; i < 3; i++) {
		note(c);
		green_yield();
	}
	return NULL;
}

/* Threads that yield, and a main flow that joins them. */
static void
yields(void)
{
	static char names[] = "abcd";
	green_t ids[4];

	for (int i = 0; i < 4; i++)
		green_spawn(&ids[i], NULL, step, &names[i]);
	for (int i = 0; i < 4; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		note('.');
	}
}

static void *
nap(void *arg)
{
	char c = *(char *)arg;

	note(green_sleep_until(green_after(c % 2)) ? '!' : c);
	green_park(green_after(10));
	note(c);
	return NULL;
}

/* Deadlines of which several come at once, and interruptions. */
static void
naps(void)
{
	static char names[] = "stuvwx";
	green_t ids[6];

	green_clock_virtual(GREEN_SECOND);
	for (int i = 0; i < 6; i++)
		green_spawn(&ids[i], NULL, nap, &names[i]);
	green_yield();
	green_interrupt(ids[1]);
	green_interrupt(ids[3]);
	for (int i = 0; i < 6; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	green_clock_real();
}

static void
run(char *ret_trace)
{
	forget();
	yields();
	naps();
	strcpy(ret_trace, trace);
}

/* ---- what is proven ---------------------------------------------------- */

static void
replays(void)
{
	char plain[512], first[512], again[512], other[512];

	run(plain);
	ok(!strncmp(plain, "abcdabcdabcd", 12), "first in first out: %s",
	   plain);
	is(green_seed_set(42), 0, "a seed");
	run(first);
	printf("# %s\n", first);
	run(other);
	ok(strcmp(first, plain), "makes another order");
	ok(strcmp(first, other), "which goes on in another way");
	green_seed_set(42);
	run(again);
	is(strcmp(first, again), 0, "the same seed, the same order");
	run(again);
	is(strcmp(other, again), 0, "as long as it lasts");
	green_seed_set(43);
	run(other);
	ok(strcmp(first, other), "another seed, another order");
	is(strlen(other), strlen(plain), "nothing got lost");
	is(green_seed_set(0), 0, "none");
	run(again);
	is(strcmp(plain, again), 0, "first in first out again");
}

static void *
note_once(void *arg)
{
	note(*(char *)arg);
	return NULL;
}

static void
all_orders(void)
{
	static char names[] = "012";
	int seen[222] = { 0 }, count = 0;

	for (uint64_t seed = 1; seed <= 100; seed++) {
		green_t ids[3];

		green_seed_set(seed);
		forget();
		for (int i = 0; i < 3; i++)
			green_spawn(&ids[i], NULL, note_once, &names[i]);
		for (int i = 0; i < 3; i++)
			green_join(ids[i], NULL, GREEN_NEVER);
		count += !seen[atoi(trace)]++;
	}
	is(count, 6, "100 seeds start three threads in every order");
	green_seed_set(0);
}

static int runs_of[MOST];

static void *
count_run(void *arg)
{
	runs_of[(intptr_t)arg]++;
	green_yield();
	return NULL;
}

/* The run queue has holes when the seed comes. */
static void
amid_a_queue(void)
{
	green_t ids[MOST];
	int wrong = 0;

	for (int i = 0; i < MOST; i++)
		green_spawn(&ids[i], NULL, count_run, (void *)(intptr_t)i);
	/* Taken out of the middle, and then of the front. */
	for (int i = 20; i < 30; i++)
		green_join(ids[i], NULL, 1 + green_now());
	for (int i = 0; i < 3; i++)
		green_join(ids[i], NULL, 1 + green_now());
	green_seed_set(7);
	for (int i = MOST - 1; i >= 0; i--) {
		int error = green_join(ids[i], NULL, GREEN_NEVER);

		wrong += error != 0 && error != -ESRCH;
		wrong += runs_of[i] != 1;
	}
	is(wrong, 0, "everybody ran exactly once");
	green_seed_set(0);
	for (int i = 0; i < MOST; i++)
		green_spawn(&ids[i], NULL, count_run, (void *)(intptr_t)i);
	green_seed_set(8);
	green_yield();
	green_seed_set(0);
	for (int i = MOST - 1; i >= 0; i--) {
		green_join(ids[i], NULL, GREEN_NEVER);
		wrong += runs_of[i] != 2;
	}
	is(wrong, 0, "also when the seed goes amid a queue");
}

static void *
run_elsewhere(void *arg)
{
	run(arg);
	return NULL;
}

/* A new OS thread is a new worker. */
static void
with_environment(const char *seed, char *ret_trace)
{
	pthread_t pthread;

	setenv("GREEN_SEED", seed, 1);
	pthread_create(&pthread, NULL, run_elsewhere, ret_trace);
	pthread_join(pthread, NULL);
	unsetenv("GREEN_SEED");
}

static void
environment(void)
{
	char plain[512], want[512], got[512];

	run(plain);
	green_seed_set(0x123);
	run(want);
	green_seed_set(0);
	with_environment("291", got);
	is(strcmp(got, want), 0, "GREEN_SEED says it to each worker");
	with_environment("0x123", got);
	is(strcmp(got, want), 0, "in hexadecimal too");
	with_environment("0", got);
	is(strcmp(got, plain), 0, "0 is none");
	with_environment("", got);
	is(strcmp(got, plain), 0, "nor is nothing");
}

static void
bad_seed(void *seed)
{
	setenv("GREEN_SEED", seed, 1);
	yields();
	_exit(strncmp(trace, "abcdabcdabcd", 12) != 0);
}

/* Before this process has a worker or another OS thread: the child makes its
 * first worker. */
static void
bad_environment(void)
{
	static char bad[][32] = { "-1", "one", "12monkeys", " 1",
				  "18446744073709551616" };
	char text[512];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		is(dies(bad_seed, bad[i], text, sizeof(text)), 0,
		   "\"%s\" is none", bad[i]);
		ok(strstr(text, "GREEN_SEED") && strstr(text, bad[i]),
		   "and it says so");
	}
}

/* ---- reports ----------------------------------------------------------- */

static void
dump(void *arg)
{
	(void)arg;
	green_seed_set(4711);
	green_dump(2);
	green_seed_set(0);
	green_dump(2);
}

static void
deadlock(void *arg)
{
	(void)arg;
	green_seed_set(31337);
	green_park(GREEN_NEVER);
}

static void
reports(void)
{
	char text[2048], *found;

	dies(dump, NULL, text, sizeof(text));
	found = strstr(text, ", seed 4711\n");
	ok(found, "green_dump() tells the seed");
	ok(found && !strstr(found + 12, "seed"), "but not that there is none");
	if (TAP_TSAN) {
		skip("a deadlock", "ThreadSanitizer's thread could end it");
		return;
	}
	is(WTERMSIG(dies(deadlock, NULL, text, sizeof(text))), SIGABRT,
	   "a deadlock is found in any order");
	ok(strstr(text, ", seed 31337\n"), "its report tells the seed");
}

int
main(void)
{
	unsetenv("GREEN_SEED");
	bad_environment();
	reports();
	replays();
	all_orders();
	amid_a_queue();
	environment();
	return tap_done();
}
