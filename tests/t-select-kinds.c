/* SPDX-License-Identifier: MIT */
/* Proves: a clause of each kind is chosen when it is ready, at once and after
 * waiting for it, does what its call does, and nothing of the others happens;
 * clauses whose call fails are chosen with that as result. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

#define MS GREEN_MILLISECOND

enum {
	SEND,
	RECV,
	TIMER,
	THREAD,
	SEM,
	EVENT,
	NONE,
	KINDS
};

static struct green_chan *out, *in;
static struct green_sem sem;
static struct green_event event;
static uint64_t sent, got;
static green_t thread;
static int64_t end_at;

static void *
work(void *arg)
{
	green_sleep_until(end_at);
	return arg;
}

/* All clauses, none of them ready before a second has passed. */
static void
prepare(struct green_clause *c)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_EVENT_AUTO };

	memset(c, 0, KINDS * sizeof(*c));
	green_chan_create(&out, 8, 0, NULL);
	green_chan_create(&in, 8, 0, NULL);
	green_sem_init(&sem, 0, NULL);
	green_event_init(&event, &attr);
	end_at = green_after(GREEN_SECOND);
	green_spawn(&thread, NULL, work, &event);
	green_yield();
	sent = 42;
	got = 0;
	for (uint32_t i = 0; i < KINDS; i++)
		c[i].result = 4711;
	c[SEND].kind = GREEN_CLAUSE_SEND;
	c[SEND].object = out;
	c[SEND].item = &sent;
	c[SEND].size = 8;
	c[RECV].kind = GREEN_CLAUSE_RECV;
	c[RECV].object = in;
	c[RECV].item = &got;
	c[RECV].size = 8;
	c[TIMER].kind = GREEN_CLAUSE_TIMER;
	c[TIMER].time = green_after(2 * GREEN_SECOND);
	c[THREAD].kind = GREEN_CLAUSE_THREAD;
	c[THREAD].id = thread;
	c[SEM].kind = GREEN_CLAUSE_SEM;
	c[SEM].object = &sem;
	c[EVENT].kind = GREEN_CLAUSE_EVENT;
	c[EVENT].object = &event;
	c[NONE].object = &event; /* whatever is there */
}

static void
clean_up(void)
{
	green_join(thread, NULL, GREEN_NEVER);
	is(green_chan_destroy(out), 0, "nobody is left in it");
	is(green_chan_destroy(in), 0, "nor here");
	is(green_sem_fini(&sem), 0, "nor here");
	is(green_event_fini(&event), 0, "nor here");
}

/* What makes each kind ready, by the other side. */
static void *
other_side(void *arg)
{
	uint64_t n = 43;

	switch (*(int *)arg) {
	case SEND:
		green_chan_recv(out, &n, 8, GREEN_NEVER);
		break;
	case RECV:
		green_chan_send(in, &n, 8, GREEN_NEVER);
		break;
	case SEM:
		green_sem_post(&sem);
		break;
	case EVENT:
		green_event_set(&event);
		break;
	default:
		break;
	}
	return (void *)(uintptr_t)n;
}

/* Nothing has happened to any but chosen, and everything to that. */
static void
check(struct green_clause *c, int chosen, green_t other)
{
	uint64_t n = 0;
	void *value;
	int touched = 0;

	for (int i = 0; i < KINDS; i++)
		touched += i != chosen && c[i].result != 4711;
	is(touched, 0, "the others' results are as they were");
	is(c[chosen].result, 0, "the result");
	is(got, chosen == RECV ? 43 : 0, "what was received");
	if (chosen == SEND) {
		green_join(other, &value, GREEN_NEVER);
		is((uintptr_t)value, 42, "what was sent");
	}
	is(green_chan_recv(out, &n, 8, 0), -EAGAIN, "nothing more is sent");
	is(green_chan_send(in, &n, 8, 0), -EAGAIN, "nobody receives");
	is(green_sem_wait(&sem, 0), -EAGAIN, "the semaphore is as it was");
	is(green_event_wait(&event, 0), -EAGAIN, "so is the event");
	if (chosen == THREAD) {
		ok(c[THREAD].value == &event, "its value");
		is(green_join(thread, NULL, 0), -ESRCH, "it was joined");
	} else {
		ok(!c[THREAD].value, "no value");
		is(green_join(thread, NULL, 0), -EAGAIN, "it lives on");
	}
}

static void
chosen(int kind, int at_once, const char *name)
{
	struct green_clause c[KINDS];
	green_t other = 0;
	int64_t start = green_now();

	prepare(c);
	if (kind == TIMER)
		c[TIMER].time = at_once ? 0 : green_after(MS);
	else if (kind == THREAD && at_once)
		green_sleep_until(end_at);
	else if (kind != THREAD)
		green_spawn(&other, NULL, other_side, &kind);
	if (at_once)
		green_yield();
	is(green_select(c, KINDS, GREEN_NEVER), kind, "%s, %s", name,
	   at_once ? "at once" : "after a while");
	is(green_now() - start,
	   kind == THREAD              ? GREEN_SECOND
	   : kind == TIMER && !at_once ? MS
				       : 0,
	   "when it should");
	check(c, kind, other);
	if (kind != SEND && other)
		green_join(other, NULL, GREEN_NEVER);
	clean_up();
}

