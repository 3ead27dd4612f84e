/* SPDX-License-Identifier: MIT */
/*
 * Rows of names: COUNT threads each look up the name localhost at the same
 * time, in one worker, THREADS times.
 *
 *	names		by green_getaddrinfo()
 *	names-blocking	by getaddrinfo(), which holds up the worker
 *
 * stall_ms: another thread of the worker wants to run each millisecond; how
 * late it came, at worst. ms: until all names are known. Wall clock: what else
 * runs on the machine is in both.
 */

#include <netdb.h>

#include <green.h>

#include "bench.h"

static struct arguments args;
static struct green_waitgroup group;
static int64_t latest;
static long failed;

/* Ended by cancellation. */
static void *
ticker(void *arg)
{
	int64_t due = green_now(), late;

	do {
		due += GREEN_MILLISECOND;
		if (green_sleep_until(due))
			break;
		late = green_now() - due;
		if (late > latest)
			latest = late;
		if (late > 0)
			due += late;
	} while (1);
	return arg;
}

static void *
look_up(void *arg)
{
	struct addrinfo hints, *list = NULL;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	if (!strcmp(args.row, "names")) {
		if (green_getaddrinfo("localhost", "80", &hints, &list,
				      GREEN_NEVER))
			failed++;
		else
			green_freeaddrinfo(list);
	} else if (getaddrinfo("localhost", "80", &hints, &list)) {
		failed++;
	} else {
		freeaddrinfo(list);
	}
	green_waitgroup_done(&group);
	return arg;
}

static void
storm(void)
{
	long i;

	green_waitgroup_add(&group, args.count);
	for (i = 0; i < args.count; i++)
		if (green_spawn(NULL, NULL, look_up, NULL))
			give_up("could not spawn, threads so far", i);
	green_waitgroup_wait(&group, GREEN_NEVER);
}

int
main(int argc, char **argv)
{
	double ms;
	green_t id;
	long i;

	args = arguments_read(argc, argv);
	if (strcmp(args.row, "names") != 0 &&
	    strcmp(args.row, "names-blocking") != 0)
		give_up("no such row", 0);
	if (green_spawn(&id, NULL, ticker, NULL))
		give_up("could not spawn", 0);
	ms = (double)green_now();
	for (i = 0; i < args.threads; i++)
		storm();
	ms = ((double)green_now() - ms) / 1e6;
	green_cancel(id);
	green_join(id, NULL, GREEN_NEVER);
	if (failed)
		give_up("could not look up all names", failed);
	say_begin("libgreen", &args);
	say("stall_ms", (double)latest / 1e6);
	say("ms", ms / (double)args.threads);
	say_end();
	return 0;
}
