/* SPDX-License-Identifier: MIT */
/* Proves: signals go to those who wait for them, before and after they come,
 * whichever OS thread they come to; each is taken once, with how often it came;
 * several objects for one all get it; selects wait for them among other things;
 * none is lost in a thousand that come while somebody begins to wait; handlers
 * and default actions are there again when an object is gone; a forked child
 * has the object, and nothing of the parent's; and bad input is refused. */

#include "config.h"

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_signal *usr;

static sigset_t
set_of(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	if (b)
		sigaddset(&set, b);
	return set;
}

static struct green_signal *
make(int a, int b)
{
	struct green_signal *s = NULL;
	sigset_t set = set_of(a, b);

	is(green_signal_create(&s, &set), 0, "for signals %d and %d", a, b);
	return s;
}

/* ---- one worker -----------------------------------------------------------
 */

static void
in_order(void)
{
	uint64_t count = 0;
	int low = SIGUSR1 < SIGUSR2 ? SIGUSR1 : SIGUSR2;
	int high = SIGUSR1 + SIGUSR2 - low;

	usr = make(SIGUSR1, SIGUSR2);
	is(green_signal_wait(usr, &count, 0), -EAGAIN, "none has come");
	is(green_signal_wait(usr, &count, 1), -ETIMEDOUT, "by then");
	raise(high);
	for (int i = 0; i < 3; i++)
		raise(low);
	is(green_signal_wait(usr, &count, GREEN_NEVER), low, "the lowest");
	is(count, 3, "three times");
	is(green_signal_wait(usr, NULL, GREEN_NEVER), high, "the other one");
	is(green_signal_wait(usr, NULL, 0), -EAGAIN, "that was all");
	is(count, 3, "nothing is written without one");
	raise(low);
	is(green_signal_destroy(usr), 0, "one that nobody wants");
}

static void *
waits(void *arg)
{
	uint64_t *count = arg;

	return (void *)(intptr_t)green_signal_wait(usr, count, GREEN_NEVER);
}

static void
cancel(green_t id)
{
	is(green_signal_destroy(usr), -EBUSY, "somebody waits");
	green_cancel(id);
}

static void
interrupt(green_t id)
{
	green_interrupt(id);
}

static void
raise_it(green_t id)
{
	(void)id;
	raise(SIGUSR1);
}

static void *
kills_main(void *arg)
{
	pthread_kill(*(pthread_t *)arg, SIGUSR1);
	return NULL;
}

static void *
kills_itself(void *arg)
{
	pthread_kill(pthread_self(), SIGUSR1);
	return arg;
}

static void
from_outside(green_t id)
{
	pthread_t self = pthread_self(), os_thread;

	(void)id;
	pthread_create(&os_thread, NULL, kills_main, &self);
	pthread_join(os_thread, NULL);
}

static void
to_another(green_t id)
{
	pthread_t os_thread;

	(void)id;
	pthread_create(&os_thread, NULL, kills_itself, NULL);
	pthread_join(os_thread, NULL);
}

