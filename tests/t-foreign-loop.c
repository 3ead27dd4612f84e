/* SPDX-License-Identifier: MIT */
/* Proves: in a loop of poll(2) with one descriptor of libgreen's, green threads
 * do what they do otherwise: channels, times, descriptors, and wake-ups from
 * other OS threads, of which none is lost; the loop is not held up by threads
 * that always yield, sleeps when there is nothing to do, and its own callbacks
 * may use green threads; from elsewhere it is refused. */

#include "config.h"

#include "tap.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include <green.h>

#define MS GREEN_MILLISECOND

static struct pollfd p = { .events = POLLIN };
static int done;

/* Until so many are done; it sleeps without a time-out. */
static void
loop_until(int wanted)
{
	int64_t next;

	while (done < wanted) {
		if (green_run_ready(&next) != 0 || done >= wanted)
			continue;
		poll(&p, 1, -1);
	}
}

/* ---- each on its own -------------------------------------------------------
 */

static struct green_chan *ch;
static int fds[2];

static void *
sends(void *arg)
{
	for (int i = 0; i < 100; i++)
		green_chan_send(ch, &i, sizeof(i), GREEN_NEVER);
	done++;
	return arg;
}

static void *
receives(void *arg)
{
	int n, sum = 0;

	for (int i = 0; i < 100; i++) {
		green_chan_recv(ch, &n, sizeof(n), GREEN_NEVER);
		sum += n;
	}
	is(sum, 4950, "all items");
	done++;
	return arg;
}

static void *
sleeps_long(void *arg)
{
	green_sleep_until(*(int64_t *)arg);
	done++;
	return arg;
}

static void *
naps(void *arg)
{
	for (int i = 0; i < 3; i++)
		green_sleep_until(green_after(MS));
	done++;
	return arg;
}

static void *
reads(void *arg)
{
	int64_t deadline = green_after(3600 * GREEN_SECOND);
	char c;

	for (int i = 0; i < *(int *)arg; i++)
		if (green_read(fds[0], &c, 1, deadline) != 1)
			ok(0, "read");
	done++;
	return arg;
}

static void *
writes(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++) {
		if (write(fds[1], "x", 1) != 1)
			return NULL;
		sched_yield();
	}
	return arg;
}

static void
channels(void)
{
	done = 0;
	green_chan_create(&ch, sizeof(int), 0, NULL);
	green_spawn(NULL, NULL, sends, NULL);
	green_spawn(NULL, NULL, receives, NULL);
	loop_until(2);
	is(done, 2, "channels");
	green_chan_destroy(ch);
}

static void
times(void)
{
	int64_t next = 0, long_after = green_after(3600 * GREEN_SECOND);
	green_t id;

	done = 0;
	green_spawn(&id, NULL, sleeps_long, &long_after);
	is(green_run_ready(&next), 0, "one sleeps");
	ok(next > 0 && next <= long_after, "until some time");
	green_cancel(id);
	green_spawn(NULL, NULL, naps, NULL);
	loop_until(2);
	green_join(id, NULL, GREEN_NEVER);
	is(done, 2, "times");
	green_clock_virtual(GREEN_SECOND);
	green_spawn(NULL, NULL, naps, NULL);
	while (green_run_ready(NULL))
		continue;
	is(done, 3, "a virtual clock needs no sleep");
	green_clock_real();
}

static void
descriptors(void)
{
	int n = tap_scale(1000, 100);
	pthread_t os_thread;

	done = 0;
	green_pipe(fds);
	green_spawn(NULL, NULL, reads, &n);
	is(green_run_ready(NULL), 0, "it waits for a byte");
	pthread_create(&os_thread, NULL, writes, &n);
	loop_until(1);
	is(done, 1, "descriptors");
	pthread_join(os_thread, NULL);
	green_close(fds[0]);
	green_close(fds[1]);
}

/* ---- other OS threads
 * -------------------------------------------------------- */

static struct green_sem ping, pong;

static void *
answers(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++) {
		green_sem_wait(&ping, GREEN_NEVER);
		green_sem_post(&pong);
	}
	done++;
	return arg;
}

static void *
asks(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++) {
		green_sem_post(&ping);
		green_sem_wait(&pong, GREEN_NEVER);
	}
	return arg;
}

static void
wake_ups(void)
{
	int n = tap_scale(5000, 300);
	pthread_t os_thread;

	done = 0;
	green_spawn(NULL, NULL, answers, &n);
	pthread_create(&os_thread, NULL, asks, &n);
	loop_until(1);
	pthread_join(os_thread, NULL);
	is(done, 1, "%d wake-ups from another OS thread", n);
	green_sem_fini(&ping);
	green_sem_fini(&pong);
}

/* ---- the loop itself
 * ---------------------------------------------------------- */

static void *
never_stops(void *arg)
{
	while (!*(volatile int *)arg)
		green_yield();
	done++;
	return arg;
}

static void
is_not_held_up(void)
{
	int stop = 0;
	int64_t next;

	done = 0;
	green_spawn(NULL, NULL, never_stops, &stop);
	is(green_run_ready(&next), 1, "there is more to do");
	ok(next <= green_now(), "at once");
	is(poll(&p, 1, -1), 1, "which shows in the descriptor");
	stop = 1;
	loop_until(1);
}

static void
sleeps(void)
{
	struct green_event e = GREEN_EVENT_INIT;
	int64_t next;

	/* Until all memory of stacks has gone back that will. */
	while (green_run_ready(&next) || next != GREEN_NEVER)
		poll(&p, 1, -1);
	is(poll(&p, 1, 0), 0, "nothing to do, and the descriptor says so");
	/* A callback of the loop. */
	done = 0;
	green_chan_create(&ch, sizeof(int), 0, NULL);
	green_spawn(NULL, NULL, receives, NULL);
	is(green_run_ready(NULL), 0, "it receives");
	for (int i = 0; i < 100; i++)
		green_chan_send(ch, &i, sizeof(i), GREEN_NEVER);
	loop_until(1);
	is(green_event_wait(&e, green_after(MS)), -ETIMEDOUT, "it may block");
	is(green_run_ready(NULL), 0, "and go on afterwards");
	green_chan_destroy(ch);
}

static void *
elsewhere(void *arg)
{
	is(green_poll_fd(), -EPERM, "not in another thread");
	is(green_run_ready(NULL), -EPERM, "nor this");
	return arg;
}

static int
in_child(void)
{
	struct pollfd own = { .events = POLLIN };

	own.fd = green_poll_fd();
	if (own.fd < 0)
		return 1;
	done = 0;
	if (green_spawn(NULL, NULL, naps, NULL))
		return 2;
	while (!done)
		if (green_run_ready(NULL) == 0 && !done &&
		    poll(&own, 1, -1) != 1)
			return 3;
	return 0;
}

int
main(void)
{
	struct green_runtime *rt = NULL;
	green_t id;

	p.fd = green_poll_fd();
	ok(p.fd >= 0, "a descriptor");
	is(green_poll_fd(), p.fd, "always the same");
	channels();
	times();
	descriptors();
	is_not_held_up();
	sleeps();
	holds_in_child(in_child, "a forked child has its own");
	wake_ups();
	green_spawn(&id, NULL, elsewhere, NULL);
	green_join(id, NULL, GREEN_NEVER);
	green_runtime_create(&rt, NULL);
	green_runtime_run(rt, elsewhere, NULL, NULL);
	green_runtime_destroy(rt);
	return tap_done();
}
