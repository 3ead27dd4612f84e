/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, a select does one of its
 * clauses or none: no item of two channels is lost or comes twice, whether it
 * sends or receives, times out or is cancelled; two selects meet; and each of
 * the clauses that are ready is chosen in some run. */

#include "explored.h"

#include <green/chan.h>
#include <green/select.h>

static struct green_chan *chans[2];
static int sent[2], received[2], chosen[2];

static void
begin(void *capacity)
{
	memset(sent, 0, sizeof(sent));
	memset(received, 0, sizeof(received));
	for (int i = 0; i < 2; i++)
		if (green_chan_create(&chans[i], sizeof(int64_t),
				      *(int64_t *)capacity, NULL))
			exit(99);
}

static void *
end(void)
{
	const char *what = NULL;
	int64_t item;

	for (int i = 0; i < 2; i++) {
		while (!green_chan_recv(chans[i], &item, sizeof(item), 0))
			received[i] += item == i ? 1 : 100;
		if (received[i] < sent[i])
			what = "an item was lost";
		if (received[i] > sent[i])
			what = "an item came twice, or from elsewhere";
		if (green_chan_destroy(chans[i]))
			what = "busy at the end";
	}
	return wrong(what);
}

static int
select_recv(int64_t deadline)
{
	int64_t items[2] = { 9, 9 };
	struct green_clause c[2];
	int i;

	memset(c, 0, sizeof(c));
	for (i = 0; i < 2; i++) {
		c[i].kind = GREEN_CLAUSE_RECV;
		c[i].object = chans[i];
		c[i].item = &items[i];
		c[i].size = sizeof(items[i]);
	}
	i = green_select(c, 2, deadline);
	if (i < 0)
		return i;
	chosen[i] = 1;
	received[i] += !c[i].result && items[i] == i ? 1 : 100;
	return 0;
}

static int
select_send(int64_t deadline)
{
	int64_t items[2] = { 0, 1 };
	struct green_clause c[2];
	int i;

	memset(c, 0, sizeof(c));
	for (i = 0; i < 2; i++) {
		c[i].kind = GREEN_CLAUSE_SEND;
		c[i].object = chans[i];
		c[i].item = &items[i];
		c[i].size = sizeof(items[i]);
	}
	i = green_select(c, 2, deadline);
	if (i < 0)
		return i;
	sent[i] += !c[i].result ? 1 : 100;
	return 0;
}

static void *
recv_any(void *deadline)
{
	return (void *)(intptr_t)select_recv(*(int64_t *)deadline);
}

static void *
send_any(void *deadline)
{
	return (void *)(intptr_t)select_send(*(int64_t *)deadline);
}

static void *
send_to(void *chan)
{
	int64_t i = (struct green_chan **)chan - chans;
	int error = green_chan_send(chans[i], &i, sizeof(i), green_after(MS));

	sent[i] += !error;
	return (void *)(intptr_t)error;
}

static void *
one_of_two(void *capacity)
{
	int64_t soon = green_after(MS);
	green_t a, b, c;

	begin(capacity);
	a = spawned(recv_any, &soon);
	b = spawned(send_to, &chans[0]);
	c = spawned(send_to, &chans[1]);
	if (bad(result_of(a), -ETIMEDOUT))
		return wrong("neither received nor timed out");
	if (bad(result_of(b), -ETIMEDOUT) || bad(result_of(c), -ETIMEDOUT))
		return wrong("neither sent nor timed out");
	return end();
}

static void *
cancelled(void *capacity)
{
	green_t a, b, c;

	begin(capacity);
	a = spawned(recv_any, &never);
	b = spawned(send_to, &chans[0]);
	c = spawned(send_to, &chans[1]);
	green_cancel(a);
	if (bad(result_of(a), -ECANCELED))
		return wrong("neither received nor cancelled");
	if (bad(result_of(b), -ETIMEDOUT) || bad(result_of(c), -ETIMEDOUT))
		return wrong("neither sent nor timed out");
	return end();
}

static void *
meet(void *capacity)
{
	int64_t soon = green_after(MS);
	green_t a, b;
	int error;

	begin(capacity);
	a = spawned(recv_any, &never);
	b = spawned(send_any, &soon);
	error = result_of(b);
	if (bad(error, -ETIMEDOUT))
		return wrong("neither sent nor timed out");
	if (error)
		green_cancel(a);
	if (bad(result_of(a), error ? -ECANCELED : 0))
		return wrong("the other one failed");
	return end();
}

/* Both are ready. */
static void *
choose(void *capacity)
{
	green_t b, c;

	begin(capacity);
	b = spawned(send_to, &chans[0]);
	c = spawned(send_to, &chans[1]);
	green_yield();
	select_recv(green_after(MS));
	select_recv(green_after(MS));
	result_of(b);
	result_of(c);
	return end();
}

static void
all(void)
{
	static int64_t capacities[] = { 0, 1 };
	uint64_t few = (uint64_t)tap_scale(2, 1);

	for (int i = 0; i < 2; i++) {
		printf("# capacity %lld\n", (long long)capacities[i]);
		explored(one_of_two, &capacities[i], few, "one of two");
		explored(cancelled, &capacities[i], few, "cancelled");
		explored(meet, &capacities[i], few, "two selects");
		chosen[0] = chosen[1] = 0;
		explored(choose, &capacities[i], 0, "both ready");
		ok(chosen[0] && chosen[1], "each was chosen");
	}
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
