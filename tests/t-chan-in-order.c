/* SPDX-License-Identifier: MIT */
/* Proves: items of any size arrive in the order in which they were sent,
 * through channels of any capacity; who waits is served first come, first
 * served; and an item that was handed to a waiting receiver is nobody else's.
 */

#include "tap.h"

#include <green.h>

static struct green_chan *ch;
static char order[64];

struct large {
	int number;
	char text[1000];
};

static void *
receives(void *arg)
{
	int n;

	if (green_chan_recv(ch, &n, sizeof(n), GREEN_NEVER) == 0)
		snprintf(order + strlen(order), sizeof(order) - strlen(order),
			 "%s%d ", (const char *)arg, n);
	return NULL;
}

static void
receivers_in_order(int64_t capacity)
{
	static char names[][2] = { "a", "b", "c" };
	green_t ids[3];
	int n;

	*order = '\0';
	green_chan_create(&ch, sizeof(n), capacity, NULL);
	for (int i = 0; i < 3; i++)
		green_spawn(&ids[i], NULL, receives, names[i]);
	green_yield();
	for (n = 1; n <= 3; n++)
		is(green_chan_send(ch, &n, sizeof(n), 0), 0, "send %d", n);
	n = 0;
	is(green_chan_recv(ch, &n, sizeof(n), 0), -EAGAIN, "they are taken");
	is(n, 0, "and nothing was written");
	is(green_chan_len(ch), 0, "none is in the channel");
	for (int i = 0; i < 3; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	ok(!strcmp(order, "a1 b2 c3 "), "in order: %s", order);
	is(green_chan_destroy(ch), 0, "destroy");
}

static void *
sends(void *arg)
{
	int n = *(int *)arg;
	int error = green_chan_send(ch, &n, sizeof(n), GREEN_NEVER);

	snprintf(order + strlen(order), sizeof(order) - strlen(order), "%d",
		 error);
	return NULL;
}

static void
senders_in_order(int64_t capacity)
{
	static int numbers[] = { 1, 2, 3, 4, 5 };
	green_t ids[5];
	int n;

	*order = '\0';
	green_chan_create(&ch, sizeof(n), capacity, NULL);
	for (int i = 0; i < 5; i++)
		green_spawn(&ids[i], NULL, sends, &numbers[i]);
	green_yield();
	is(green_chan_len(ch), capacity, "so many are stored");
	is(strlen(order), capacity, "and so many have been sent");
	n = 6;
	is(green_chan_send(ch, &n, sizeof(n), 0), -EAGAIN, "there is no room");
	for (int i = 1; i <= 5; i++) {
		n = 0;
		is(green_chan_recv(ch, &n, sizeof(n), 0), 0, "receive");
		is(n, i, "number %d", i);
	}
	is(green_chan_recv(ch, &n, sizeof(n), 0), -EAGAIN, "nothing is left");
	for (int i = 0; i < 5; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	ok(!strcmp(order, "00000"), "all were sent: %s", order);
	is(green_chan_destroy(ch), 0, "destroy");
}

static void *
many(void *arg)
{
	int wrong = 0;

	for (int i = 0; i < *(int *)arg; i++)
		wrong |= green_chan_send(ch, &i, sizeof(i), GREEN_NEVER);
	return wrong ? arg : NULL;
}

/* The ring goes round several times, at different lengths. */
static void
streams(int64_t capacity)
{
	int count = 1000, wrong = 0, n;
	void *value;
	green_t id;

	green_chan_create(&ch, sizeof(n), capacity, NULL);
	green_spawn(&id, NULL, many, &count);
	for (int i = 0; i < count; i++) {
		if (i % 7 == 0)
			green_yield();
		wrong += green_chan_recv(ch, &n, sizeof(n), GREEN_NEVER) != 0;
		wrong += n != i;
	}
	green_join(id, &value, GREEN_NEVER);
	ok(!wrong && !value, "%d in order, capacity %lld", count,
	   (long long)capacity);
	is(green_chan_destroy(ch), 0, "destroy");
}

/* It grows while its ring begins in the middle, and becomes small again. */
static void
unbounded(void)
{
	int next = 0, got = 0, wrong = 0, n;

	is(green_chan_create(&ch, sizeof(n), GREEN_CHAN_UNBOUNDED, NULL), 0,
	   "unbounded");
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 30000; i++, next++) {
			wrong += green_chan_send(ch, &next, sizeof(n), 0) != 0;
			if (i % 3)
				continue;
			wrong += green_chan_recv(ch, &n, sizeof(n), 0) != 0;
			wrong += n != got++;
		}
		is(green_chan_len(ch), next - got, "length");
		while (green_chan_recv(ch, &n, sizeof(n), 0) == 0)
			wrong += n != got++;
		is(got, next, "all have arrived");
	}
	is(wrong, 0, "in order");
	/* What nobody has taken goes with the channel. */
	green_chan_send(ch, &n, sizeof(n), 0);
	is(green_chan_destroy(ch), 0, "destroy");
}

static void *
large(void *arg)
{
	struct large l;

	for (int i = 0; i < 3; i++) {
		l.number = i;
		memset(l.text, 'a' + i, sizeof(l.text));
		green_chan_send(ch, &l, sizeof(l), GREEN_NEVER);
		memset(&l, 0, sizeof(l));
	}
	return arg;
}

static void
sizes(int64_t capacity)
{
	struct large l;
	int wrong = 0;
	green_t id;

	green_chan_create(&ch, sizeof(l), capacity, NULL);
	green_spawn(&id, NULL, large, NULL);
	for (int i = 0; i < 3; i++) {
		memset(&l, 0, sizeof(l));
		wrong += green_chan_recv(ch, &l, sizeof(l), GREEN_NEVER) != 0;
		wrong += l.number != i;
		for (size_t k = 0; k < sizeof(l.text); k++)
			wrong += l.text[k] != 'a' + i;
	}
	is(wrong, 0, "large items, capacity %lld", (long long)capacity);
	green_join(id, NULL, GREEN_NEVER);
	green_chan_destroy(ch);
}

static void *
signals(void *arg)
{
	return (void *)(intptr_t)green_chan_send(arg, NULL, 0, GREEN_NEVER);
}

static void
without_data(int64_t capacity)
{
	green_t id;

	is(green_chan_create(&ch, 0, capacity, NULL), 0, "signals");
	green_spawn(&id, NULL, signals, ch);
	is(green_chan_recv(ch, NULL, 0, 0), -EAGAIN, "none yet");
	is(green_chan_recv(ch, NULL, 0, GREEN_NEVER), 0, "one");
	is(green_join(id, NULL, GREEN_NEVER), 0, "sent");
	is(green_chan_recv(ch, NULL, 0, 0), -EAGAIN, "no more");
	for (int i = 0; i < 3 && capacity; i++)
		green_chan_send(ch, NULL, 0, 0);
	is(green_chan_len(ch), capacity < 3 ? capacity : 3, "length");
	is(green_chan_destroy(ch), 0, "destroy");
}

int
main(void)
{
	const int64_t capacities[] = { 0, 1, 2, 3, 128, GREEN_CHAN_UNBOUNDED };

	for (size_t i = 0; i < 6; i++) {
		receivers_in_order(capacities[i]);
		streams(capacities[i]);
		sizes(capacities[i]);
		without_data(capacities[i]);
	}
	for (size_t i = 0; i < 4; i++)
		senders_in_order(capacities[i]);
	unbounded();
	return tap_done();
}
