/* SPDX-License-Identifier: MIT */
/* Proves: joining a thread that has not started runs it next, from the front,
 * the middle or the end of the run queue; the others keep their order. */

#include "tap.h"

#include <green.h>

#define THREADS 8

static char trace[8192];
static size_t len;

static void *
work(void *arg)
{
	trace[len++] = *(const char *)arg;
	return NULL;
}

static const char letters[] = "abcdefgh";

/* Spawn THREADS, join those that order names first, then all others. */
static void
joined(const char *order, const char *want)
{
	green_t ids[THREADS];

	len = 0;
	memset(trace, 0, sizeof(trace));
	for (int i = 0; i < THREADS; i++)
		green_spawn(&ids[i], NULL, work, (void *)(letters + i));
	for (const char *p = order; *p; p++)
		is(green_join(ids[*p - 'a'], NULL, GREEN_NEVER), 0, "join %c",
		   *p);
	for (int i = 0; i < THREADS; i++)
		if (!strchr(order, letters[i]))
			green_join(ids[i], NULL, GREEN_NEVER);
	ok(!strcmp(trace, want), "joined %s: ran as %s", order, trace);
}

static void *
spawn_and_join(void *arg)
{
	green_t ids[3];

	(void)arg;
	for (int i = 0; i < 3; i++)
		green_spawn(&ids[i], NULL, work, (void *)(letters + i));
	green_join(ids[1], NULL, GREEN_NEVER);
	trace[len++] = '.';
	for (int i = 0; i < 3; i += 2)
		green_join(ids[i], NULL, GREEN_NEVER);
	return NULL;
}

/* Holes, more than the queue has room for at first. */
static void
many(void)
{
	enum {
		N = 1000
	};
	static green_t ids[N];
	int bad = 0;

	len = 0;
	for (int i = 0; i < N; i++)
		green_spawn(&ids[i], NULL, spawn_and_join, NULL);
	for (int i = 0; i < N; i += 2)
		bad += green_join(ids[i], NULL, GREEN_NEVER) != 0;
	for (int i = 1; i < N; i += 2)
		bad += green_join(ids[i], NULL, GREEN_NEVER) != 0;
	is(bad, 0, "joins of every second of %d that failed", N);
	is(len, 4 * N, "each ran its three and came back");
}

int
main(void)
{
	joined("", "abcdefgh");
	joined("a", "abcdefgh");
	joined("h", "habcdefg");
	/* Only the joined one overtakes; the joiner comes last in line. */
	joined("d", "dabcefgh");
	joined("hg", "habcdefg");
	len = 0;
	memset(trace, 0, sizeof(trace));
	spawn_and_join(NULL);
	ok(!strcmp(trace, "bac."), "out of the middle: %s", trace);
	many();
	return tap_done();
}
