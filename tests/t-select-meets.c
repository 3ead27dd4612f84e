/* SPDX-License-Identifier: MIT */
/* Proves: two selects on different OS threads that offer each other the same
 * choices make the same one: each item that one has sent the other has
 * received, and both have done one thing a round. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

static struct green_chan *a, *b;
static int rounds;
static atomic_int wrong, sent_total, got_total;
static atomic_ullong sent_sum, got_sum;
static atomic_int sent_on[2], got_on[2];

static struct green_clause
clause(uint32_t kind, struct green_chan *ch, uint64_t *item)
{
	struct green_clause c = { .kind = kind, .object = ch };

	c.item = item;
	c.size = 8;
	return c;
}

/* One side sends on a and receives on b, the other the other way round. */
static void *
one_side(void *arg)
{
	struct green_chan *out = arg ? b : a, *in = arg ? a : b;

	for (uint64_t i = 0; i < (uint64_t)rounds; i++) {
		uint64_t to = i | 1ull << 40, from = 0;
		struct green_clause c[2] = {
			clause(GREEN_CLAUSE_SEND, out, &to),
			clause(GREEN_CLAUSE_RECV, in, &from),
		};

		switch (green_select(c, 2, GREEN_NEVER)) {
		case 0:
			sent_on[arg != NULL]++;
			wrong += c[0].result != 0 || from != 0;
			break;
		case 1:
			got_on[arg == NULL]++;
			/* Both are in the same round. */
			wrong += c[1].result != 0 || from != to;
			break;
		default:
			wrong++;
		}
	}
	return NULL;
}

static void *
as_green_thread(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, one_side, arg);
	green_join(id, NULL, GREEN_NEVER);
	return NULL;
}

static void
two(void *(*x)(void *), void *(*y)(void *), const char *who)
{
	pthread_t threads[2];

	sent_on[0] = sent_on[1] = got_on[0] = got_on[1] = 0;
	wrong = 0;
	pthread_create(&threads[0], NULL, x, NULL);
	pthread_create(&threads[1], NULL, y, &a);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	is(sent_on[0], got_on[0], "%s: sent and received on a", who);
	is(sent_on[1], got_on[1], "sent and received on b");
	is(sent_on[0] + sent_on[1], rounds, "one thing a round");
	is(wrong, 0, "wrong results");
}

/* Several that each send and receive on the same channel, until it closes. */
static void *
both_ways(void *arg)
{
	uint64_t to = (uint64_t)(uintptr_t)arg << 32, from;
	struct green_clause c[2];
	int i;

	for (;;) {
		to++;
		c[0] = clause(GREEN_CLAUSE_SEND, a, &to);
		c[1] = clause(GREEN_CLAUSE_RECV, a, &from);
		i = green_select(c, 2, GREEN_NEVER);
		if (i < 0 || i > 1 || c[i].result)
			break;
		if (i == 0) {
			sent_total++;
			sent_sum += to;
			continue;
		}
		wrong += from >> 32 == (uintptr_t)arg;
		got_sum += from;
		if (++got_total == rounds)
			green_chan_close(a);
	}
	wrong += i < 0 || c[i].result != -EPIPE;
	return NULL;
}

static void
several(void)
{
	pthread_t threads[3];
	green_t ids[3];

	wrong = 0;
	for (uintptr_t i = 0; i < 3; i++) {
		pthread_create(&threads[i], NULL, both_ways, (void *)(i + 1));
		green_spawn(&ids[i], NULL, both_ways, (void *)(i + 4));
	}
	for (uintptr_t i = 0; i < 3; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		pthread_join(threads[i], NULL);
	}
	is(sent_total, got_total, "sent and received");
	ok(sent_sum == got_sum, "the same items");
	is(wrong, 0, "nobody met himself");
}

int
main(void)
{
	rounds = tap_scale(20000, 1000);
	green_chan_create(&a, 8, 0, NULL);
	green_chan_create(&b, 8, 0, NULL);
	two(one_side, one_side, "pthreads");
	two(as_green_thread, as_green_thread, "workers");
	two(as_green_thread, one_side, "worker and pthread");
	several();
	is(green_chan_destroy(a), 0, "nobody waits");
	is(green_chan_destroy(b), 0, "nobody waits");
	return tap_done();
}
