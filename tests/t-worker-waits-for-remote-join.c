/* SPDX-License-Identifier: MIT */
/* Proves: an OS thread that ends waits until one that is joining a green
 * thread of it, ended before, is through with that thread's control block. The
 * join is stopped at each of its instructions in turn, in the middle of the
 * other OS thread's end: a destroy hook starts it there. */

#include "tap.h"

#include "steps.h"
#include "turns.h"

#include <green.h>
#include <pthread.h>

static char value_of_ended;
static _Atomic green_t target;
static atomic_bool ending, stopped, gone;
static long chosen;

static void
stop(void)
{
	if (steps_count != chosen)
		return;
	turns_begin();
	stopped = true;
	turns_until(gone);
}

static void
destroyed(void *user)
{
	(void)user;
	ending = true;
	while (!stopped)
		turn();
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.destroy = destroyed,
};

static void *
nothing(void *arg)
{
	return arg;
}

/* The worker ends in the second round of destructors, and is gone in the
 * next. */
static pthread_key_t last;

static void
next_round(void *round)
{
	if ((intptr_t)round < 3)
		pthread_setspecific(last, (void *)((intptr_t)round + 1));
	if ((intptr_t)round == 3)
		gone = true;
}

static void *
owner(void *arg)
{
	struct green_attr attr = { .size = sizeof(attr), .hooks = &hooks };
	green_t hooked, ended;

	pthread_setspecific(last, (void *)1);
	green_spawn(&hooked, &attr, nothing, NULL);
	green_spawn(&ended, NULL, nothing, &value_of_ended);
	green_yield();
	target = ended;
	return arg;
}

static long rounds, joined, stale;

/* False when a join took fewer instructions. Every second one finds the thread
 * gone: the places of the table are given back in turned order, and a place
 * before that of the hook is let go of before it. */
static bool
play(void)
{
	void *value = NULL;
	pthread_t other;
	bool stepping;
	int error;

	rounds++;
	target = 0;
	ending = stopped = gone = false;
	pthread_create(&other, NULL, owner, NULL);
	while (!ending)
		turn();
	stepping = steps_begin(stop);
	error = green_join(target, &value, 0);
	if (stepping)
		steps_end();
	stopped = true;
	pthread_join(other, NULL);
	joined += error == 0 && value == &value_of_ended;
	stale += error == -ESRCH;
	return error || steps_count >= chosen;
}

int
main(void)
{
	alarm(100);
	pthread_key_create(&last, next_round);
	for (chosen = 1; play() && steps_seen(); chosen++)
		;
	is(joined + stale, rounds, "joins that got an answer");
	if (steps_seen())
		ok(joined > 0, "%ld of %ld the value", joined, rounds);
	else
		skip("in the middle of the end", "no single steps");
	return tap_done();
}
