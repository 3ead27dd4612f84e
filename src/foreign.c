/* SPDX-License-Identifier: MIT */
/*
 * In somebody else's event loop.
 *
 * The loop runs in the main flow of a worker, and does the sleeping. It polls
 * the worker's poller, which is a descriptor, too; in that are the eventfd with
 * which others wake the worker, and a timer. Whatever comes, it calls
 * green_run_ready(), which lets the threads run.
 *
 * That ends with saying that the worker sleeps, as if it did so in the poller
 * (sleep.c), and looking at the inbox once more. If the loop runs something
 * else then, which uses green threads, the worker is awake all the same: who
 * says otherwise wakes it for nothing. But nothing shows in the descriptor that
 * threads of the worker have done to each other, so the call comes before each
 * sleep of the loop.
 *
 * Threads that yield for ever would hold up the loop, so it gets its turn after
 * a number of rounds.
 *
 * Rejected: an OS thread that polls and passes on what it finds (two switches
 * of the kernel for each event, and locks in the program). Rejected: to take
 * over the loop's descriptors, which it knows best itself.
 */

#include "config.h"

#include "sched.h"

#include <errno.h>

#include <green/embed.h>

#define ROUNDS 64

int
green_poll_fd(void)
{
	struct worker *w = green__worker_get();

	if (!w)
		return -ENOMEM;
	if (w->runtime || w->current != w->main)
		return -EPERM;
	return green__fds_shown(w);
}

/* Nothing can run: until when? A virtual clock goes on instead, false. */
static bool
until(struct worker *w, int64_t *ret_next)
{
	int64_t next = green__wheel_next(&w->wheel), trim;

	if (w->clock_virtual && next != INT64_MAX) {
		w->clock_now = next;
		return false;
	}
	trim = green__stack_idle(w->stacks, green__now(NULL));
	*ret_next = next < trim ? next : trim;
	return true;
}

static bool
is_idle(struct worker *w, int64_t *ret_next)
{
	return w->head == w->tail && until(w, ret_next) &&
	       green__worker_doze(w);
}

int
green_run_ready(int64_t *ret_next_deadline)
{
	struct worker *w = green__worker_get();
	int64_t next = GREEN_NEVER;
	int rounds, more = 1;

	if (!w)
		return -ENOMEM;
	if (w->runtime || w->current != w->main)
		return -EPERM;
	atomic_store(&w->sleeping, WORKER_AWAKE);
	for (rounds = 0; rounds < ROUNDS && more; rounds++) {
		green__worker_poll(w);
		if (is_idle(w, &next))
			more = 0;
		else
			green_yield();
	}
	if (more)
		next = green__now(NULL);
	green__fds_alarm(w, next);
	if (ret_next_deadline)
		*ret_next_deadline = next;
	return more;
}
