/* SPDX-License-Identifier: MIT */
#ifndef GREEN__WHEEL_H
#define GREEN__WHEEL_H

/*
 * Timers: a hierarchical timing wheel, intrusive, so that adding a timer
 * cannot fail. Used by one OS thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
	struct timer *next;   /* a ring: the last one's is its slot */
	struct timer **pprev; /* NULL: not in a wheel */
	int64_t deadline;     /* ns; never changed while in a wheel */
};

#define WHEEL_LEVELS 9
#define WHEEL_SLOTS 64

struct wheel {
	uint64_t tick;    /* all timers of earlier ticks have expired */
	uint64_t count;   /* timers in the wheel */
	int64_t earliest; /* earliest deadline; 0 or less: not known */
	uint64_t occupied[WHEEL_LEVELS]; /* a bit per slot that has some */
	struct timer slot[WHEEL_LEVELS * WHEEL_SLOTS];
};

/* now: current time, ns. An all-zero struct is a wheel at time 0. */
void green__wheel_init(struct wheel *w, int64_t now);

/* Arm t for t->deadline, which may have passed. Cannot fail. */
void green__wheel_add(struct wheel *w, struct timer *t);
/* Disarm; nothing happens if it is not armed. */
void green__wheel_del(struct wheel *w, struct timer *t);

static inline bool
green__timer_armed(const struct timer *t)
{
	return t->pprev != NULL;
}

/*
 * Take one timer out whose deadline is at or before now, or NULL when there is
 * none left. Call it until NULL; timers may be added and deleted between the
 * calls. None comes out early. Ticks of 1.024 us come out in order, timers of
 * one deadline in the order in which they were added. One that is added when
 * its tick has passed belongs to the tick that is expiring. A now that is
 * before that of an earlier call is harmless.
 */
struct timer *green__wheel_expire(struct wheel *w, int64_t now);

/* The earliest deadline, exactly; INT64_MAX if the wheel is empty. */
int64_t green__wheel_next(struct wheel *w);

#endif
