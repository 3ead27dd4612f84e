/* SPDX-License-Identifier: MIT */
/* Proves, by every order of a few threads: a call that is cancelled while what
 * it waits for comes has either succeeded or taken nothing. No value of a
 * thread, message, lock or unit of a semaphore is lost or there twice, and no
 * scope waits for ever, whenever its members end, fail, are cancelled, or spawn
 * another. */

#include "tap.h"

#include <green.h>

static char wrong[] = "wrong";

static void *
same(int good)
{
	return good ? NULL : wrong;
}

static void *
cancels(void *arg)
{
	green_cancel(*(green_t *)arg);
	return NULL;
}

/* Run the waiting one, the one that ends the wait, and a canceller; returns
 * what the first of them returned. */
static int
race(green_fn waits, green_fn ends, void *arg)
{
	green_t waiter, ender, canceller;
	void *value = wrong;

	green_spawn(&waiter, NULL, waits, arg);
	green_spawn(&ender, NULL, ends, arg);
	green_spawn(&canceller, NULL, cancels, &waiter);
	green_join(canceller, NULL, GREEN_NEVER);
	green_join(ender, NULL, GREEN_NEVER);
	green_join(waiter, &value, GREEN_NEVER);
	return (int)(intptr_t)value;
}

static void *
result(int error)
{
	return (void *)(intptr_t)error;
}

/* ---- the end of a thread ------------------------------------------------ */

static green_t to_join;

static void *
quick(void *arg)
{
	green_yield();
	return arg;
}

static void *
joins(void *arg)
{
	void *value = NULL;
	int error = green_join(to_join, &value, GREEN_NEVER);

	return result(error ? error : value == arg ? 0 : -EILSEQ);
}

static void *
nothing(void *arg)
{
	return arg;
}

static void *
value_of_thread(void *arg)
{
	void *value = NULL;
	int error;

	green_spawn(&to_join, NULL, quick, arg);
	error = race(joins, nothing, arg);
	if (error == 0)
		return same(green_join(to_join, NULL, 0) == -ESRCH);
	if (error != -ECANCELED || green_join(to_join, &value, GREEN_NEVER))
		return wrong;
	return same(value == arg);
}

/* ---- messages ----------------------------------------------------------- */

static struct green_chan *chan;
static int got;

static void *
receives(void *arg)
{
	(void)arg;
	return result(green_chan_recv(chan, &got, sizeof(got), GREEN_NEVER));
}

static void *
sends(void *arg)
{
	int item = 42;

	(void)arg;
	return result(green_chan_send(chan, &item, sizeof(item), GREEN_NEVER));
}

static void *
receiver_first(void *arg)
{
	(void)arg;
	if (green_chan_recv(chan, &got, sizeof(got), GREEN_NEVER))
		got = -1;
	return NULL;
}

/* The receiver is cancelled; arg: the capacity. An unbuffered send goes on
 * until somebody else receives. */
static void *
message_received(void *arg)
{
	green_t waiter, sender, canceller;
	void *value = NULL, *sent = wrong;
	int again;

	got = 0;
	green_chan_create(&chan, sizeof(got), (intptr_t)arg, NULL);
	green_spawn(&waiter, NULL, receives, NULL);
	green_spawn(&sender, NULL, sends, NULL);
	green_spawn(&canceller, NULL, cancels, &waiter);
	green_join(canceller, NULL, GREEN_NEVER);
	green_join(waiter, &value, GREEN_NEVER);
	if (value) {
		if (got || result(-ECANCELED) != value)
			return wrong;
		if (green_chan_recv(chan, &got, sizeof(got), GREEN_NEVER))
			return wrong;
	}
	green_join(sender, &sent, GREEN_NEVER);
	again = green_chan_recv(chan, &got, sizeof(got), 0);
	if (sent || got != 42 || again != -EAGAIN)
		return wrong;
	return same(green_chan_destroy(chan) == 0);
}

/* The sender is. */
static void *
message_sent(void *arg)
{
	green_t sender, receiver, canceller;
	void *value = wrong;

	got = 0;
	green_chan_create(&chan, sizeof(got), (intptr_t)arg, NULL);
	green_spawn(&sender, NULL, sends, NULL);
	green_spawn(&receiver, NULL, receiver_first, NULL);
	green_spawn(&canceller, NULL, cancels, &sender);
	green_join(canceller, NULL, GREEN_NEVER);
	green_join(sender, &value, GREEN_NEVER);
	if (value) {
		if (value != result(-ECANCELED) || got)
			return wrong;
		sends(NULL);
	}
	green_join(receiver, NULL, GREEN_NEVER);
	if (got != 42 || green_chan_recv(chan, &got, sizeof(got), 0) != -EAGAIN)
		return wrong;
	return same(green_chan_destroy(chan) == 0);
}

/* ---- semaphores and locks ------------------------------------------------ */

static struct green_sem sem;
static struct green_mutex mutex;

