/* SPDX-License-Identifier: MIT */
/* Proves: closing a channel sends everybody away who waits to receive or to
 * send, and who comes later; but what it holds can still be received. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

static struct green_chan *ch;
static atomic_int waiting;

static void *
receives(void *arg)
{
	int n = 4711, error;

	(void)arg;
	waiting++;
	error = green_chan_recv(ch, &n, sizeof(n), GREEN_NEVER);
	return (void *)(intptr_t)(n == 4711 ? error : 1);
}

static void *
sends(void *arg)
{
	int n = 1;

	(void)arg;
	waiting++;
	return (void *)(intptr_t)green_chan_send(ch, &n, sizeof(n),
						 GREEN_NEVER);
}

static void
wakes(green_fn fn, const char *who)
{
	green_t ids[3];
	void *value;

	green_chan_create(&ch, sizeof(int), 0, NULL);
	for (int i = 0; i < 3; i++)
		green_spawn(&ids[i], NULL, fn, NULL);
	green_yield();
	is(green_chan_destroy(ch), -EBUSY, "destroy while %s wait", who);
	is(green_chan_close(ch), 0, "close while %s wait", who);
	is(green_chan_close(ch), -EALREADY, "close again");
	for (int i = 0; i < 3; i++) {
		green_join(ids[i], &value, GREEN_NEVER);
		is((intptr_t)value, -EPIPE, "%s are told", who);
	}
	is(green_chan_destroy(ch), 0, "destroy");
}

/* The same for pthreads. That they wait is seen from outside: a try to do the
 * other half would succeed. So each is closed either before or while. */
static void
wakes_pthreads(green_fn fn, const char *who)
{
	pthread_t threads[3];
	void *value;

	waiting = 0;
	green_chan_create(&ch, sizeof(int), 0, NULL);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, fn, NULL);
	while (waiting < 3)
		sched_yield();
	for (int i = 0; i < 50; i++)
		sched_yield();
	green_chan_close(ch);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &value);
		is((intptr_t)value, -EPIPE, "pthreads that %s", who);
	}
	is(green_chan_destroy(ch), 0, "destroy");
}

static void
drains(int64_t capacity)
{
	int n, error;

	green_chan_create(&ch, sizeof(n), capacity, NULL);
	for (n = 1; n <= 3; n++)
		green_chan_send(ch, &n, sizeof(n), 0);
	green_chan_close(ch);
	error = green_chan_send(ch, &n, sizeof(n), GREEN_NEVER);
	is(error, -EPIPE, "send to one that is closed");
	is(green_chan_len(ch), 3, "it holds what was sent before");
	for (int i = 1; i <= 3; i++) {
		is(green_chan_recv(ch, &n, sizeof(n), GREEN_NEVER), 0,
		   "receive");
		is(n, i, "number %d", i);
	}
	n = 4711;
	error = green_chan_recv(ch, &n, sizeof(n), GREEN_NEVER);
	is(error, -EPIPE, "the end");
	is(green_chan_recv(ch, &n, sizeof(n), 0), -EPIPE, "of it");
	is(n, 4711, "nothing was written");
	is(green_chan_send(ch, &n, sizeof(n), 0), -EPIPE, "send");
	is(green_chan_destroy(ch), 0, "destroy");
}

/* Senders that waited with a full ring are sent away; the ring stays. */
static void
full(void)
{
	int n = 7;
	void *value;
	green_t id;

	green_chan_create(&ch, sizeof(n), 1, NULL);
	green_chan_send(ch, &n, sizeof(n), 0);
	green_spawn(&id, NULL, sends, NULL);
	green_yield();
	green_chan_close(ch);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, -EPIPE, "the one that waited");
	is(green_chan_recv(ch, &n, sizeof(n), 0), 0, "the one before");
	is(n, 7, "is there");
	is(green_chan_recv(ch, &n, sizeof(n), 0), -EPIPE, "and no other");
	green_chan_destroy(ch);
}

static void *
stays(void *arg)
{
	green_sem_wait(arg, GREEN_NEVER);
	return NULL;
}

/* With several OS threads: who was woken still comes back to the lock. */
static void
not_yet_returned(void)
{
	static struct green_sem end;
	pthread_t thread;
	green_t id;

	pthread_create(&thread, NULL, stays, &end);
	green_chan_create(&ch, sizeof(int), 0, NULL);
	green_spawn(&id, NULL, receives, NULL);
	green_yield();
	is(green_chan_close(ch), 0, "close");
	is(green_chan_destroy(ch), -EBUSY, "it has not returned");
	green_join(id, NULL, GREEN_NEVER);
	is(green_chan_destroy(ch), 0, "now it has");
	green_sem_post(&end);
	pthread_join(thread, NULL);
}

int
main(void)
{
	not_yet_returned();
	wakes(receives, "receivers");
	wakes(sends, "senders");
	drains(3);
	drains(100);
	drains(GREEN_CHAN_UNBOUNDED);
	full();
	wakes_pthreads(receives, "receive");
	wakes_pthreads(sends, "send");
	return tap_done();
}
