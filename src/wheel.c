/* SPDX-License-Identifier: MIT */
/*
 * A hierarchical timing wheel, after G. Varghese and T. Lauck, "Hashed and
 * hierarchical timing wheels", SOSP 1987.
 *
 * Time is counted in ticks of 1.024 us, and a tick is a number of nine digits
 * in base 64. A timer stands in the level of the highest digit in which its
 * tick differs from the wheel's, in the slot that its own digit names; so the
 * earliest timer is in the first occupied slot of the lowest occupied level,
 * and all timers of one tick are in one slot at any time. When the wheel's
 * tick comes to a slot of a higher level, its timers are spread over the
 * levels below, at most eight times in a timer's life. The tick jumps from one
 * occupied slot to the next: empty time costs nothing, however long it is.
 *
 * Invariants: no timer's tick is before the wheel's, except of those that were
 * late when they came, which count as of the wheel's tick. The wheel's tick
 * does not pass a timer that was not taken out, so that what is added in the
 * middle of an expiry finds its place in the order. A slot's bit is set if and
 * only if the slot has a timer.
 *
 * A slot is the head of a ring, made valid by its first timer. Its deadline is
 * the last timer's as long as the timers stand in the order of their
 * deadlines, which those of one time-out do; INT64_MAX otherwise. That, and
 * the earliest deadline once it was looked for, keep green__wheel_next() from
 * walking through the slot: when it must, it looks at every timer in it.
 *
 * Rejected: a heap (six times as slow at 100,000 timers, and either allocates
 * or chases pointers); a tick of 1 ns, for exact order without the search in
 * the current tick (two more levels to fall through); to sleep until the start
 * of a slot instead of the deadline (up to eight useless wake-ups).
 */

#include "config.h"

#include "wheel.h"

#include <string.h>

#include "base.h"

#define TICK_SHIFT 10
#define DIGIT_SHIFT 6
#define UNSORTED INT64_MAX
#define NONE (WHEEL_LEVELS * WHEEL_SLOTS)

_Static_assert(WHEEL_SLOTS == 1 << DIGIT_SHIFT, "a slot per digit");
_Static_assert(WHEEL_LEVELS *DIGIT_SHIFT + TICK_SHIFT >= 63,
	       "any deadline has a slot");

static uint64_t
tick_of(int64_t ns)
{
	return ns < 0 ? 0 : (uint64_t)ns >> TICK_SHIFT;
}

void
green__wheel_init(struct wheel *w, int64_t now)
{
	memset(w, 0, sizeof(*w));
	w->tick = tick_of(now);
}

static void
append(struct timer *slot, struct timer *t)
{
	t->next = slot;
	t->pprev = slot->pprev;
	*slot->pprev = t;
	slot->pprev = &t->next;
}

static void
insert(struct wheel *w, struct timer *t)
{
	uint64_t tick = tick_of(t->deadline);
	unsigned level, digit;
	struct timer *slot;

	if (tick < w->tick)
		tick = w->tick;
	level = (63u - (unsigned)__builtin_clzll((tick ^ w->tick) | 1)) /
		DIGIT_SHIFT;
	digit = (unsigned)(tick >> (level * DIGIT_SHIFT)) % WHEEL_SLOTS;
	slot = &w->slot[level * WHEEL_SLOTS + digit];
	if (!(w->occupied[level] >> digit & 1)) {
		w->occupied[level] |= (uint64_t)1 << digit;
		slot->pprev = &slot->next;
		slot->deadline = t->deadline;
	}
	slot->deadline = t->deadline < slot->deadline ? UNSORTED : t->deadline;
	append(slot, t);
}

void
green__wheel_add(struct wheel *w, struct timer *t)
{
	if (w->count++ == 0 || t->deadline < w->earliest)
		w->earliest = t->deadline;
	insert(w, t);
}

static void
vacate(struct wheel *w, const struct timer *slot)
{
	size_t i = (size_t)(slot - w->slot);

	w->occupied[i / WHEEL_SLOTS] &= ~((uint64_t)1 << i % WHEEL_SLOTS);
}

void
green__wheel_del(struct wheel *w, struct timer *t)
{
	if (!t->pprev)
		return;
	/* One ring neighbour on both sides: that is the slot. */
	if (t->pprev == &t->next->next)
		vacate(w, t->next);
	*t->pprev = t->next;
	t->next->pprev = t->pprev;
	t->pprev = NULL;
	w->count--;
	if (t->deadline == w->earliest)
		w->earliest = 0;
}

/* The first occupied slot, which has the earliest timers. */
static unsigned
first_slot(const struct wheel *w)
{
	for (unsigned level = 0; level < WHEEL_LEVELS; level++)
		if (w->occupied[level])
			return level * WHEEL_SLOTS +
			       (unsigned)__builtin_ctzll(w->occupied[level]);
	return NONE;
}

static uint64_t
first_tick(const struct wheel *w, unsigned i)
{
	unsigned shift = i / WHEEL_SLOTS * DIGIT_SHIFT;
	uint64_t upper = w->tick >> shift >> DIGIT_SHIFT;

	return (upper << DIGIT_SHIFT | i % WHEEL_SLOTS) << shift;
}

/* The wheel's tick has come to this slot of a level above 0. */
static void
spread(struct wheel *w, struct timer *slot)
{
	struct timer *t, *next;

	vacate(w, slot);
	for (t = slot->next; t != slot; t = next) {
		next = t->next;
		insert(w, t);
	}
}

/* In the slot of the tick that now is in: bring the timers that are due to
 * the front, in their order, and return the first. */
static struct timer *
due_first(struct timer *slot, int64_t now)
{
	struct timer **front = &slot->next, *t, *next;

	if (slot->next->deadline <= now)
		return slot->next;
	for (t = slot->next; t != slot; t = next) {
		next = t->next;
		if (t->deadline > now)
			continue;
		*t->pprev = next;
		next->pprev = t->pprev;
		t->next = *front;
		t->pprev = front;
		t->next->pprev = &t->next;
		*front = t;
		front = &t->next;
	}
	return slot->next->deadline <= now ? slot->next : NULL;
}

struct timer *
green__wheel_expire(struct wheel *w, int64_t now)
{
	uint64_t until = tick_of(now), tick;
	struct timer *t;
	unsigned i;

	for (;;) {
		i = first_slot(w);
		tick = i == NONE ? UINT64_MAX : first_tick(w, i);
		if (tick > until) {
			if (w->tick < until)
				w->tick = until;
			return NULL;
		}
		w->tick = tick;
		if (i < WHEEL_SLOTS)
			break;
		spread(w, &w->slot[i]);
	}
	t = tick < until ? w->slot[i].next : due_first(&w->slot[i], now);
	if (t)
		green__wheel_del(w, t);
	return t;
}

int64_t
green__wheel_next(struct wheel *w)
{
	const struct timer *slot, *t;

	if (w->count == 0)
		return INT64_MAX;
	if (w->earliest > 0)
		return w->earliest;
	slot = &w->slot[first_slot(w)];
	w->earliest = slot->next->deadline;
	if (slot->deadline == UNSORTED)
		for (t = slot->next; t != slot; t = t->next)
			if (t->deadline < w->earliest)
				w->earliest = t->deadline;
	return w->earliest;
}