static void *
takes(void *arg)
{
	(void)arg;
	return result(green_sem_wait(&sem, GREEN_NEVER));
}

static void *
gives(void *arg)
{
	green_sem_post(&sem);
	return arg;
}

static void *
unit_of_semaphore(void *arg)
{
	int error;

	green_sem_init(&sem, 0, NULL);
	error = race(takes, gives, arg);
	if (error && error != -ECANCELED)
		return wrong;
	if (green_sem_wait(&sem, 0) != (error ? 0 : -EAGAIN))
		return wrong;
	return same(green_sem_fini(&sem) == 0);
}

static void *
locks(void *arg)
{
	int error = green_mutex_lock(&mutex, GREEN_NEVER);

	(void)arg;
	if (error)
		return result(error);
	return result(green_mutex_unlock(&mutex));
}

static void *
locks_too(void *arg)
{
	if (green_mutex_lock(&mutex, GREEN_NEVER))
		return wrong;
	green_yield();
	green_mutex_unlock(&mutex);
	return arg;
}

static void *
lock(void *arg)
{
	int error;

	green_mutex_init(&mutex, NULL);
	error = race(locks, locks_too, arg);
	if (error && error != -ECANCELED)
		return wrong;
	if (green_mutex_lock(&mutex, 0) || green_mutex_unlock(&mutex))
		return wrong;
	return same(green_mutex_fini(&mutex) == 0);
}

/* ---- scopes -------------------------------------------------------------- */

static struct green_scope *scope;
static int members, gone;

static void *
member(void *arg)
{
	green_sleep_until(arg ? green_after(GREEN_SECOND) : GREEN_NEVER);
	gone++;
	return NULL;
}

static void *
member_spawns(void *arg)
{
	if (!green_scope_spawn(scope, NULL, NULL, member, arg))
		members++;
	gone++;
	return NULL;
}

static void *
member_fails(void *arg)
{
	green_yield();
	green_scope_fail(scope, -EIO);
	gone++;
	return arg;
}

/* The failure cancels the member that sleeps for ever. */
static void *
failing_scope(void *arg)
{
	struct green_scope_attr attr = { .size = sizeof(attr),
					 .flags = GREEN_SCOPE_FAIL_CANCELS };

	members = 3;
	gone = 0;
	green_scope_create(&scope, &attr);
	green_scope_spawn(scope, NULL, NULL, member, NULL);
	green_scope_spawn(scope, NULL, NULL, member_fails, NULL);
	green_scope_spawn(scope, NULL, NULL, member_spawns, NULL);
	if (green_scope_wait(scope, GREEN_NEVER) != -EIO || gone != members)
		return wrong;
	(void)arg;
	return same(green_scope_destroy(scope) == 0);
}

/* Destroyed at any moment, by one that is cancelled at any moment. */
static void *
owns(void *arg)
{
	int error;

	members = 2;
	gone = 0;
	green_scope_create(&scope, NULL);
	green_scope_spawn(scope, NULL, NULL, member_spawns, arg);
	green_scope_spawn(scope, NULL, NULL, member, NULL);
	error = green_scope_wait(scope, green_after(2 * GREEN_SECOND));
	if (error != -ECANCELED && error != -ETIMEDOUT)
		return wrong;
	if (green_scope_destroy(scope) || gone != members)
		return wrong;
	return NULL;
}

static void *
destroyed_scope(void *arg)
{
	return same(race(owns, nothing, arg) == 0);
}

/* ---- all of them --------------------------------------------------------- */

/* preemptions: at most so many in a run; 0: every order. */
static void
explore(const char *name, green_fn fn, void *arg, uint64_t preemptions)
{
	struct green_explore_attr attr = {
		.size = sizeof(attr),
		.flags = GREEN_EXPLORE_PREEMPT,
		.max_runs = (uint64_t)tap_scale(0, 2000),
		.max_preemptions = preemptions,
		.name = name,
	};
	struct green_explore_result r = { .size = sizeof(r) };

	is(green_explore(&attr, fn, arg, &r), 0, "%s", name);
	if (!attr.max_preemptions && !attr.max_runs &&
	    !getenv("GREEN_SCHEDULE"))
		is(r.complete, 1, "%s: in every order", name);
	printf("# %llu runs\n", (unsigned long long)r.runs);
}

int
main(void)
{
	explore("value", value_of_thread, &to_join, 0);
	explore("received", message_received, (void *)0, 0);
	explore("received-buffered", message_received, (void *)1, 0);
	explore("sent", message_sent, (void *)0, 0);
	explore("sent-buffered", message_sent, (void *)1, 0);
	explore("semaphore", unit_of_semaphore, NULL, 0);
	explore("lock", lock, NULL, 0);
	explore("failing-scope", failing_scope, NULL, 0);
	/* There are millions. */
	explore("destroyed-scope", destroyed_scope, NULL, 1);
	return tap_done();
}
