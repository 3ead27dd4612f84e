/* SPDX-License-Identifier: MIT */
/*
 * Time: the clock of a worker, deadlines, sleep.
 *
 * A worker's clock is CLOCK_MONOTONIC, or a virtual one that stands still
 * while anything is runnable and jumps to the next deadline when nothing is.
 * Each armed timer is one of the present clock: the clock is exchanged only
 * while there is none.
 */

#include "config.h"

#include "base.h"
#include "os.h"
#include "sched.h"

#include <errno.h>

#include <green/time.h>

int64_t
green__now(const struct worker *w)
{
	return w && w->clock_virtual ? w->clock_now : green__monotonic();
}

void
green__clock_set(struct worker *w, bool is_virtual, int64_t now)
{
	w->clock_now = now;
	/* A signal handler may ask for the time in between. */
	atomic_signal_fence(memory_order_seq_cst);
	w->clock_virtual = is_virtual;
	green__wheel_init(&w->wheel, now);
}

/* Deadlines of one clock mean nothing to another. */
static int
exchange_clock(struct worker *w, bool is_virtual, int64_t now)
{
	if (w->wheel.count || w->explorer)
		return -EBUSY;
	green__clock_set(w, is_virtual, now);
	return 0;
}

int
green_clock_virtual(int64_t now)
{
	struct worker *w;

	if (now <= 0 || now == GREEN_NEVER)
		return -EINVAL;
	w = green__worker_get();
	return w ? exchange_clock(w, true, now) : -ENOMEM;
}

int
green_clock_real(void)
{
	struct worker *w = green__worker;

	if (!w || !w->clock_virtual)
		return 0;
	return exchange_clock(w, false, green__monotonic());
}

int
green_clock_advance(int64_t ns)
{
	struct worker *w = green__worker;

	if (ns < 0 || !w || !w->clock_virtual)
		return -EINVAL;
	/* A deadline of GREEN_NEVER never comes. */
	if (ns >= GREEN_NEVER - w->clock_now)
		w->clock_now = GREEN_NEVER - 1;
	else
		w->clock_now += ns;
	green__timers_expire(w);
	return 0;
}

int64_t
green_now(void)
{
	return green__now(green__worker);
}

int64_t
green_after(int64_t ns)
{
	int64_t now = green_now();

	if (ns > GREEN_NEVER - now)
		return GREEN_NEVER;
	/* A deadline in the past, but not 0, which would mean "try once". */
	return ns < 1 - now ? 1 : now + ns;
}

/* Until the deadline, an interruption or a cancellation. */
static int
park(struct worker *w, int64_t deadline)
{
	struct thread *self = w->current;
	int error = 0;

	self->flags |= T_INTERRUPTIBLE;
	do {
		int64_t until = deadline;

		if (green__may_be_cancelled(self) &&
		    green__cancel_look(self, &until))
			error = -ECANCELED;
		else
			error = green__park(self->worker, until, NULL);
		if (error == -ETIMEDOUT && until != deadline)
			error = 0;
	} while (!error); /* a wake-up that came late, or a scope's deadline */
	self->flags &= ~(uint32_t)T_INTERRUPTIBLE;
	return error;
}

int
green_park(int64_t deadline)
{
	struct worker *w = green__worker_get();
	int error;

	if (deadline < 0)
		return -EINVAL;
	if (!w)
		return -ENOMEM;
	green__choice_point(w);
	if (green__is_cancelled(w->current))
		return -ECANCELED;
	error = green__deadline_check(deadline);
	if (error)
		return error;
	return park(w, deadline);
}

int
green_sleep_until(int64_t deadline)
{
	struct worker *w;
	struct thread *self;
	int error;

	if (deadline < 0)
		return -EINVAL;
	w = green__worker_get();
	if (!w)
		return -ENOMEM;
	green__choice_point(w);
	if (green__is_cancelled(w->current))
		return -ECANCELED;
	if (deadline != GREEN_NEVER && deadline <= green__now(w)) {
		green_yield();
		return 0;
	}
	self = w->current;
	if (deadline == GREEN_NEVER) {
		self->flags |= T_FOREVER;
		w->forever++;
	}
	error = park(w, deadline);
	if (self->flags & T_FOREVER)
		self->worker->forever--;
	self->flags &= ~(uint32_t)T_FOREVER;
	return error == -ETIMEDOUT ? 0 : error;
}
