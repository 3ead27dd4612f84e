/* SPDX-License-Identifier: MIT */
/* Proves: a green thread can be joined and detached from another worker and
 * from a pthread that has none, before and after its end, with every kind of
 * deadline; a signal neither ends nor prolongs a pthread's wait; and a pthread
 * does not become a worker by it. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

static atomic_int stop, ended, in_handler, finished;
static char arg_of_work;

static void *
work(void *arg)
{
	while (!stop)
		green_sleep_until(green_after(100 * GREEN_MICROSECOND));
	ended = 1;
	return arg;
}

static green_t
spawn(void)
{
	green_t id = 0;

	stop = ended = 0;
	green_spawn(&id, NULL, work, &arg_of_work);
	return id;
}

static uint64_t
workers(void)
{
	struct green_stats s = { .size = sizeof(s) };

	green_stats_get(&s);
	return s.workers;
}

/* What is to be done on the other side, and by whom. */
static void *(*remote_fn)(green_t id);
static pthread_t other;

static void *
inside(void *arg)
{
	void *value = remote_fn(*(green_t *)arg);

	finished = 1;
	return value;
}

static void *
plain(void *arg)
{
	uint64_t before = workers();
	void *value = inside(arg);

	ok(workers() == before, "no worker was made");
	return value;
}

static void *
worker(void *arg)
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, inside, arg);
	green_join(id, &value, GREEN_NEVER);
	return value;
}

static void
start(void *(*kind)(void *), green_t *id)
{
	finished = 0;
	pthread_create(&other, NULL, kind, id);
}

/* Let the green threads run until the other side is done. */
static void *
finish(void)
{
	void *value = NULL;

	while (!finished)
		green_sleep_until(green_after(GREEN_MICROSECOND));
	pthread_join(other, &value);
	return value;
}

/* Run fn(id) on an OS thread of both kinds, while this one runs its green
 * threads. late: the thread has ended before. */
static void
on_both(void *(*fn)(green_t id), int late, const char *what)
{
	void *(*const kinds[])(void *) = { plain, worker };

	remote_fn = fn;
	for (int i = 0; i < 2; i++) {
		green_t id = spawn();

		stop = late;
		while (late && !ended)
			green_yield();
		green_yield();
		start(kinds[i], &id);
		ok(finish() == &arg_of_work, "%s, %s%s", what,
		   i ? "worker" : "pthread", late ? ", when it has ended" : "");
	}
}

/* Each is green_join(id), in a way of its own, and stops the thread. */
static void *
blocking(green_t id)
{
	void *value = NULL;

	stop = 1;
	green_join(id, &value, GREEN_NEVER);
	return value;
}

static void *
with_deadlines(green_t id)
{
	void *value = &stop;

	if (green_join(id, &value, 0) != -EAGAIN ||
	    green_join(id, &value, 1) != -ETIMEDOUT ||
	    green_join(id, &value, -1) != -EINVAL ||
	    green_join(id, &value, green_after(GREEN_MILLISECOND)) !=
		    -ETIMEDOUT ||
	    value != &stop)
		return NULL;
	stop = 1;
	if (green_join(id, &value, green_after(1000 * GREEN_SECOND)))
		return NULL;
	return value;
}

static void *
already_ended(green_t id)
{
	void *value = NULL;

	while (green_join(id, &value, 0) == -EAGAIN)
		sched_yield();
	return value;
}

static void *
detach(green_t id)
{
	if (green_detach(id))
		return NULL;
	if (green_detach(id) != (stop ? -ESRCH : -EINVAL))
		return NULL;
	stop = 1;
	return &arg_of_work;
}

static void
handler(int sig)
{
	(void)sig;
	in_handler = 1;
}

static void *
join_for_a_while(green_t id)
{
	return green_join(id, NULL, green_after(20 * GREEN_MILLISECOND)) ==
			       -ETIMEDOUT
		       ? &arg_of_work
		       : NULL;
}

static void *
join_stopped(green_t id)
{
	void *value = NULL;

	return green_join(id, &value, GREEN_NEVER) ? NULL : value;
}

static void
one_signal(green_t id)
{
	remote_fn = join_stopped;
	in_handler = 0;
	start(inside, &id);
	while (green_join(id, NULL, 0) != -EBUSY)
		sched_yield();
	pthread_kill(other, SIGUSR1);
	while (!in_handler)
		sched_yield();
	stop = 1;
	ok(finish() == &arg_of_work, "a signal does not end the wait");
}

/* If each prolonged the wait, it would never end. */
static void
signals_all_the_time(green_t id)
{
	remote_fn = join_for_a_while;
	start(inside, &id);
	while (!finished) {
		pthread_kill(other, SIGUSR1);
		green_sleep_until(green_after(GREEN_MILLISECOND));
	}
	ok(finish() == &arg_of_work, "many do not make it longer");
}

static void
signals(void)
{
	struct sigaction action = { .sa_handler = handler };
	green_t id = spawn();

	sigaction(SIGUSR1, &action, NULL);
	signals_all_the_time(id);
	one_signal(id);
}

int
main(void)
{
	alarm(100);
	green_self();
	on_both(blocking, 0, "join");
	on_both(with_deadlines, 0, "join with deadlines");
	on_both(already_ended, 1, "join");
	on_both(detach, 0, "detach");
	on_both(detach, 1, "detach");
	if (TAP_TSAN)
		skip("signals", "ThreadSanitizer holds them back");
	else
		signals();
	return tap_done();
}
