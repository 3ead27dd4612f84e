/* SPDX-License-Identifier: MIT */
/* Proves: among several workers and pthreads that send and receive, with and
 * without deadlines, while others interrupt them, each item that was sent is
 * received exactly once, what a send gave up never, and those of each sender
 * in order. */

#include "seeds.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define WORKERS 2
#define PER_WORKER 3 /* senders, and as many receivers */
#define PLAIN 2      /* the same of pthreads */
#define SENDERS (WORKERS * PER_WORKER + PLAIN)
#define ITEMS 2000

struct item {
	uint32_t sender, number;
	uint32_t check[6];
};

static struct green_chan *ch;
static struct green_sem senders_done;
static atomic_int seen[SENDERS][ITEMS], wrong, disorder, given_up, received;
static atomic_int senders_left;
static uint32_t items;

static int64_t
some_deadline(unsigned *seed)
{
	unsigned n = next_random(seed);

	return n % 4 == 0    ? green_after(n >> 2 & 0xffff)
	       : n % 16 == 1 ? 0
			     : GREEN_NEVER;
}

/* An error that says: try again. */
static int
gave_up(int error)
{
	given_up += error != 0;
	return error == -ETIMEDOUT || error == -EAGAIN || error == -EINTR;
}

static void
send_all(uint32_t sender)
{
	unsigned seed = stress_seed_of(sender + 1);
	struct item it = { .sender = sender };
	int error;

	while (it.number < items) {
		for (uint32_t i = 0; i < 6; i++)
			it.check[i] = sender ^ it.number * (i + 1);
		error = green_chan_send(ch, &it, sizeof(it),
					some_deadline(&seed));
		if (!error)
			it.number++;
		else
			wrong += !gave_up(error);
	}
	if (--senders_left == 0)
		green_sem_post(&senders_done);
}

static void
note(const struct item *it, int64_t *last)
{
	if (it->sender >= SENDERS || it->number >= items) {
		wrong++;
		return;
	}
	for (uint32_t i = 0; i < 6; i++)
		wrong += it->check[i] != (it->sender ^ it->number * (i + 1));
	disorder += it->number <= last[it->sender];
	last[it->sender] = it->number;
	seen[it->sender][it->number]++;
	received++;
}

static void
receive_all(unsigned seed)
{
	int64_t last[SENDERS];
	struct item it;
	int error;

	memset(last, -1, sizeof(last));
	for (;;) {
		error = green_chan_recv(ch, &it, sizeof(it),
					some_deadline(&seed));
		if (error == -EPIPE)
			return;
		if (!error)
			note(&it, last);
		else
			wrong += !gave_up(error);
	}
}

static void *
sender(void *arg)
{
	send_all((uint32_t)(uintptr_t)arg);
	return NULL;
}

static void *
receiver(void *arg)
{
	receive_all(stress_seed_of((unsigned)(uintptr_t)arg + 100));
	return NULL;
}

static void *
worker(void *arg)
{
	uintptr_t first = (uintptr_t)arg * PER_WORKER;
	green_t ids[2 * PER_WORKER];

	for (uintptr_t i = 0; i < 2 * PER_WORKER; i++)
		green_spawn(&ids[i], NULL, i % 2 ? sender : receiver,
			    (void *)(first + i / 2));
	for (unsigned i = 0; i < 2 * PER_WORKER; i++)
		while (green_join(ids[i], NULL,
				  green_after(100 * GREEN_MICROSECOND)) ==
		       -ETIMEDOUT)
			green_interrupt(ids[(i + 1) % (2 * PER_WORKER)]);
	return NULL;
}

static void
play(int64_t capacity)
{
	pthread_t threads[WORKERS + 2 * PLAIN];
	uintptr_t n = 0;
	int not_once = 0;

	memset(seen, 0, sizeof(seen));
	received = 0;
	senders_left = SENDERS;
	green_chan_create(&ch, sizeof(struct item), capacity, NULL);
	for (uintptr_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[n++], NULL, worker, (void *)i);
	for (uintptr_t i = 0; i < PLAIN; i++) {
		pthread_create(&threads[n++], NULL, sender,
			       (void *)(WORKERS * PER_WORKER + i));
		pthread_create(&threads[n++], NULL, receiver, (void *)i);
	}
	green_sem_wait(&senders_done, GREEN_NEVER);
	green_chan_close(ch);
	while (n-- > 0)
		pthread_join(threads[n], NULL);
	for (int s = 0; s < SENDERS; s++)
		for (uint32_t i = 0; i < items; i++)
			not_once += seen[s][i] != 1;
	is(not_once, 0, "not received exactly once, capacity %lld",
	   (long long)capacity);
	is(received, SENDERS * (int)items, "received");
	is(disorder, 0, "out of their sender's order");
	is(wrong, 0, "wrong results and items");
	is(green_chan_destroy(ch), 0, "everybody has left");
}

int
main(void)
{
	items = (uint32_t)tap_scale(ITEMS, 100);
	play(0);
	play(1);
	play(16);
	play(GREEN_CHAN_UNBOUNDED);
	ok(given_up >= 0, "%d gave up for a while", given_up);
	return tap_done();
}
