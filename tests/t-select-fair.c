/* SPDX-License-Identifier: MIT */
/* Proves: among clauses that are ready each is chosen about equally often,
 * wherever it stands and whatever stands beside it, by green threads and by
 * pthreads. The choice is pseudo-random from a fixed beginning, so the bounds
 * below cannot be missed by chance. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

#define ROUNDS 8000
#define CLAUSES 8

/* Events that are set and stay so. ready: which ones. */
static void
draws(unsigned ready, const char *who)
{
	struct green_event events[CLAUSES] = { GREEN_EVENT_INIT };
	struct green_clause c[CLAUSES];
	int counts[CLAUSES] = { 0 }, n = 0, bad = 0;

	memset(c, 0, sizeof(c));
	for (int i = 0; i < CLAUSES; i++) {
		c[i].kind = GREEN_CLAUSE_EVENT;
		c[i].object = &events[i];
		if (ready >> i & 1) {
			green_event_set(&events[i]);
			n++;
		}
	}
	for (int i = 0; i < ROUNDS; i++) {
		int chosen = green_select(c, CLAUSES, GREEN_NEVER);

		if (chosen >= 0 && chosen < CLAUSES)
			counts[chosen]++;
	}
	for (int i = 0; i < CLAUSES; i++) {
		int want = ready >> i & 1 ? ROUNDS / n : 0;

		bad += counts[i] < want * 8 / 10 || counts[i] > want * 12 / 10;
	}
	is(bad, 0, "%s: ready %#x: %d %d %d %d %d %d %d %d", who, ready,
	   counts[0], counts[1], counts[2], counts[3], counts[4], counts[5],
	   counts[6], counts[7]);
}

static void *
all(void *arg)
{
	draws(0x01, arg);
	draws(0x03, arg);
	draws(0x81, arg);
	draws(0xc1, arg);
	draws(0x55, arg);
	draws(0xff, arg);
	return NULL;
}

int
main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, all, (char[]){ "pthread" });
	pthread_join(thread, NULL);
	green_self();
	all((char[]){ "green thread" });
	return tap_done();
}
