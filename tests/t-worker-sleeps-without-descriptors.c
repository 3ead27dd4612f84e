/* SPDX-License-Identifier: MIT */
/* Proves: when the process has no file descriptor left, a worker with hooks
 * still sleeps with signals open, and other OS threads still wake it. */

#include "tap.h"

#include <fcntl.h>
#include <green.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/time.h>

static volatile sig_atomic_t rang;
static _Atomic green_t sleeper, target;
static pid_t child;

static void
ring(int sig)
{
	(void)sig;
	rang = 1;
}

static void
after_wake(void *user, int interrupted)
{
	(void)user, (void)interrupted;
	if (rang)
		green_interrupt(sleeper);
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.after_wake = after_wake,
};

static void
use_descriptors_up(void)
{
	struct rlimit none;
	int next = dup(0);

	close(next);
	getrlimit(RLIMIT_NOFILE, &none);
	none.rlim_cur = (rlim_t)next;
	setrlimit(RLIMIT_NOFILE, &none);
}

static void *
nothing(void *arg)
{
	return arg;
}

static void *
end_when_joined(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, nothing, arg);
	target = id;
	while (green_join(id, NULL, 0) != -EBUSY)
		sched_yield();
	green_yield();
	return arg;
}

/* In a child: if signals are blocked, nothing but SIGKILL ends it. */
static int
sleep_in_child(void)
{
	struct itimerval soon = { { 0, 1000 }, { 0, 1000 } }, never = { 0 };
	struct sigaction sa = { .sa_handler = ring };
	pthread_t thread;
	int error;

	use_descriptors_up();
	if (open("/dev/null", O_RDONLY) >= 0)
		return 1;
	sleeper = green_self();
	green_hooks_set(&hooks, NULL);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	if (green_sleep_until(GREEN_NEVER) != -EINTR)
		return 2;
	setitimer(ITIMER_REAL, &never, NULL);
	rang = 0;
	if (pthread_create(&thread, NULL, end_when_joined, NULL))
		return 3;
	while (!target)
		sched_yield();
	error = green_join(target, NULL, GREEN_NEVER);
	pthread_join(thread, NULL);
	return error ? 4 : 0;
}

static void
give_up(int sig)
{
	(void)sig;
	kill(child, SIGKILL);
}

int
main(void)
{
	struct sigaction sa = { .sa_handler = give_up };
	int status = -1;

	child = fork();
	if (!child)
		_exit(sleep_in_child());
	sigaction(SIGALRM, &sa, NULL);
	alarm(100);
	while (waitpid(child, &status, 0) < 0)
		;
	is(status, 0, "interrupted by a signal, and woken");
	return tap_done();
}
