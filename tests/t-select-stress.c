/* SPDX-License-Identifier: MIT */
/* Proves: among green threads of several workers and pthreads that select on
 * the same channels, semaphore and times, beside others that send and receive
 * plainly, while they are interrupted, each item that was sent arrives exactly
 * once, and each post is taken exactly once. */

#include "seeds.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define CHANNELS 3
#define WORKERS 2
#define PER_WORKER 4
#define PLAIN 2
#define PLAYERS (WORKERS * PER_WORKER + PLAIN)
#define ITEMS 1500

static struct green_chan *chans[CHANNELS];
static struct green_sem sem;
static atomic_int seen[PLAYERS][ITEMS], sent[PLAYERS][ITEMS];
static atomic_int wrong, posted, taken, finished, total_sent, total_got;
static uint32_t rounds;

static void
note(uint64_t item)
{
	uint64_t who = item >> 32, number = item & UINT32_MAX;

	if (who >= PLAYERS || number >= rounds) {
		wrong++;
		return;
	}
	seen[who][number]++;
	total_got++;
}

/* Channel clauses in both directions, the semaphore, a time. */
static void
play_once(unsigned player, uint32_t number, unsigned *seed)
{
	struct green_clause c[2 * CHANNELS + 2] = { { 0 } };
	uint64_t to = (uint64_t)player << 32 | number, from = UINT64_MAX;
	unsigned first = next_random(seed) % CHANNELS;
	int i;

	for (unsigned k = 0; k < CHANNELS; k++) {
		struct green_clause *s = &c[2 * k], *r = s + 1;

		s->kind = GREEN_CLAUSE_SEND;
		r->kind = GREEN_CLAUSE_RECV;
		s->object = r->object = chans[(first + k) % CHANNELS];
		s->item = &to;
		r->item = &from;
		s->size = r->size = 8;
	}
	c[2 * CHANNELS].kind = GREEN_CLAUSE_SEM;
	c[2 * CHANNELS].object = &sem;
	c[2 * CHANNELS + 1].kind = GREEN_CLAUSE_TIMER;
	c[2 * CHANNELS + 1].time = green_after(next_random(seed) & 0xfffff);
	i = green_select(c, 2 * CHANNELS + 2,
			 next_random(seed) % 4
				 ? GREEN_NEVER
				 : green_after(next_random(seed) & 0xffff));
	if (i < 0) {
		wrong += i != -ETIMEDOUT && i != -EINTR;
	} else if (i == 2 * CHANNELS) {
		taken++;
	} else if (i < 2 * CHANNELS && i % 2) {
		note(from);
	} else if (i < 2 * CHANNELS) {
		sent[player][number]++;
		total_sent++;
	}
	if (i >= 0)
		wrong += c[i].result != 0;
	wrong += from != UINT64_MAX && (i < 0 || i % 2 == 0);
}

static void
play_plainly(unsigned player, uint32_t number, unsigned *seed)
{
	uint64_t item = (uint64_t)player << 32 | number;
	struct green_chan *ch = chans[next_random(seed) % CHANNELS];
	int64_t deadline = green_after(next_random(seed) & 0xffff);

	switch (next_random(seed) % 4) {
	case 0:
		wrong += green_sem_post(&sem) != 0;
		posted++;
		break;
	case 1:
		if (green_chan_send(ch, &item, 8, deadline) == 0) {
			sent[player][number]++;
			total_sent++;
		}
		break;
	case 2:
		if (green_chan_recv(ch, &item, 8, deadline) == 0)
			note(item);
		break;
	default:
		if (green_sem_wait(&sem, deadline) == 0)
			taken++;
		break;
	}
}

static void *
player(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg, seed = stress_seed_of(me + 1);

	for (uint32_t i = 0; i < rounds; i++) {
		if (next_random(&seed) % 3)
			play_once(me, i, &seed);
		else
			play_plainly(me, i, &seed);
	}
	finished++;
	return NULL;
}

static void *
worker(void *arg)
{
	green_t ids[PER_WORKER];

	for (uintptr_t i = 0; i < PER_WORKER; i++)
		green_spawn(&ids[i], NULL, player,
			    (void *)((uintptr_t)arg * PER_WORKER + i));
	for (int i = 0; i < PER_WORKER; i++)
		while (green_join(ids[i], NULL,
				  green_after(100 * GREEN_MICROSECOND)) ==
		       -ETIMEDOUT)
			green_interrupt(ids[(i + 1) % PER_WORKER]);
	return NULL;
}

int
main(void)
{
	pthread_t threads[WORKERS + PLAIN];
	int differ = 0;
	uint64_t item;

	rounds = (uint32_t)tap_scale(ITEMS, 100);
	for (int i = 0; i < CHANNELS; i++)
		green_chan_create(&chans[i], 8, i, NULL);
	for (uintptr_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, worker, (void *)i);
	for (uintptr_t i = 0; i < PLAIN; i++)
		pthread_create(&threads[WORKERS + i], NULL, player,
			       (void *)(WORKERS * PER_WORKER + i));
	for (int i = 0; i < WORKERS + PLAIN; i++)
		pthread_join(threads[i], NULL);
	is(finished, PLAYERS, "all have finished");
	for (int i = 0; i < CHANNELS; i++)
		while (green_chan_recv(chans[i], &item, 8, 0) == 0)
			note(item);
	while (green_sem_wait(&sem, 0) == 0)
		taken++;
	for (int p = 0; p < PLAYERS; p++)
		for (uint32_t i = 0; i < rounds; i++)
			differ += sent[p][i] != seen[p][i] || sent[p][i] > 1;
	is(differ, 0, "items not received as often as sent");
	is(total_got, total_sent, "received and sent");
	is(taken, posted, "taken and posted");
	is(wrong, 0, "wrong results");
	for (int i = 0; i < CHANNELS; i++)
		is(green_chan_destroy(chans[i]), 0, "nobody waits");
	is(green_sem_fini(&sem), 0, "nobody waits");
	return tap_done();
}
