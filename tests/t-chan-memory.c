/* SPDX-License-Identifier: MIT */
/* Proves: when memory is exhausted a channel is not made, or an unbounded one
 * takes no more, with -ENOMEM; what it holds stays, in order; and everything
 * is given back in the end. */

#include "tap.h"

#include <green.h>

#include "mem.h"

static struct green_chan *ch;

static void
creation(int64_t capacity)
{
	int failures = 0;

	for (long n = 0;; n++) {
		int error;

		ch = NULL;
		green__mem_fail_after(n);
		error = green_chan_create(&ch, 8, capacity, NULL);
		green__mem_fail_after(-1);
		if (!error)
			break;
		failures += error == -ENOMEM && !ch;
		if (failures != n + 1)
			break;
	}
	is(failures, capacity && capacity != GREEN_CHAN_UNBOUNDED ? 2 : 1,
	   "each allocation of one with capacity %lld", (long long)capacity);
	is(green_chan_destroy(ch), 0, "destroy");
}

static void
growth(void)
{
	uint64_t sent = 0, n;
	int error = 0;

	green_chan_create(&ch, 8, GREEN_CHAN_UNBOUNDED, NULL);
	green__mem_fail_after(3);
	while (sent < 1 << 20 && !error) {
		error = green_chan_send(ch, &sent, 8, GREEN_NEVER);
		sent += !error;
	}
	is(error, -ENOMEM, "no more after %d", (int)sent);
	is(green_chan_send(ch, &sent, 8, 0), -ENOMEM, "nor now");
	is(green_chan_len(ch), sent, "the others are there");
	is(green_chan_recv(ch, &n, 8, 0), 0, "make room");
	is(n, 0, "the first");
	is(green_chan_send(ch, &sent, 8, 0), 0, "for one");
	is(green_chan_send(ch, &sent, 8, 0), -ENOMEM, "and no more");
	green__mem_fail_after(-1);
	sent++;
	is(green_chan_send(ch, &sent, 8, 0), 0, "with memory");
	for (uint64_t i = 1; i <= sent; i++)
		if (green_chan_recv(ch, &n, 8, 0) || n != i)
			error = 1;
	is(error, -ENOMEM, "all in order");
	is(green_chan_destroy(ch), 0, "destroy");
}

int
main(void)
{
	long live = green__mem_live();

	creation(0);
	creation(4);
	creation(GREEN_CHAN_UNBOUNDED);
	growth();
	is(green__mem_live(), live, "nothing is left");
	return tap_done();
}
