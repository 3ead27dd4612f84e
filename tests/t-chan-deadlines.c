/* SPDX-License-Identifier: MIT */
/* Proves: a send or receive that ends for another reason than the other side
 * (deadline, interruption) ends when it should and has moved nothing: the item
 * of a sender that gave up is never received, and what comes after a receiver
 * gave up is there for the next. */

#include "tap.h"

#include <green.h>

#define MS GREEN_MILLISECOND

static struct green_chan *ch;

static int
send_number(int n, int64_t deadline)
{
	return green_chan_send(ch, &n, sizeof(n), deadline);
}

static int
received(int64_t deadline)
{
	int n = -4711, error = green_chan_recv(ch, &n, sizeof(n), deadline);

	if (error && n != -4711)
		return 4711;
	return error ? error : n;
}

static void
gives_up(int64_t capacity)
{
	int64_t start = green_now();

	green_chan_create(&ch, sizeof(int), capacity, NULL);
	is(received(start + 10 * MS), -ETIMEDOUT, "nobody sends");
	is(green_now() - start, 10 * MS, "until then");
	is(received(start), -ETIMEDOUT, "a passed deadline");
	is(received(0), -EAGAIN, "try once");
	for (int i = 0; i < capacity; i++)
		is(send_number(i, 1), 0, "room, though the deadline passed");
	is(send_number(100, start + 30 * MS), -ETIMEDOUT, "nobody receives");
	is(green_now() - start, 30 * MS, "until then");
	is(send_number(100, start), -ETIMEDOUT, "a passed deadline");
	is(send_number(100, 0), -EAGAIN, "try once");
	for (int i = 0; i < capacity; i++)
		is(received(1), i, "what was stored");
	is(received(0), -EAGAIN, "and not what was given up");
	is(green_chan_destroy(ch), 0, "destroy");
}

static void *
sends(void *arg)
{
	return (void *)(intptr_t)send_number(*(int *)arg, GREEN_NEVER);
}

static void *
receives(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)received(GREEN_NEVER);
}

static intptr_t
result_of(green_t id)
{
	void *value = NULL;

	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static void
interrupted(void)
{
	int one = 1, two = 2;
	green_t a, b;

	green_chan_create(&ch, sizeof(int), 0, NULL);
	green_spawn(&a, NULL, sends, &one);
	green_spawn(&b, NULL, sends, &two);
	green_yield();
	is(green_interrupt(a), 0, "interrupt the first sender");
	is(result_of(a), -EINTR, "it is told");
	is(received(0), 2, "the second one's arrives");
	is(received(0), -EAGAIN, "and no other");
	is(result_of(b), 0, "it has been sent");

	green_spawn(&a, NULL, receives, NULL);
	green_spawn(&b, NULL, receives, NULL);
	green_yield();
	is(green_interrupt(a), 0, "interrupt the first receiver");
	is(result_of(a), -EINTR, "it is told");
	is(send_number(3, 0), 0, "send");
	is(result_of(b), 3, "the second has it");
	is(send_number(3, 0), -EAGAIN, "nobody else waits");
	is(green_chan_destroy(ch), 0, "destroy");
}

/* Both, before the one who waits has run. Whichever it is told, it is true. */
static void
interrupted_too(void)
{
	int one = 1, n;
	green_t id;

	green_chan_create(&ch, sizeof(int), 0, NULL);
	green_spawn(&id, NULL, receives, NULL);
	green_yield();
	is(green_interrupt(id), 0, "interrupt a receiver");
	n = send_number(5, 0);
	ok(n == 0 ? result_of(id) == 5 : result_of(id) == -EINTR,
	   "and send to it");
	green_spawn(&id, NULL, sends, &one);
	green_yield();
	is(green_interrupt(id), 0, "interrupt a sender");
	n = received(0);
	ok(n == 1 ? result_of(id) == 0 : result_of(id) == -EINTR,
	   "and receive from it");
	is(received(0), -EAGAIN, "nothing is there twice");
	is(green_chan_destroy(ch), 0, "destroy");
}

/* A sender that waits for room gives up; the next one gets the room. */
static void
room(void)
{
	int64_t start = green_now();
	int two = 2;
	green_t id;

	green_chan_create(&ch, sizeof(int), 1, NULL);
	send_number(1, 0);
	green_spawn(&id, NULL, sends, &two);
	is(send_number(3, start + MS), -ETIMEDOUT, "no room for the second");
	is(green_chan_len(ch), 1, "one is in it");
	is(received(0), 1, "take it");
	is(green_chan_len(ch), 1, "the one that waits comes in its place");
	is(result_of(id), 0, "it has been sent");
	is(received(0), 2, "and arrives");
	is(received(0), -EAGAIN, "no other");
	is(green_chan_destroy(ch), 0, "destroy");
}

int
main(void)
{
	green_clock_virtual(GREEN_SECOND);
	gives_up(0);
	gives_up(1);
	gives_up(3);
	interrupted();
	interrupted_too();
	room();
	return tap_done();
}
