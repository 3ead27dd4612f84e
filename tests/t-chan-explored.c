/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, an item that a channel took is
 * received exactly once, and one that it refused never, whichever call times
 * out, is cancelled, or finds the channel closed; and items of one sender stay
 * in order. */

#include "explored.h"

static struct green_chan *ch;
static int sent[8], received[8], last;

static int
send_one(int i, int64_t deadline)
{
	int64_t item = i;
	int error = green_chan_send(ch, &item, sizeof(item), deadline);

	sent[i] += !error;
	return error;
}

static int
recv_one(int64_t deadline)
{
	int64_t item = 0;
	int error = green_chan_recv(ch, &item, sizeof(item), deadline);

	if (!error)
		received[item]++;
	if (!error && item < last)
		received[0]++; /* that is nobody's */
	if (!error)
		last = (int)item;
	return error;
}

static void *
sender(void *arg)
{
	int error = send_one(1, *(int64_t *)arg);

	return (void *)(intptr_t)(error ? error : send_one(2, *(int64_t *)arg));
}

static void *
receiver(void *arg)
{
	int error = recv_one(*(int64_t *)arg);

	return (void *)(intptr_t)(error ? error : recv_one(*(int64_t *)arg));
}

static void *
close_it(void *arg)
{
	return (void *)(intptr_t)(green_chan_close(ch) ? -1 : (intptr_t)arg);
}

static void
begin(const void *capacity)
{
	memset(sent, 0, sizeof(sent));
	memset(received, 0, sizeof(received));
	last = 0;
	if (green_chan_create(&ch, sizeof(int64_t), *(const int64_t *)capacity,
			      NULL))
		exit(99);
}

static void *
end(void)
{
	const char *what = NULL;

	while (!recv_one(0))
		continue;
	if (received[0])
		what = "out of order";
	for (int i = 1; i < 8; i++) {
		if (received[i] < sent[i])
			what = "an item was lost";
		if (received[i] > sent[i])
			what = "an item came that was not sent, or twice";
	}
	if (green_chan_destroy(ch))
		what = "busy at the end";
	return wrong(what);
}

static void *
plain(void *capacity)
{
	green_t a, b;

	begin(capacity);
	a = spawned(sender, &never);
	b = spawned(receiver, &never);
	if (result_of(a) || result_of(b))
		return wrong("a call without a limit failed");
	return end();
}

/* Whoever is left without a partner gets one from us. */
static void *
recv_times_out(void *capacity)
{
	int64_t soon = green_after(MS);
	green_t a, b;
	int error;

	begin(capacity);
	a = spawned(receiver, &soon);
	b = spawned(sender, &soon);
	error = result_of(a);
	if (error && error != -ETIMEDOUT)
		return wrong("neither received nor timed out");
	error = result_of(b);
	if (error && error != -ETIMEDOUT)
		return wrong("neither sent nor timed out");
	return end();
}

static void *
recv_cancelled(void *capacity)
{
	int64_t soon = green_after(MS);
	green_t a, b;
	int error;

	begin(capacity);
	a = spawned(receiver, &never);
	b = spawned(sender, &soon);
	green_cancel(a);
	error = result_of(a);
	if (error && error != -ECANCELED)
		return wrong("neither received nor cancelled");
	error = result_of(b);
	if (error && error != -ETIMEDOUT)
		return wrong("neither sent nor timed out");
	return end();
}

static void *
closed(void *capacity)
{
	green_t a, b, c;
	int error;

	begin(capacity);
	a = spawned(receiver, &never);
	b = spawned(sender, &never);
	c = spawned(close_it, NULL);
	error = result_of(a);
	if (error && error != -EPIPE)
		return wrong("neither received nor closed");
	error = result_of(b);
	if (error && error != -EPIPE)
		return wrong("neither sent nor closed");
	if (result_of(c))
		return wrong("cannot be closed");
	return end();
}

static void
all(void)
{
	static int64_t capacities[] = { 0, 1, GREEN_CHAN_UNBOUNDED };
	uint64_t few = (uint64_t)tap_scale(2, 1);

	for (int i = 0; i < 3; i++) {
		printf("# capacity %lld\n", (long long)capacities[i]);
		explored(plain, &capacities[i], 3, "two and two");
		explored(recv_times_out, &capacities[i], few, "time-outs");
		explored(recv_cancelled, &capacities[i], few, "cancelled");
		explored(closed, &capacities[i], few, "closed");
	}
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
