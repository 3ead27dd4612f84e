/* SPDX-License-Identifier: MIT */
/* Proves: a signal handler that runs while a plain pthread joins a green
 * thread neither ends the join nor makes it forget its deadline. */

#include "tap.h"

#include <green.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static _Atomic green_t id;
static atomic_int signals, result = 1;

static void
note(int sig)
{
	(void)sig;
	signals++;
}

static void *
join_with_deadline(void *arg)
{
	result = green_join(id, NULL, green_after(50 * GREEN_MILLISECOND));
	return arg;
}

static void *
nothing(void *arg)
{
	return arg;
}

int
main(void)
{
	struct sigaction sa = { .sa_handler = note };
	pthread_t plain;
	green_t made;

	alarm(100);
	sigaction(SIGUSR1, &sa, NULL);
	green_spawn(&made, NULL, nothing, NULL);
	id = made;
	pthread_create(&plain, NULL, join_with_deadline, NULL);
	while (green_join(made, NULL, 0) != -EBUSY)
		sched_yield();
	while (result == 1) {
		pthread_kill(plain, SIGUSR1);
		sched_yield();
	}
	pthread_join(plain, NULL);
	ok(signals > 0, "signals came in the middle of the join");
	is(result, -ETIMEDOUT, "which ended at its deadline");
	is(green_join(made, NULL, GREEN_NEVER), 0, "the thread can be joined");
	return tap_done();
}