static intptr_t
ended_by(void (*then)(green_t id))
{
	uint64_t count = 0;
	void *value;
	green_t id;

	green_spawn(&id, NULL, waits, &count);
	green_yield();
	then(id);
	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static void
endings(void)
{
	usr = make(SIGUSR1, 0);
	is(ended_by(cancel), -ECANCELED, "cancelled");
	is(ended_by(interrupt), -EINTR, "interrupted");
	is(ended_by(raise_it), SIGUSR1, "raised");
	is(ended_by(from_outside), SIGUSR1, "sent by another OS thread");
	is(ended_by(to_another), SIGUSR1, "sent to another OS thread");
	green_clock_virtual(GREEN_SECOND);
	is(green_signal_wait(usr, NULL, green_after(GREEN_SECOND)), -ETIMEDOUT,
	   "not in time");
	green_clock_real();
	is(green_signal_destroy(usr), 0, "nobody waits");
}

static void
selects(void)
{
	struct green_clause c[2] = { { 0 } };
	struct green_sem sem = GREEN_SEM_INIT;
	green_t id;

	usr = make(SIGUSR1, SIGUSR2);
	c[0].kind = GREEN_CLAUSE_SEM;
	c[0].object = &sem;
	c[1].kind = GREEN_CLAUSE_SIGNAL;
	c[1].object = usr;
	is(green_select(c, 2, 0), -EAGAIN, "nothing");
	raise(SIGUSR2);
	raise(SIGUSR2);
	is(green_select(c, 2, GREEN_NEVER), 1, "a signal");
	is(c[1].result, SIGUSR2, "which one");
	is((uintptr_t)c[1].value, 2, "how often");
	green_sem_post(&sem);
	is(green_select(c, 2, GREEN_NEVER), 0, "then something else");
	green_spawn(&id, NULL, kills_itself, NULL);
	is(green_select(c, 2, GREEN_NEVER), 1, "one that comes while it waits");
	is(c[1].result, SIGUSR1, "is that");
	is(green_select(c, 2, 0), -EAGAIN, "and was taken");
	green_join(id, NULL, GREEN_NEVER);
	c[1].object = NULL;
	is(green_select(c, 2, 0), -EINVAL, "no object");
	is(green_signal_destroy(usr), 0, "destroy");
}

/* ---- several ---------------------------------------------------------------
 */

static void
objects(void)
{
	struct green_signal *other;
	void *value;
	green_t ids[2];
	uint64_t counts[2] = { 0, 0 };

	usr = make(SIGUSR1, 0);
	other = make(SIGUSR1, SIGUSR2);
	raise(SIGUSR1);
	is(green_signal_wait(usr, NULL, 0), SIGUSR1, "one has it");
	is(green_signal_wait(other, NULL, 0), SIGUSR1, "the other, too");
	green_signal_destroy(other);
	raise(SIGUSR1);
	is(green_signal_wait(usr, NULL, 0), SIGUSR1, "one is left");
	for (int i = 0; i < 2; i++)
		green_spawn(&ids[i], NULL, waits, &counts[i]);
	green_yield();
	raise(SIGUSR1);
	while (!counts[0] && !counts[1])
		green_yield();
	is(counts[0] + counts[1], 1, "one of two threads took it");
	raise(SIGUSR1);
	for (int i = 0; i < 2; i++) {
		green_join(ids[i], &value, GREEN_NEVER);
		is((intptr_t)value, SIGUSR1, "both have one");
	}
	is(counts[0] + counts[1], 2, "each one");
	green_signal_destroy(usr);
}

#define THREADS 4

/* Each answers to each signal; the next one is sent when all have. */
static struct green_signal *listeners[THREADS];
static struct green_chan *answers;
static int rounds;

static void *
listens(void *arg)
{
	struct green_signal *s = *(struct green_signal **)arg;
	int signo;

	do {
		signo = green_signal_wait(s, NULL, GREEN_NEVER);
		green_chan_send(answers, &signo, sizeof(signo), GREEN_NEVER);
	} while (signo == SIGUSR1);
	return NULL;
}

static int
send_and_wait(int signo, int who)
{
	int answer, bad = 0;

	kill(getpid(), signo);
	for (int i = 0; i < who; i++) {
		green_chan_recv(answers, &answer, sizeof(answer), GREEN_NEVER);
		bad += answer != signo;
	}
	return bad;
}

static void *
conduct(void *arg)
{
	green_t ids[THREADS];
	int bad = 0;

	for (int i = 0; i < THREADS; i++)
		green_spawn(&ids[i], NULL, listens, &listeners[i]);
	for (int i = 0; i < rounds; i++)
		bad += send_and_wait(SIGUSR1, THREADS);
	bad += send_and_wait(SIGUSR2, THREADS);
	for (int i = 0; i < THREADS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	is(bad, 0, "%s: all heard all of %d", (const char *)arg, rounds);
	return NULL;
}

static void
none_is_lost(void)
{
	struct green_runtime_attr attr = { .size = sizeof(attr) };
	struct green_runtime *rt = NULL;
	pthread_t os_threads[THREADS];
	int bad = 0;

	rounds = tap_scale(1000, 100);
	green_chan_create(&answers, sizeof(int), 0, NULL);
	for (int i = 0; i < THREADS; i++)
		listeners[i] = make(SIGUSR1, SIGUSR2);
	conduct((void *)"one worker");
	if (TAP_TSAN) {
		/* It calls handlers when the OS thread that has the signal
		 * calls something that it knows, which no sleep on a futex
		 * is. */
		skip("several workers, and OS threads", "not with TSan");
		for (int i = 0; i < THREADS; i++)
			is(green_signal_destroy(listeners[i]), 0, "destroy");
		green_chan_destroy(answers);
		return;
	}
	attr.workers = 3;
	green_runtime_create(&rt, &attr);
	green_runtime_run(rt, conduct, (void *)"three workers", NULL);
	green_runtime_destroy(rt);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&os_threads[i], NULL, listens, &listeners[i]);
	for (int i = 0; i < rounds; i++)
		bad += send_and_wait(SIGUSR1, THREADS);
	bad += send_and_wait(SIGUSR2, THREADS);
	is(bad, 0, "OS threads: all heard all of %d", rounds);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(os_threads[i], NULL);
		is(green_signal_destroy(listeners[i]), 0, "nobody waits");
	}
	green_chan_destroy(answers);
}

/* ---- what was there before --------------------------------------------------
 */

static volatile sig_atomic_t handled;

static void
handler(int signo)
{
	handled = signo;
}

static void
other_handler(int signo)
{
	handled = -signo;
}

