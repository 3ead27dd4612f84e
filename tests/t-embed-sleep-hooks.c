/* SPDX-License-Identifier: MIT */
/* Proves: before_sleep and after_wake of the main flow bracket each sleep in
 * the kernel, with signals blocked in before_sleep: one that comes between it
 * and the sleep ends the sleep; a before_sleep that returns non-zero prevents
 * it; interrupted tells which. Another OS thread's wake-up ends it too. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

static int after, interrupted, raise_in, refuse;
static atomic_int before;
static volatile sig_atomic_t flag;
static green_t sleeper;
static sigset_t seen;

static void
handler(int sig)
{
	(void)sig;
	flag = 1;
}

static int
before_sleep(void *user)
{
	ok(user == &before, "before_sleep gets the main flow's slot");
	before++;
	pthread_sigmask(SIG_SETMASK, NULL, &seen);
	if (raise_in) {
		/* The worst moment: we have looked, and go to sleep. */
		raise_in = 0;
		kill(getpid(), SIGUSR1);
		ok(!flag, "blocked until the sleep");
	}
	if (!refuse)
		return 0;
	refuse = 0;
	return 1;
}

static void
after_wake(void *user, int was)
{
	ok(user == &before, "after_wake too");
	after++;
	interrupted = was;
	if (flag) {
		flag = 0;
		green_interrupt(sleeper);
	}
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.before_sleep = before_sleep,
	.after_wake = after_wake,
};

static void *
sleeps(void *arg)
{
	return (void *)(intptr_t)green_sleep_until(*(int64_t *)arg);
}

static intptr_t
sleep_in_thread(int64_t until)
{
	void *value = NULL;

	before = after = 0;
	interrupted = -1;
	green_spawn(&sleeper, NULL, sleeps, &until);
	green_join(sleeper, &value, GREEN_NEVER);
	is(before, after, "calls in pairs");
	return (intptr_t)value;
}

static pthread_barrier_t barrier;
static green_t other_id;

static void *
naps(void *arg)
{
	/* Until the main flow sleeps, or is about to. */
	while (!before)
		green_sleep_until(green_after(GREEN_MICROSECOND));
	return arg;
}

static void *
os_thread(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, naps, NULL);
	other_id = id;
	before = after = 0;
	pthread_barrier_wait(&barrier);
	green_exit(arg);
}

static void
woken_from_outside(void)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, os_thread, NULL);
	pthread_barrier_wait(&barrier);
	is(green_join(other_id, NULL, GREEN_NEVER), 0,
	   "join another worker's thread");
	ok(before == after && before > 0, "slept for it");
	is(interrupted, 0, "and was woken, not interrupted");
	pthread_join(thread, NULL);
}

int
main(void)
{
	struct sigaction action = { .sa_handler = handler };
	intptr_t failed = 0;

	sigaction(SIGUSR1, &action, NULL);
	is(green_hooks_set(&hooks, &before), 0, "hooks");
	/* Long enough to be asleep in time on a machine of any speed. */
	for (int64_t ns = GREEN_MILLISECOND; !before && !failed; ns *= 2)
		failed = sleep_in_thread(green_after(ns));
	is(failed, 0, "a sleep");
	ok(before >= 1, "was a sleep in the kernel");
	is(interrupted, 0, "that a deadline ended");
	ok(sigismember(&seen, SIGUSR1) && sigismember(&seen, SIGINT),
	   "signals are blocked in before_sleep");
	sigprocmask(SIG_SETMASK, NULL, &seen);
	ok(!sigismember(&seen, SIGUSR1), "and not afterwards");

	raise_in = 1;
	is(sleep_in_thread(GREEN_NEVER), -EINTR,
	   "a signal at the worst moment");
	is(interrupted, 1, "interrupted");
	flag = refuse = 1;
	is(sleep_in_thread(GREEN_NEVER), -EINTR, "before_sleep says no");
	is(interrupted, 1, "interrupted as well");
	is(before, 1, "once");
	woken_from_outside();
	green_hooks_set(NULL, NULL);
	return tap_done();
}
