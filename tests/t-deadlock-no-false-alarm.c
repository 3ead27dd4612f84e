/* SPDX-License-Identifier: MIT */
/* Proves: no deadlock is reported while something can still happen: another OS
 * thread, a sleeper, one that sleeps until it is interrupted, a join with a
 * deadline. A report would abort the test. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include <green.h>

static void
alarmed(void *arg)
{
	(void)arg;
	ok(0, "a deadlock was declared");
}

static void *
nap(void *arg)
{
	green_sleep_until(green_after(2 * GREEN_MILLISECOND));
	return arg;
}

static green_t sleeper;

static void *
never(void *arg)
{
	is(green_sleep_until(GREEN_NEVER), -EINTR, "interrupted");
	return arg;
}

/* SIGALRM comes while everything sleeps; its handler cannot call
 * green_interrupt(), but a hook of the main flow can. The timer is set where
 * signals are blocked until the sleep, so that it cannot come before. */
static volatile sig_atomic_t rang;
static timer_t timer;

static void
ring(int sig)
{
	(void)sig;
	rang = 1;
}

static int
before_sleep(void *user)
{
	struct itimerspec soon = { .it_value.tv_nsec = 2000000 };

	(void)user;
	timer_settime(timer, 0, &soon, NULL);
	return 0;
}

static void
after_wake(void *user, int interrupted)
{
	(void)user;
	(void)interrupted;
	if (rang)
		green_interrupt(sleeper);
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.before_sleep = before_sleep,
	.after_wake = after_wake,
};

static void
only_a_signal_can_wake(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGALRM };

	signal(SIGALRM, ring);
	is(timer_create(CLOCK_MONOTONIC, &event, &timer), 0, "a timer");
	green_hooks_set(&hooks, NULL);
	green_spawn(&sleeper, NULL, never, NULL);
	is(green_join(sleeper, NULL, GREEN_NEVER), 0, "a sleeper for ever");
	ok(rang, "was woken after the signal");
	green_hooks_set(NULL, NULL);
	timer_delete(timer);
}

static green_t shared;
static atomic_int joined;

static void *
os_thread(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, nap, NULL);
	shared = id;
	pthread_barrier_wait(arg);
	while (!joined)
		green_sleep_until(green_after(GREEN_MICROSECOND));
	return NULL;
}

int
main(void)
{
	pthread_barrier_t barrier;
	pthread_t other;
	green_t id;

	green_deadlock_hook(alarmed, NULL);
	green_spawn(&id, NULL, nap, NULL);
	is(green_join(id, NULL, GREEN_NEVER), 0, "a sleeper");
	green_spawn(&sleeper, NULL, never, NULL);
	is(green_join(sleeper, NULL, green_after(GREEN_MILLISECOND)),
	   -ETIMEDOUT, "a join with a deadline");
	green_interrupt(sleeper);
	is(green_join(sleeper, NULL, GREEN_NEVER), 0, "interrupted");
	only_a_signal_can_wake();

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&other, NULL, os_thread, &barrier);
	pthread_barrier_wait(&barrier);
	is(green_join(shared, NULL, GREEN_NEVER), 0,
	   "another OS thread's green thread");
	joined = 1;
	pthread_join(other, NULL);
	return tap_done();
}