static void
before(void)
{
	struct green_signal *second;
	struct sigaction now;
	sigset_t set;

	signal(SIGUSR1, handler);
	usr = make(SIGUSR1, 0);
	second = make(SIGUSR1, 0);
	raise(SIGUSR1);
	is(handled, 0, "the program's handler is not called");
	green_signal_destroy(usr);
	raise(SIGUSR1);
	is(handled, 0, "nor while there is another object");
	green_signal_destroy(second);
	raise(SIGUSR1);
	is(handled, SIGUSR1, "it is there again");
	usr = make(SIGUSR1, SIGCHLD);
	signal(SIGUSR1, other_handler);
	green_signal_destroy(usr);
	raise(SIGUSR1);
	is(handled, -SIGUSR1, "a newer one stays");
	sigaction(SIGCHLD, NULL, &now);
	ok(now.sa_handler == SIG_DFL, "so does the default action");
	set = set_of(SIGUSR1, SIGKILL);
	is(green_signal_create(&usr, &set), -EINVAL, "SIGKILL");
	handled = 0;
	raise(SIGUSR1);
	is(handled, -SIGUSR1, "and nothing is left of that");
	signal(SIGUSR1, SIG_DFL);
	is(green_signal_destroy(NULL), 0, "none");
}

static void
bad_input(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE };
	sigset_t set = set_of(SIGUSR1, 0);
	struct green_signal *s = (void *)&set;

	is(green_signal_create(NULL, &set), -EINVAL, "nowhere to put it");
	is(green_signal_create(&s, NULL), -EINVAL, "no set");
	sigemptyset(&set);
	is(green_signal_create(&s, &set), -EINVAL, "an empty one");
	for (int i = 0; i < 4; i++) {
		set = set_of(faults[i], SIGUSR1);
		is(green_signal_create(&s, &set), -EINVAL, "a fault");
	}
	ok(s == (void *)&set, "nothing is written");
	is(green_signal_wait(NULL, NULL, 0), -EINVAL, "no object");
	usr = make(SIGUSR1, 0);
	raise(SIGUSR1);
	is(green_signal_wait(usr, NULL, -1), -EINVAL, "a negative deadline");
	green_signal_destroy(usr);
}

/* ---- fork ------------------------------------------------------------------
 */

static int
in_child(void)
{
	uint64_t count;
	green_t id;
	void *value;
	sigset_t none;

	/* Workers of a runtime have all signals blocked. */
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	if (green_signal_wait(usr, NULL, 0) != -EAGAIN)
		return 1;
	raise(SIGUSR1);
	raise(SIGUSR1);
	if (green_signal_wait(usr, &count, GREEN_NEVER) != SIGUSR1)
		return 2;
	if (count != 2)
		return 3;
	if (green_spawn(&id, NULL, waits, &count))
		return 4;
	green_yield();
	raise(SIGUSR2);
	if (green_join(id, &value, GREEN_NEVER) || (intptr_t)value != SIGUSR2)
		return 5;
	return green_signal_destroy(usr) ? 6 : 0;
}

static void
forks(void)
{
	uint64_t count = 0;

	usr = make(SIGUSR1, SIGUSR2);
	raise(SIGUSR1);
	holds_in_child(in_child, "the child's own");
	is(green_signal_wait(usr, &count, GREEN_NEVER), SIGUSR1,
	   "the parent's");
	is(count, 1, "as often as it came to the parent");
	is(green_signal_wait(usr, NULL, 0), -EAGAIN, "and no other");
	is(ended_by(raise_it), SIGUSR1, "which waits as before");
	green_signal_destroy(usr);
}

/* Of several workers, while some of them wait. */
static void *
forks_among(void *arg)
{
	uint64_t counts[THREADS] = { 0 };
	green_t ids[THREADS];

	for (int i = 0; i < THREADS; i++)
		green_spawn(&ids[i], NULL, waits, &counts[i]);
	green_yield();
	holds_in_child(in_child, "the child of one of several workers");
	for (int i = 0; i < THREADS; i++) {
		green_cancel(ids[i]);
		green_join(ids[i], NULL, GREEN_NEVER);
	}
	return arg;
}

static void
forks_among_workers(void)
{
	struct green_runtime_attr attr = { .size = sizeof(attr) };
	struct green_runtime *rt = NULL;

	attr.workers = 3;
	usr = make(SIGUSR1, SIGUSR2);
	green_runtime_create(&rt, &attr);
	green_runtime_run(rt, forks_among, NULL, NULL);
	green_runtime_destroy(rt);
	is(green_signal_destroy(usr), 0, "nobody is left");
}

int
main(void)
{
	/* First, so that nothing of the library is in place before it. */
	bad_input();
	forks();
	in_order();
	endings();
	selects();
	objects();
	before();
	none_is_lost();
	if (TAP_TSAN)
		skip("the child of several workers", "not with TSan");
	else
		forks_among_workers();
	return tap_done();
}
