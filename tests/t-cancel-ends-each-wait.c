/* SPDX-License-Identifier: MIT */
/* Proves: each call that can block returns -ECANCELED in a thread that is
 * cancelled, at once and every time: parked in it, cancelled before it, with
 * deadline 0, and where it could succeed; a shield holds that off; and what was
 * waited for is intact afterwards. */

#include "tap.h"

#include <green.h>

static green_t sleeper, ended;
static struct green_mutex held, unlocked, of_cond;
static struct green_cond cond;
static struct green_sem empty, full;
static struct green_event event;
static struct green_chan *chan;

static void *
sleeps(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

static void *
nothing(void *arg)
{
	return arg;
}

/* ---- the calls: each blocks for ever, unless told otherwise ------------ */

static int
join(int64_t deadline)
{
	return green_join(sleeper, NULL, deadline);
}

static int
join_ended(int64_t deadline)
{
	return green_join(ended, NULL, deadline);
}

static int
sleep_until(int64_t deadline)
{
	return green_sleep_until(deadline);
}

static int
park(int64_t deadline)
{
	return green_park(deadline);
}

static int
lock(int64_t deadline)
{
	return green_mutex_lock(&held, deadline);
}

static int
lock_free(int64_t deadline)
{
	return green_mutex_lock(&unlocked, deadline);
}

/* The mutex is held again whatever came. */
static int
wait_cond(int64_t deadline)
{
	int error = green_mutex_lock(&of_cond, deadline);

	if (error)
		return error;
	error = green_cond_wait(&cond, &of_cond, deadline);
	if (green_mutex_unlock(&of_cond))
		return -EPERM;
	return error;
}

static int
take(int64_t deadline)
{
	return green_sem_wait(&empty, deadline);
}

static int
take_free(int64_t deadline)
{
	return green_sem_wait(&full, deadline);
}

static int
wait_event(int64_t deadline)
{
	return green_event_wait(&event, deadline);
}

static int
receive(int64_t deadline)
{
	char item;

	return green_chan_recv(chan, &item, 1, deadline);
}

static int
send_one(int64_t deadline)
{
	return green_chan_send(chan, "", 1, deadline);
}

static int
select_none(int64_t deadline)
{
	return green_select(NULL, 0, deadline);
}

static int
select_many(int64_t deadline)
{
	char item;
	struct green_clause c[5] = {
		{ .kind = GREEN_CLAUSE_RECV,
		  .object = chan,
		  .item = &item,
		  .size = 1 },
		{ .kind = GREEN_CLAUSE_SEM, .object = &empty },
		{ .kind = GREEN_CLAUSE_EVENT, .object = &event },
		{ .kind = GREEN_CLAUSE_THREAD, .id = sleeper },
		{ .kind = GREEN_CLAUSE_TIMER, .time = GREEN_NEVER },
	};

	return green_select(c, 5, deadline);
}

static int
select_free(int64_t deadline)
{
	struct green_clause c = { .kind = GREEN_CLAUSE_SEM, .object = &full };

	return green_select(&c, 1, deadline);
}

/* The scope's member must go on until the wait has ended. */
static int
wait_scope(int64_t deadline)
{
	struct green_scope *s;
	int error;

	green_scope_create(&s, NULL);
	green_scope_spawn(s, NULL, NULL, sleeps, NULL);
	error = green_scope_wait(s, deadline);
	if (green_scope_destroy(s))
		return -EPERM;
	return error;
}

static const struct call {
	const char *name;
	int (*fn)(int64_t deadline);
	int now;    /* what it returns with deadline 0 */
	int blocks; /* does it, with GREEN_NEVER? */
} calls[] = {
	{ "join", join, -EAGAIN, 1 },
	{ "sleep", sleep_until, 0, 1 },
	{ "park", park, -EAGAIN, 1 },
	{ "mutex", lock, -EAGAIN, 1 },
	{ "cond", wait_cond, -EAGAIN, 1 },
	{ "sem", take, -EAGAIN, 1 },
	{ "event", wait_event, -EAGAIN, 1 },
	{ "recv", receive, -EAGAIN, 1 },
	{ "send", send_one, -EAGAIN, 1 },
	{ "select", select_many, -EAGAIN, 1 },
	{ "select of nothing", select_none, -EAGAIN, 1 },
	{ "scope", wait_scope, -EAGAIN, 1 },
	/* These can succeed. */
	{ "free mutex", lock_free, 0, 0 },
	{ "free sem", take_free, 0, 0 },
	{ "select of one", select_free, 0, 0 },
	{ "join of one that has ended", join_ended, 0, 0 },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static intptr_t
result_of(green_t id)
{
	void *value = &sleeper;

	is(green_join(id, &value, GREEN_NEVER), 0, "joined");
	return (intptr_t)value;
}

static void *
blocks(void *arg)
{
	const struct call *c = arg;
	int error = c->fn(GREEN_NEVER);

	if (error != -ECANCELED)
		return (void *)(intptr_t)error;
	is(c->fn(GREEN_NEVER), -ECANCELED, "%s: again", c->name);
	is(c->fn(0), -ECANCELED, "%s: with deadline 0", c->name);
	is(c->fn(1), -ECANCELED, "%s: with one that has passed", c->name);
	is(green_cancelled(), 1, "%s: the thread knows", c->name);
	return (void *)(intptr_t)error;
}

static void *
shielded(void *arg)
{
	const struct call *c = arg;
	int error;

	is(green_shield(1), 0, "%s: shield", c->name);
	is(green_cancelled(), 0, "%s: nothing to be seen", c->name);
	is(c->fn(0), c->now, "%s: works", c->name);
	if (c->blocks) {
		error = c->fn(green_after(1));
		ok(error == -ETIMEDOUT || (!error && c->fn == sleep_until),
		   "%s: with a deadline", c->name);
	}
	is(green_shield(1), 1, "%s: another one inside", c->name);
	is(green_shield(1), 1, "%s: ends", c->name);
	is(green_shield(0), 1, "%s: the shield ends", c->name);
	return (void *)(intptr_t)c->fn(0);
}

/* By the deadline of a scope, before the own one; and afterwards. */
static void *
timed(void *arg)
{
	const struct call *c = arg;
	struct green_scope_attr attr = {
		.size = sizeof(attr),
		.deadline = green_after(GREEN_SECOND),
	};
	struct green_scope *s;
	int error;

	green_scope_create(&s, &attr);
	green_scope_enter(s);
	is(c->fn(green_after(2 * GREEN_SECOND)), -ECANCELED, "%s: timed",
	   c->name);
	is(green_now(), attr.deadline, "%s: at that time", c->name);
	error = c->fn(GREEN_NEVER);
	is(green_scope_leave(s), -ETIMEDOUT, "%s: leave", c->name);
	is(green_scope_destroy(s), 0, "%s: destroy", c->name);
	return (void *)(intptr_t)error;
}

/* A shield that is up when the cancellation comes: the call goes on. */
static void *
not_now(void *arg)
{
	const struct call *c = arg;
	int64_t until = green_after(GREEN_MILLISECOND);
	int error, shield = green_shield(1);

	error = c->fn(until);
	ok(error == -ETIMEDOUT || (error == 0 && c->fn == sleep_until),
	   "%s: until its deadline", c->name);
	ok(green_now() >= until, "%s: which has come", c->name);
	green_shield(shield);
	return (void *)(intptr_t)c->fn(GREEN_NEVER);
}

/* A green thread for the call, cancelled when it has begun, or before. */
static void
cancelled(const struct call *c, green_fn fn, int begun)
{
	green_t id;

	green_spawn(&id, NULL, fn, (void *)c);
	if (begun)
		green_yield();
	is(green_cancel(id), 0, "%s: cancel", c->name);
	is(green_cancel(id), 0, "%s: twice", c->name);
	is(result_of(id), -ECANCELED, "%s: it returned that", c->name);
}

/* What the calls wait for, in a state in which those that block do. */
static void
make_objects(void)
{
	green_mutex_init(&held, NULL);
	green_mutex_init(&unlocked, NULL);
	green_mutex_init(&of_cond, NULL);
	green_cond_init(&cond, NULL);
	green_sem_init(&empty, 0, NULL);
	green_sem_init(&full, 2, NULL);
	green_event_init(&event, NULL);
	green_chan_create(&chan, 1, 0, NULL);
	green_mutex_lock(&held, GREEN_NEVER);
}

/* Each is as it was, but for what the shielded calls took. */
static void
check_objects(void)
{
	is(green_mutex_unlock(&held), 0, "the mutex");
	is(green_mutex_fini(&held), 0, "is free");
	is(green_mutex_fini(&of_cond), 0, "the one of the condition, too");
	is(green_cond_fini(&cond), 0, "nobody waits for the condition");
	is(green_sem_wait(&full, 0), -EAGAIN, "the full semaphore is empty");
	is(green_sem_fini(&full), 0, "nobody waits for it");
	is(green_sem_fini(&empty), 0, "nor for the other");
	is(green_event_fini(&event), 0, "nor for the event");
	is(green_chan_destroy(chan), 0, "nor for the channel");
}

int
main(void)
{
	is(green_clock_virtual(GREEN_SECOND), 0, "a virtual clock");
	make_objects();
	green_spawn(&sleeper, NULL, sleeps, &sleeper);
	green_spawn(&ended, NULL, nothing, &ended);
	green_yield();
	for (size_t i = 0; i < CALLS; i++) {
		const struct call *c = &calls[i];
		green_t id;

		cancelled(c, blocks, 0);
		if (!c->blocks)
			continue;
		cancelled(c, blocks, 1);
		cancelled(c, not_now, 1);
		green_spawn(&id, NULL, timed, (void *)c);
		is(result_of(id), -ECANCELED, "%s: from then on", c->name);
	}
	is(green_sem_wait(&full, 0), 0, "the full semaphore");
	is(green_sem_wait(&full, 0), 0, "is full");
	green_sem_post(&full);
	green_sem_post(&full);
	for (size_t i = 0; i < CALLS; i++)
		cancelled(&calls[i], shielded, 0);
	is(green_join(ended, NULL, 0), -ESRCH, "it was joined in a shield");
	check_objects();
	is(green_join(sleeper, NULL, 0), -EAGAIN, "the sleeper slept");
	is(green_cancel(sleeper), 0, "until now");
	is(result_of(sleeper), (intptr_t)&sleeper, "the value it returned");
	return tap_done();
}
