/* SPDX-License-Identifier: MIT */
/* Proves: what the headers call async-signal-safe can be called from a handler
 * that interrupts green threads anywhere, the scheduler included, with a
 * second OS thread about, and tells the right thread. */

#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/time.h>

#include <green.h>

static volatile sig_atomic_t calls, wrong, in_thread;
static int wanted;
static volatile green_t running; /* 0 while nobody is certain to be */
static green_t main_flow;

static void
handler(int sig)
{
	char name[GREEN_NAME_MAX];
	int64_t now = green_now();
	green_t expected = running, self = green_self();

	(void)sig;
	calls++;
	wrong += now <= 0 || green_after(1) <= now;
	wrong += !green_strerror(-EINVAL);
	wrong += green_name_get(0, name, sizeof(name)) != 0;
	if (self)
		wrong += green_name_get(self, name, sizeof(name)) != 0;
	if (expected && expected == running) {
		in_thread += self != main_flow;
		wrong += self != expected;
		wrong += green_user() !=
			 (self == main_flow ? NULL : (void *)&calls);
		wrong += strcmp(name, self == main_flow ? "" : "busy") != 0;
	}
}

static void *
spin(void *arg)
{
	/* One that is certain to come in a green thread; the timer's may all
	 * find the main flow. */
	running = green_self();
	raise(SIGALRM);
	running = 0;
	while (calls < wanted) {
		running = green_self();
		for (volatile int i = 0; i < 300; i++)
			;
		running = 0;
		green_yield();
	}
	return arg;
}

static void *
nothing(void *arg)
{
	return arg;
}

static atomic_int stop;

/* Makes the process one of several OS threads, and looks our threads up. */
static void *
other(void *arg)
{
	while (!stop) {
		green_join(*(_Atomic green_t *)arg, NULL, 0);
		sched_yield();
	}
	return NULL;
}

static _Atomic green_t target;

static void
run(const char *what)
{
	struct green_attr attr = { .size = sizeof(attr), .name = "busy" };
	int period = tap_scale(500, 20000);
	struct itimerval every = { { 0, period }, { 0, period } }, off = { 0 };
	green_t ids[4], id;

	wanted = tap_scale(200, 10);
	calls = wrong = in_thread = 0;
	attr.user = (void *)&calls;
	for (int i = 0; i < 4; i++)
		green_spawn(&ids[i], &attr, spin, NULL);
	target = ids[0];
	setitimer(ITIMER_REAL, &every, NULL);
	/* Everything that takes a lock or changes the current thread. */
	while (calls < wanted) {
		green_spawn(&id, &attr, nothing, NULL);
		green_join(id, NULL, GREEN_NEVER);
		green_name_set(ids[1], "busy");
		running = main_flow;
		for (volatile int i = 0; i < 300; i++)
			;
		running = 0;
		green_yield();
	}
	for (int i = 0; i < 4; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	setitimer(ITIMER_REAL, &off, NULL);
	is(wrong, 0, "%s: wrong answers of %d calls", what, (int)calls);
	ok(in_thread >= 4, "some of them in green threads");
}

int
main(void)
{
	struct sigaction action = { .sa_handler = handler,
				    .sa_flags = SA_RESTART };
	pthread_t thread;
	sigset_t all, old;

	main_flow = green_self();
	sigaction(SIGALRM, &action, NULL);
	run("one OS thread");
	/* The signals are for this one. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_create(&thread, NULL, other, (void *)&target);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	run("two OS threads");
	stop = 1;
	pthread_join(thread, NULL);
	return tap_done();
}
