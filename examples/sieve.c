/* SPDX-License-Identifier: MIT */
/*
 * The prime sieve of concurrency: a chain of green threads, one per prime.
 *
 *	sieve [N]	print the primes up to N, 100 if not given
 *
 * The source sends 2, 3, 4, ... into a channel. Whatever comes first out of a
 * channel is a prime; then a filter is put behind it that lets through only
 * what this prime does not divide, and the next prime comes first out of that:
 *
 *	source --2,3,4,5..-> filter 2 --3,5,7,9..-> filter 3 --5,7,11..-> main
 *
 * The channels hold nothing: each number waits until it is taken, so nobody
 * runs ahead. The end travels as the numbers do: the source closes its channel,
 * the first filter finds it closed, closes its own, and so on up to main. It
 * travels backwards as well: whoever reads no more closes what he reads from,
 * so that nobody sends in vain.
 */

#include <stdio.h>
#include <stdlib.h>

#include <green.h>

/* One link of the chain: a thread, and the channel that it fills. */
struct link {
	struct link *before; /* what it reads from; NULL for the source */
	struct green_chan *out;
	green_t thread;
	int prime; /* for a filter, what it divides by; for the source, N */
};

static void *
source(void *arg)
{
	struct link *self = arg;

	for (int n = 2; n <= self->prime; n++)
		if (green_chan_send(self->out, &n, sizeof(n), GREEN_NEVER) < 0)
			break;
	green_chan_close(self->out);
	return NULL;
}

static void *
filter(void *arg)
{
	struct link *self = arg;
	struct green_chan *in = self->before->out;
	int n;

	/* This fails with -EPIPE when the channel is closed and empty. */
	while (green_chan_recv(in, &n, sizeof(n), GREEN_NEVER) == 0)
		if (n % self->prime != 0 &&
		    green_chan_send(self->out, &n, sizeof(n), GREEN_NEVER) < 0)
			break;
	green_chan_close(in);
	green_chan_close(self->out);
	return NULL;
}

/* Put one more link behind the last; NULL if there is no memory for it. */
static struct link *
append(struct link *before, green_fn fn, int prime)
{
	struct link *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->before = before;
	self->prime = prime;
	if (green_chan_create(&self->out, sizeof(int), 0, NULL) == 0 &&
	    green_spawn(&self->thread, NULL, fn, self) == 0)
		return self;
	green_chan_destroy(self->out);
	free(self);
	return NULL;
}

int
main(int argc, char **argv)
{
	int limit = argc > 1 ? atoi(argv[1]) : 100, prime;
	struct link *last = append(NULL, source, limit), *next = last, *before;

	while (next && green_chan_recv(last->out, &prime, sizeof(prime),
				       GREEN_NEVER) == 0) {
		printf("%d\n", prime);
		if ((next = append(last, filter, prime)))
			last = next;
	}
	if (last)
		green_chan_close(last->out);
	for (; last; last = before) {
		before = last->before;
		green_join(last->thread, NULL, GREEN_NEVER);
		green_chan_destroy(last->out);
		free(last);
	}
	if (!next)
		fprintf(stderr, "sieve: no memory for one more filter\n");
	return !next;
}
