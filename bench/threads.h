/* SPDX-License-Identifier: MIT */
#ifndef THREADS_H
#define THREADS_H

/*
 * Rows of a scheduler, the same source for every C and C++ library. A program
 * defines, before it includes this:
 *
 *	peer_thread			a handle, in an array of its own
 *	PEER_NAME
 *	PEER_PREEMPTIVE			1 if threads may run at the same time
 *	int peer_init(size_t stack)	0: the default of the library
 *	int peer_spawn(peer_thread *t, void *(*fn)(void *), void *arg)
 *	void peer_join(peer_thread *t)
 *	void peer_yield(void)
 *	void peer_say(void)		further numbers, after the measurement
 *
 *	yield		THREADS threads yield to each other, COUNT times in all
 *	yield-check	the same, counted: is the yield fair?
 *	spawn-join	spawn, run, join, one after another, COUNT times
 *	crowd		THREADS threads all alive at once, each of which has run
 *			and yielded, then all joined; COUNT rounds. The first
 *			is the cold one.
 *	storm		the same with threads that return at once
 *	parked		memory of THREADS threads that have run and wait
 *	...		what they wait for each other with: sync.h
 *
 * Clocks start and stop inside the threads, when all of them have run once.
 */

#include "bench.h"
#include "memory.h"

#if PEER_PREEMPTIVE
#define ADD(var, n) __atomic_add_fetch(&(var), (n), __ATOMIC_SEQ_CST)
#define GET(var) __atomic_load_n(&(var), __ATOMIC_SEQ_CST)
#define SET(var, value) __atomic_store_n(&(var), (value), __ATOMIC_SEQ_CST)
#else
#define ADD(var, n) ((var) += (n))
#define GET(var) (*(volatile long *)&(var))
#define SET(var, value) ((var) = (value))
#endif

static struct arguments args;
static peer_thread *threads;
static long per_thread;
static long started, ended, alive, most_alive, go, yields, yields_at_first;
static double time_start, time_first, time_end;

static void
spawn_all(void *(*fn)(void *))
{
	long i;

	for (i = 0; i < args.threads; i++)
		if (peer_spawn(&threads[i], fn, NULL))
			give_up("could not spawn, threads alive", i);
}

static void
join_all(void)
{
	long i;

	for (i = 0; i < args.threads; i++)
		peer_join(&threads[i]);
}

/* No clock starts before every thread has been switched to once. */
static void
gate(void)
{
	if (ADD(started, 1) == args.threads) {
		time_start = cpu_now();
		SET(go, 1);
	}
	while (!GET(go))
		peer_yield();
}

/* No thread ends before the clock has stopped: ending is not yielding. */
static void
finish(void)
{
	long n = ADD(ended, 1);

	if (n == 1) {
		time_first = cpu_now();
		yields_at_first = GET(yields);
	}
	if (n == args.threads)
		time_end = cpu_now();
	while (GET(ended) < args.threads)
		peer_yield();
}

static void *
yielder(void *arg)
{
	long i;

	gate();
	for (i = per_thread; i > 0; i--)
		peer_yield();
	finish();
	return arg;
}

static void *
counting_yielder(void *arg)
{
	long i;

	gate();
	for (i = per_thread; i > 0; i--) {
		peer_yield();
		ADD(yields, 1);
	}
	finish();
	return arg;
}

/*
 * Round robin has an exact count of yields between the two clocks: per_thread
 * for each thread, and one at the end for each but the last to finish. The
 * first finishes when all but one round are done. fair is how far the rest
 * really was then, 1 for round robin: by time in the run that is measured, by
 * count in the one that counts.
 */
static void
run_yield(void *(*fn)(void *))
{
	double n = (double)args.threads, all, at_first;

	per_thread = args.count / args.threads;
	if (per_thread < 2)
		per_thread = 2;
	spawn_all(fn);
	join_all();
	at_first = (double)(per_thread - 1) * n + 1;
	all = (double)per_thread * n + n - 1;
	say_begin(PEER_NAME, &args);
	say("ns", (time_end - time_start) / all);
	if (fn == counting_yielder)
		say("fair", (double)yields_at_first / at_first);
	else
		say("fair", (time_first - time_start) /
				    (time_end - time_start) * all / at_first);
}

static void *
nothing(void *arg)
{
	return arg;
}

static void
run_spawn_join(void)
{
	double start = 0;
	long i;

	for (i = -args.count / 10; i < args.count; i++) {
		if (i == 0)
			start = cpu_now();
		if (peer_spawn(&threads[0], nothing, NULL))
			give_up("could not spawn, threads joined", i);
		peer_join(&threads[0]);
	}
	say_begin(PEER_NAME, &args);
	say("ns", (cpu_now() - start) / (double)args.count);
}

static void *
one_of_many(void *arg)
{
	long n = ADD(alive, 1);

	if (n > GET(most_alive))
		SET(most_alive, n);
	peer_yield();
	ADD(alive, -1);
	return arg;
}

/* Threads that run at once are all alive only if the yield says so:
 * most_alive tells. */
static void
run_crowd(void *(*fn)(void *))
{
	double start, ns, cold = 0, warm = 0;
	long i;

	for (i = 0; i < args.count; i++) {
		start = cpu_now();
		spawn_all(fn);
		join_all();
		ns = (cpu_now() - start) / (double)args.threads;
		if (i == 0)
			cold = ns;
		if (i == 1 || ns < warm)
			warm = ns;
	}
	say_begin(PEER_NAME, &args);
	say("cold_ns", cold);
	if (args.count > 1)
		say("ns", warm);
	if (fn == one_of_many)
		say("most_alive", (double)most_alive);
}

static void *
parker(void *arg)
{
	ADD(started, 1);
	while (!GET(go))
		peer_yield();
	return arg;
}

static void
run_parked(void)
{
	struct memory before, after;
	double start, n = (double)args.threads;

	memory_read(&before);
	start = cpu_now();
	spawn_all(parker);
	while (GET(started) < args.threads)
		peer_yield();
	peer_yield();
	memory_read(&after);
	SET(go, 1);
	join_all();
	say_begin(PEER_NAME, &args);
	say("seconds", (cpu_now() - start) / 1e9);
	say("rss", (after.rss - before.rss) / n);
	say("page_tables", (after.page_tables - before.page_tables) / n);
	say("maps", after.maps);
}

#include "sync.h"

int
main(int argc, char **argv)
{
	args = arguments_read(argc, argv);
	threads = (peer_thread *)calloc((size_t)args.threads, sizeof(*threads));
	if (!threads || peer_init(args.stack))
		give_up("could not begin", 0);
	memset((void *)threads, 0, (size_t)args.threads * sizeof(*threads));
	if (!strcmp(args.row, "yield"))
		run_yield(yielder);
	else if (!strcmp(args.row, "yield-check"))
		run_yield(counting_yielder);
	else if (!strcmp(args.row, "spawn-join"))
		run_spawn_join();
	else if (!strcmp(args.row, "crowd"))
		run_crowd(one_of_many);
	else if (!strcmp(args.row, "storm"))
		run_crowd(nothing);
	else if (!strcmp(args.row, "parked"))
		run_parked();
	else if (!run_sync(args.row))
		give_up("no such row", 0);
	peer_say();
	say_end();
	fflush(stdout);
	_exit(0);
}

#endif