static void
manual_event(void)
{
	struct green_event e = GREEN_EVENT_INIT;
	struct green_clause c = { .kind = GREEN_CLAUSE_EVENT, .object = &e };

	green_event_set(&e);
	is(green_select(&c, 1, 0), 0, "an event that is set");
	is(green_select(&c, 1, 0), 0, "stays set");
	green_event_reset(&e);
	is(green_select(&c, 1, 0), -EAGAIN, "until it is reset");
}

static struct green_clause
joins(green_t id)
{
	struct green_clause c = { .kind = GREEN_CLAUSE_THREAD, .id = id };

	return c;
}

static void *
selects(void *arg)
{
	struct green_clause c = joins(*(green_t *)arg);

	return (void *)(intptr_t)(green_select(&c, 1, GREEN_NEVER) ?: c.result);
}

static void
failures(void)
{
	struct green_clause c;
	uint64_t n = 0;
	green_t self = green_self(), id, other;
	void *value;

	green_chan_create(&in, 8, 0, NULL);
	green_chan_close(in);
	for (uint32_t kind = GREEN_CLAUSE_SEND; kind <= GREEN_CLAUSE_RECV;
	     kind++) {
		c = (struct green_clause){ .kind = kind, .object = in };
		c.item = &n;
		c.size = 8;
		is(green_select(&c, 1, GREEN_NEVER), 0, "a closed channel");
		is(c.result, -EPIPE, "says so");
	}
	green_chan_destroy(in);

	c = joins(self);
	is(green_select(&c, 1, GREEN_NEVER), 0, "the main flow");
	is(c.result, -EINVAL, "cannot be joined");
	c = joins((green_t)-1);
	is(green_select(&c, 1, GREEN_NEVER), 0, "an id that never was");
	is(c.result, -ESRCH, "says so");

	end_at = green_after(MS);
	green_spawn(&id, NULL, work, &n);
	green_yield();
	green_spawn(&other, NULL, selects, &id);
	green_yield();
	c = joins(id);
	is(green_select(&c, 1, GREEN_NEVER), 0, "one that another waits for");
	is(c.result, -EBUSY, "says so");
	is(green_join(id, NULL, GREEN_NEVER), -EBUSY, "to a join, too");
	green_join(other, &value, GREEN_NEVER);
	is((intptr_t)value, 0, "the other has joined it");
	is(green_select(&c, 1, GREEN_NEVER), 0, "now");
	is(c.result, -ESRCH, "it is gone");
	green_spawn(&id, NULL, selects, &id);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, -EDEADLK, "nobody waits for himself");
}

/* The same thread, channel and semaphore twice, and both directions. */
static void
twice(void)
{
	struct green_clause c[6];
	uint64_t a = 1, b = 2;
	int error;

	memset(c, 0, sizeof(c));
	green_chan_create(&in, 8, 0, NULL);
	green_sem_init(&sem, 0, NULL);
	end_at = green_after(MS);
	green_spawn(&thread, NULL, work, &sem);
	green_yield();
	for (int i = 0; i < 2; i++) {
		c[i] = joins(thread);
		c[2 + i].kind = i ? GREEN_CLAUSE_SEND : GREEN_CLAUSE_RECV;
		c[2 + i].object = in;
		c[2 + i].item = i ? &a : &b;
		c[2 + i].size = 8;
		c[4 + i].kind = GREEN_CLAUSE_SEM;
		c[4 + i].object = &sem;
	}
	is(green_select(c + 2, 2, 0), -EAGAIN, "a select does not meet itself");
	error = green_select(c, 6, GREEN_NEVER);
	ok(error == 0 || error == 1, "the thread ends");
	ok(c[error & 1].value == &sem && !c[error & 1].result, "with a value");
	green_sem_post(&sem);
	error = green_select(c + 2, 4, GREEN_NEVER);
	ok(error == 2 || error == 3, "the semaphore");
	is(green_sem_wait(&sem, 0), -EAGAIN, "was taken once");
	is(green_sem_fini(&sem), 0, "nobody waits");
	is(green_chan_destroy(in), 0, "nobody waits");
}

int
main(void)
{
	static const char *const names[] = { "send",   "recv", "timer",
					     "thread", "sem",  "event" };

	green_clock_virtual(GREEN_SECOND);
	for (int kind = 0; kind < NONE; kind++)
		for (int at_once = 0; at_once < 2; at_once++)
			chosen(kind, at_once, names[kind]);
	manual_event();
	failures();
	twice();
	return tap_done();
}
