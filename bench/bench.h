/* SPDX-License-Identifier: MIT */
#ifndef BENCH_H
#define BENCH_H

/*
 * What every measuring program shares: the clock, the arguments, and the one
 * line of JSON that each of them prints for bench/run.py.
 *
 * A program is called as
 *
 *	program ROW THREADS COUNT [STACK]
 *
 * and measures one row in a fresh process. STACK is in bytes; 0 is the
 * library's default. The clock is the CPU time of the process: being preempted
 * costs nothing, being disturbed in the caches still does. Compiles as C11 and
 * as C++.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define noinline __attribute__((noinline))
#define maybe_unused __attribute__((unused))

struct arguments {
	const char *row;
	long threads;
	long count;
	size_t stack;
};

/* Nanoseconds of CPU that this process has used. */
maybe_unused static double
cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Give up: the driver shows why as the reason why there is no number. */
maybe_unused __attribute__((noreturn)) static void
give_up(const char *why, long number)
{
	printf("{\"error\": \"%s (%ld)\"}\n", why, number);
	exit(0);
}

maybe_unused static struct arguments
arguments_read(int argc, char **argv)
{
	struct arguments a;

	if (argc < 4) {
		fprintf(stderr, "usage: %s ROW THREADS COUNT [STACK]\n",
			argv[0]);
		exit(2);
	}
	a.row = argv[1];
	a.threads = atol(argv[2]);
	a.count = atol(argv[3]);
	a.stack = argc > 4 ? (size_t)atol(argv[4]) : 0;
	if (a.threads < 1 || a.count < 1)
		give_up("threads and count begin at 1", a.count);
	return a;
}

/* The line of JSON: say_begin(), say() for each number, say_end(). */
maybe_unused static void
say_begin(const char *peer, const struct arguments *a)
{
	printf("{\"peer\": \"%s\", \"row\": \"%s\", \"threads\": %ld, "
	       "\"count\": %ld",
	       peer, a->row, a->threads, a->count);
}

maybe_unused static void
say(const char *key, double value)
{
	printf(", \"%s\": %.8g", key, value);
}

maybe_unused static void
say_end(void)
{
	printf("}\n");
	fflush(stdout);
}

#endif
