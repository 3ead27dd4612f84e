/* SPDX-License-Identifier: MIT */
/*
 * Orders other than first in first out: who is chosen among the runnable
 * threads, and seeds, which choose by a pseudo-random generator.
 *
 * A worker that has an order keeps its tick at 1, so that each switch takes
 * the way that looks for timers and other OS threads, and comes by here on
 * it. Without one, nothing is tested that was not tested before.
 *
 * Invariant: while a worker has an order its run queue has no holes, because
 * nobody is taken out of the middle. The chosen entry trades places with the
 * one at the head and is popped as ever.
 *
 * Rejected: a run queue that is shuffled when threads are added, which would
 * let a thread run twice only after everybody else ran; to move the entries
 * between the head and the chosen one, which costs as many moves as there are
 * threads.
 */

#include "config.h"

#include "base.h"
#include "sched.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <green/explore.h>

/* ---- any order --------------------------------------------------------- */

static void
place(struct worker *w, uint32_t pos, struct run_entry e)
{
	w->ring[pos & w->mask] = e;
	if (e.thread->flags & T_NEW)
		e.thread->pos = pos;
}

void
green__order_choose(struct worker *w)
{
	struct run_entry first, chosen;
	uint32_t i;

	if (w->head == w->tail)
		return;
	i = w->order->choose(w, w->tail - w->head);
	first = w->ring[w->head & w->mask];
	chosen = w->ring[(w->head + i) & w->mask];
	place(w, w->head + i, first);
	place(w, w->head, chosen);
}

/* Move up what stands behind holes. */
static void
close_holes(struct worker *w)
{
	uint32_t to = w->head, from;

	for (from = w->head; from != w->tail; from++)
		if (w->ring[from & w->mask].thread)
			place(w, to++, w->ring[from & w->mask]);
	w->tail = to;
	w->holes = 0;
}

void
green__order_set(struct worker *w, const struct order *order)
{
	if (order)
		close_holes(w);
	w->order = order;
	w->tick = 1;
}

/* ---- seeds ------------------------------------------------------------- */

/* SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom
 * number generators", OOPSLA 2014. */
static uint32_t
draw_by_seed(struct worker *w, uint32_t n)
{
	uint64_t z;

	z = w->random += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return (uint32_t)((z >> 32) * n >> 32);
}

static uint32_t
choose_by_seed(struct worker *w, uint32_t n)
{
	return n > 1 ? draw_by_seed(w, n) : 0;
}

static const struct order by_seed = {
	.choose = choose_by_seed,
	.draw = draw_by_seed,
};

void
green__seed_set(struct worker *w, uint64_t seed)
{
	w->seed = w->random = seed;
	green__order_set(w, seed ? &by_seed : NULL);
}

int
green_seed_set(uint64_t seed)
{
	struct worker *w = green__worker_get();

	if (!w)
		return -ENOMEM;
	if (w->explorer)
		return -EBUSY;
	green__seed_set(w, seed);
	return 0;
}

void
green__seed_environment(struct worker *w)
{
	const char *text = getenv("GREEN_SEED");
	unsigned long long seed;
	struct out o = OUT_INIT(STDERR_FILENO);
	char *end = NULL;

	if (!text || !*text)
		return;
	errno = 0;
	seed = strtoull(text, &end, 0);
	if (isdigit((unsigned char)*text) && !*end && !errno) {
		green__seed_set(w, seed);
		return;
	}
	green__out_str(&o, "libgreen: GREEN_SEED is no number: ");
	green__out_str(&o, text);
	green__out_str(&o, "\n");
	green__out_flush(&o);
}
