/* SPDX-License-Identifier: MIT */
/* Proves: in every order of two threads beside the main one, preempted before
 * each call and with deadlines that come at any moment, and in all orders with
 * few preemptions of three: a receive or a select that is
 * cancelled, interrupted or times out loses no item and doubles none; the same
 * holds of what a sender offers; a semaphore's ones and an event that resets
 * itself are each taken once; two selects that meet agree. */

#include "tap.h"

#include <green.h>

static struct green_chan *ch, *other;
static struct green_sem sem;
static struct green_event event;
static int sent, got;
static char wrong;

/* preemptions: 0: in every order. */
static void
explores(green_fn fn, void *arg, uint64_t preemptions, const char *what)
{
	struct green_explore_attr attr = {
		.size = sizeof(attr),
		.flags = GREEN_EXPLORE_PREEMPT | GREEN_EXPLORE_TIMEOUTS,
		.max_preemptions = preemptions,
		.name = "chan",
	};
	struct green_explore_result result = { .size = sizeof(result) };

	is(green_explore(&attr, fn, arg, &result), 0, "%s", what);
	is(result.complete, !preemptions, "in every order, or not");
	ok(result.runs > 10, "%llu of them", (unsigned long long)result.runs);
}

/* ---- the parts of the programs ------------------------------------------- */

static void *
sends(void *arg)
{
	int64_t deadline = arg ? green_after(GREEN_SECOND) : GREEN_NEVER;
	uint64_t item = 1;

	sent += green_chan_send(ch, &item, 8, deadline) == 0;
	return NULL;
}

static void *
receives(void *arg)
{
	int64_t deadline = arg ? green_after(GREEN_SECOND) : GREEN_NEVER;
	uint64_t item = 0;

	if (green_chan_recv(ch, &item, 8, deadline) == 0 && item == 1)
		got++;
	return NULL;
}

/* Receives from either, or takes one of the semaphore, or sees the event. */
static void *
selects(void *arg)
{
	uint64_t item = 0;
	struct green_clause c[4] = {
		{ .kind = GREEN_CLAUSE_RECV, .object = ch },
		{ .kind = GREEN_CLAUSE_RECV, .object = other },
		{ .kind = GREEN_CLAUSE_SEM, .object = &sem },
		{ .kind = GREEN_CLAUSE_EVENT, .object = &event },
	};
	int i;

	c[0].item = c[1].item = &item;
	c[0].size = c[1].size = 8;
	i = green_select(c, 4, arg ? green_after(GREEN_SECOND) : GREEN_NEVER);
	got += i >= 0 && c[i].result == 0;
	return NULL;
}

static void
begin(int64_t capacity)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_EVENT_AUTO };

	sent = got = 0;
	green_chan_create(&ch, 8, capacity, NULL);
	green_chan_create(&other, 8, 0, NULL);
	green_sem_init(&sem, 0, NULL);
	green_event_init(&event, &attr);
}

/* NULL if all that was sent was got, or is there, and nobody is left. */
static void *
end(void)
{
	uint64_t item;

	while (green_chan_recv(ch, &item, 8, 0) == 0)
		got++;
	while (green_sem_wait(&sem, 0) == 0)
		got++;
	got += green_event_wait(&event, 0) == 0;
	if (green_chan_destroy(ch) || green_chan_destroy(other) ||
	    green_sem_fini(&sem) || green_event_fini(&event))
		return &wrong;
	return sent == got ? NULL : &wrong;
}

/* ---- the programs ----------------------------------------------------------
 */

struct program {
	int64_t capacity;
	green_fn receiver;
	int (*ends)(green_t id);
	int timed; /* both sides have deadlines */
};

/* A sender, a receiver, and the end of the latter's wait. */
static void *
ended(void *arg)
{
	const struct program *p = arg;
	green_t a, b;
	int error;

	begin(p->capacity);
	green_spawn(&a, NULL, p->receiver, p->timed ? &wrong : NULL);
	green_spawn(&b, NULL, sends, &wrong);
	error = p->ends ? p->ends(a) : 0;
	if (error && error != -EALREADY && error != -ESRCH)
		return &wrong;
	/* An interruption may have come to nothing: then somebody sends. */
	if (p->ends == green_interrupt) {
		green_chan_close(ch);
		green_sem_post(&sem);
		sent++;
	}
	green_join(a, NULL, GREEN_NEVER);
	green_join(b, NULL, GREEN_NEVER);
	return end();
}

/* Three that give, each in its way, and two selects that take. */
static void *
given(void *arg)
{
	green_t ids[3];
	void *bad = NULL;

	(void)arg;
	begin(1);
	green_spawn(&ids[0], NULL, selects, NULL);
	green_spawn(&ids[1], NULL, selects, NULL);
	green_spawn(&ids[2], NULL, sends, NULL);
	green_sem_post(&sem);
	green_event_set(&event);
	sent += 2;
	for (int i = 0; i < 3; i++)
		if (green_join(ids[i], NULL, GREEN_NEVER))
			bad = &wrong;
	return bad ? bad : end();
}

/* Each sends on one channel or receives on the other. */
static void *
crosses(void *arg)
{
	uint64_t to = 1, from = 0;
	struct green_clause c[2] = {
		{ .kind = GREEN_CLAUSE_SEND, .object = arg ? ch : other },
		{ .kind = GREEN_CLAUSE_RECV, .object = arg ? other : ch },
	};
	int i;

	c[0].item = &to;
	c[1].item = &from;
	c[0].size = c[1].size = 8;
	i = green_select(c, 2, GREEN_NEVER);
	sent += i == 0;
	got += i == 1 && from == 1;
	return NULL;
}

static void *
meet(void *arg)
{
	green_t a, b;

	(void)arg;
	begin(0);
	green_spawn(&a, NULL, crosses, NULL);
	green_spawn(&b, NULL, crosses, &wrong);
	green_join(a, NULL, GREEN_NEVER);
	green_join(b, NULL, GREEN_NEVER);
	return sent == 1 ? end() : &wrong;
}

/* Two senders, two receivers, of which one gives up in time. */
static void *
plain(void *arg)
{
	green_t ids[3];

	begin(*(int64_t *)arg);
	green_spawn(&ids[0], NULL, receives, &wrong);
	green_spawn(&ids[1], NULL, receives, NULL);
	green_spawn(&ids[2], NULL, sends, NULL);
	sends(&wrong);
	green_chan_close(ch);
	for (int i = 0; i < 3; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return end();
}

int
main(void)
{
	static struct program programs[] = {
		{ 0, receives, green_cancel, 0 },
		{ 1, receives, green_cancel, 0 },
		{ 0, selects, green_cancel, 0 },
		{ 1, selects, green_cancel, 0 },
		{ 0, receives, NULL, 1 },
		{ 1, receives, NULL, 1 },
		{ 0, selects, NULL, 1 },
		{ 0, receives, green_interrupt, 0 },
		{ 0, selects, green_interrupt, 0 },
	};
	static const char *const what[] = {
		"cancelled receive",  "cancelled receive, buffered",
		"cancelled select",   "cancelled select, buffered",
		"timed receive",      "timed receive, buffered",
		"timed select",       "interrupted receive",
		"interrupted select",
	};
	static int64_t capacities[] = { 0, 1 };

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		explores(ended, &programs[i], 0, what[i]);
	explores(given, NULL, 2, "given in three ways");
	explores(meet, NULL, 0, "two selects");
	explores(plain, &capacities[0], 2, "two and two");
	explores(plain, &capacities[1], 2, "two and two, buffered");
	return tap_done();
}
