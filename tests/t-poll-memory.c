/* SPDX-License-Identifier: MIT */
/* Proves: waiting for descriptors when memory is exhausted, at each allocation
 * in turn, or when no descriptor is left for the poller, is an error and
 * nothing else; polling without waiting needs no memory; and what polls and
 * selects took is given back, when a thread is abandoned in them, too. */

#include "tap.h"

#include <poll.h>
#include <pthread.h>

#include <green.h>

#include "mem.h"

#define MANY 40

static int ins[MANY], outs[MANY];

static void
fill_polls(struct pollfd *p)
{
	for (int i = 0; i < MANY; i++)
		p[i] = (struct pollfd){ .fd = ins[i], .events = POLLIN };
}

static void
fill_clauses(struct green_clause *c)
{
	memset(c, 0, MANY * sizeof(*c));
	for (int i = 0; i < MANY; i++) {
		c[i].kind = GREEN_CLAUSE_READABLE;
		c[i].id = (uint64_t)ins[i];
	}
}

static int
poll_many(int64_t deadline)
{
	struct pollfd p[MANY];

	fill_polls(p);
	return green_poll(p, MANY, deadline);
}

static int
select_many(int64_t deadline)
{
	struct green_clause c[MANY];

	fill_clauses(c);
	return green_select(c, MANY, deadline);
}

/* Few in many: what they need is on the heap all the same. */
static int
select_few(int64_t deadline)
{
	struct green_clause c[MANY];

	fill_clauses(c);
	for (int i = 3; i < MANY; i++)
		c[i].kind = GREEN_CLAUSE_NONE;
	return green_select(c, MANY, deadline);
}

static int
select_one(int64_t deadline)
{
	struct green_clause c[MANY];

	fill_clauses(c);
	return green_select(c, 1, deadline);
}

/* The descriptor for a loop of somebody else's. */
static int
shown(int64_t deadline)
{
	int fd = green_poll_fd();

	(void)deadline;
	return fd < 0 ? fd : -ETIMEDOUT;
}

typedef int wait_fn(int64_t deadline);

/* In an OS thread of its own, which has no worker and no poller yet. */
static void *
exhausted(void *arg)
{
	wait_fn *wait = *(wait_fn **)arg;
	intptr_t failed = 0;
	int error;

	green__mem_fail_after(0);
	error = wait(GREEN_NEVER);
	green__mem_fail_after(-1);
	if (error != -ENOMEM || green_clock_virtual(GREEN_SECOND))
		return NULL;
	for (int n = 0;; n++) {
		green__mem_fail_after(n);
		error = wait(green_after(GREEN_SECOND));
		green__mem_fail_after(-1);
		if (error != -ENOMEM)
			break;
		failed++;
	}
	return (void *)(error == -ETIMEDOUT ? failed : 0);
}

static void
in_turn(wait_fn *wait, const char *what)
{
	pthread_t os_thread;
	void *failed;

	pthread_create(&os_thread, NULL, exhausted, &wait);
	pthread_join(os_thread, &failed);
	ok((intptr_t)failed > 1, "%s: failed %d times", what,
	   (int)(intptr_t)failed);
}

/* Without waiting. */
static void
needs_none(void)
{
	green__mem_fail_after(0);
	is(poll_many(0), -EAGAIN, "a poll that does not wait");
	is(write(outs[0], "x", 1), 1, "a byte");
	is(poll_many(0), 1, "or has something");
	is(select_one(GREEN_NEVER), 0, "a select with few clauses");
	is(select_few(GREEN_NEVER), -ENOMEM, "one with many");
	is(poll_many(GREEN_NEVER), -ENOMEM, "a poll that may wait");
	green__mem_fail_after(-1);
	is(select_few(GREEN_NEVER), 0, "all is as it was");
	is(read(ins[0], &(char){ 0 }, 1), 1, "the byte, too");
}

static void *
no_descriptor(void *arg)
{
	wait_fn *wait = *(wait_fn **)arg;
	struct rlimit limit, none;
	intptr_t error;

	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = MANY * 2; /* enough for poll(2), and all in use */
	setrlimit(RLIMIT_NOFILE, &none);
	error = wait(green_after(GREEN_SECOND));
	setrlimit(RLIMIT_NOFILE, &limit);
	return (void *)error;
}

static void
full(wait_fn *wait, const char *what)
{
	pthread_t os_thread;
	void *error;

	pthread_create(&os_thread, NULL, no_descriptor, &wait);
	pthread_join(os_thread, &error);
	is((intptr_t)error, -EMFILE, "%s: no descriptor is left", what);
}

/* ---- abandoned ------------------------------------------------------------
 */

static void *
is_left(void *arg)
{
	wait_fn *wait = *(wait_fn **)arg;

	wait(GREEN_NEVER);
	return arg;
}

static void *
leaves(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, is_left, arg);
	green_yield();
	return arg;
}

static void
abandoned(wait_fn *wait, const char *what)
{
	long live = green__mem_live();
	pthread_t os_thread;

	pthread_create(&os_thread, NULL, leaves, &wait);
	pthread_join(os_thread, NULL);
	is(green__mem_live(), live, "%s: nothing is left", what);
	is(write(outs[1], "x", 1), 1, "%s: a byte", what);
	is(wait(GREEN_NEVER), 1, "%s: nobody is in the way", what);
	is(read(ins[1], &(char){ 0 }, 1), 1, "%s: the byte", what);
}

int
main(void)
{
	green_self();
	for (int i = 0; i < MANY; i++) {
		int fds[2];

		if (green_pipe(fds))
			return 99;
		ins[i] = fds[0];
		outs[i] = fds[1];
	}
	in_turn(poll_many, "poll");
	in_turn(select_many, "select");
	in_turn(select_few, "select with few");
	in_turn(select_one, "select with one");
	in_turn(shown, "the descriptor for others");
	needs_none();
	full(poll_many, "poll");
	full(select_many, "select");
	full(select_one, "select with one");
	full(shown, "the descriptor for others");
	abandoned(poll_many, "poll");
	abandoned(select_many, "select");
	abandoned(select_few, "select with few");
	return tap_done();
}
