/* SPDX-License-Identifier: MIT */
/* Proves: a select ends at its deadline or at the first of its times, whichever
 * comes first, at exactly that time; a time wins over a deadline that is the
 * same; an interruption and a cancellation end it, and so does nothing else
 * when there are no clauses; and what it waited for is as it was. */

#include "tap.h"

#include <green.h>

#define MS GREEN_MILLISECOND

static struct green_chan *ch;
static uint64_t item = 1;

static struct green_clause
at(int64_t time)
{
	struct green_clause c = { .kind = GREEN_CLAUSE_TIMER, .time = time };

	return c;
}

static struct green_clause
on(uint32_t kind)
{
	struct green_clause c = { .kind = kind, .object = ch };

	c.item = &item;
	c.size = 8;
	return c;
}

static void
times(void)
{
	int64_t start = green_now();
	struct green_clause c[4] = { on(GREEN_CLAUSE_RECV), at(start + 3 * MS),
				     at(start + 2 * MS), at(GREEN_NEVER) };

	is(green_select(c, 4, start + MS), -ETIMEDOUT, "the deadline is first");
	is(green_now() - start, MS, "at that time");
	is(green_select(c, 4, start + 2 * MS), 2, "a tie: the clause");
	is(green_now() - start, 2 * MS, "at that time");
	is(c[2].result, 0, "result");
	is(green_select(c, 4, GREEN_NEVER), 2, "it has passed");
	c[2].kind = GREEN_CLAUSE_NONE;
	is(green_select(c, 4, GREEN_NEVER), 1, "the next one");
	is(green_now() - start, 3 * MS, "at its time");
	c[1].time = GREEN_NEVER;
	is(green_select(c, 4, start + 5 * MS), -ETIMEDOUT, "never");
	is(green_select(c + 3, 1, 0), -EAGAIN, "not even once");
	is(green_select(c + 3, 1, 1), -ETIMEDOUT, "with a passed deadline");
	c[3].time = 0;
	is(green_select(c + 3, 1, 0), 0, "time 0 has come");
	is(green_chan_destroy(ch), 0, "nobody waits");
	green_chan_create(&ch, 8, 0, NULL);
}

static void
nothing(void)
{
	struct green_clause none[2] = { { .kind = GREEN_CLAUSE_NONE } };
	int64_t start = green_now();

	is(green_select(NULL, 0, 0), -EAGAIN, "no clauses, try once");
	is(green_select(NULL, 0, 1), -ETIMEDOUT, "a passed deadline");
	is(green_select(NULL, 0, start + MS), -ETIMEDOUT, "a deadline");
	is(green_now() - start, MS, "at that time");
	is(green_select(none, 2, start + 2 * MS), -ETIMEDOUT, "none twice");
	is(green_now() - start, 2 * MS, "at that time");
}

static void *
selects(void *arg)
{
	struct green_clause c[2] = { on(GREEN_CLAUSE_SEND),
				     on(GREEN_CLAUSE_RECV) };

	return (void *)(intptr_t)green_select(arg ? c : NULL, arg ? 2 : 0,
					      GREEN_NEVER);
}

static intptr_t
result_of(green_t id)
{
	void *value = NULL;

	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static void
ended(int (*end)(green_t id), int error, const char *what)
{
	uint64_t n = 4711;
	green_t id;

	for (int i = 0; i < 2; i++) {
		green_spawn(&id, NULL, selects, i ? &item : NULL);
		green_yield();
		is(end(id), 0, "%s", what);
		is(result_of(id), error, "it is told");
	}
	is(green_chan_recv(ch, &n, 8, 0), -EAGAIN, "nothing was sent");
	is(green_chan_send(ch, &n, 8, 0), -EAGAIN, "nobody receives");

	/* And something that it waits for, too, before it has run. */
	green_spawn(&id, NULL, selects, &item);
	green_yield();
	end(id);
	if (green_chan_recv(ch, &n, 8, 0) == 0) {
		is(result_of(id), 0, "it has sent");
		is(n, 1, "this");
	} else {
		is(result_of(id), error, "it was told");
		is(n, 4711, "and has sent nothing");
	}
	is(green_chan_recv(ch, &n, 8, 0), -EAGAIN, "nothing is left");
}

static void *
selects_shut(void *arg)
{
	struct green_clause c[1] = { at(1) };

	(void)arg;
	return (void *)(intptr_t)green_select(c, 1, GREEN_NEVER);
}

int
main(void)
{
	green_t id;

	green_clock_virtual(GREEN_SECOND);
	green_chan_create(&ch, 8, 0, NULL);
	times();
	nothing();
	ended(green_interrupt, -EINTR, "interrupt");
	ended(green_cancel, -ECANCELED, "cancel");
	green_spawn(&id, NULL, selects_shut, NULL);
	green_cancel(id);
	is(result_of(id), -ECANCELED, "cancelled before, though ready");
	is(green_chan_destroy(ch), 0, "nobody waits");
	return tap_done();
}
