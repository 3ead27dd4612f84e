/* SPDX-License-Identifier: MIT */
/* Proves: the deadline of a scope cancels all in it at exactly that time, the
 * members and the thread that entered it, whether parked, about to park or
 * computing; the wait says -ETIMEDOUT; nested ones end in their order; a shield
 * holds those outside of it off, not those inside; and when the scope is left
 * its deadline means nothing any more. */

#include "tap.h"

#include "mem.h"

#include <green.h>

#define MS GREEN_MILLISECOND

static int ended;

static struct green_scope *
make(int64_t deadline)
{
	struct green_scope_attr attr = { .size = sizeof(attr),
					 .deadline = deadline };
	struct green_scope *s = NULL;

	is(green_scope_create(&s, &attr), 0, "create");
	return s;
}

static struct green_scope *
entered(int64_t deadline)
{
	struct green_scope *s = make(deadline);

	is(green_scope_enter(s), 0, "enter");
	return s;
}

static void
left(struct green_scope *s, int outcome)
{
	is(green_scope_leave(s), outcome, "leave");
	is(green_scope_destroy(s), 0, "destroy");
}

static void *
sleeps(void *arg)
{
	is(green_sleep_until(GREEN_NEVER), -ECANCELED, "a member sleeps");
	is(green_now(), *(int64_t *)arg, "until the deadline");
	ended++;
	return arg;
}

static void *
sleeps_shielded(void *arg)
{
	int64_t until = green_after(30 * MS);

	green_shield(1);
	is(green_sleep_until(until), 0, "a shielded member");
	is(green_now(), until, "sleeps its time");
	is(green_park(green_after(MS)), -ETIMEDOUT, "and parks");
	ended++;
	return arg;
}

static void *
computes(void *arg)
{
	while (!green_cancelled())
		green_sleep_until(green_after(3 * MS));
	is((green_now() - *(int64_t *)arg) / (3 * MS), 0, "finds out soon");
	ended++;
	return arg;
}

static void
of_members(void)
{
	int64_t until = green_after(10 * MS);
	struct green_scope *s = make(until);

	ended = 0;
	for (int i = 0; i < 3; i++)
		green_scope_spawn(s, NULL, NULL, sleeps, &until);
	green_scope_spawn(s, NULL, NULL, computes, &until);
	is(green_scope_wait(s, green_after(5 * MS)), -ETIMEDOUT, "a wait");
	is(green_scope_cancelled(s), 0, "that was its own deadline");
	is(green_scope_wait(s, GREEN_NEVER), -ETIMEDOUT, "another one");
	is(green_scope_cancelled(s), 1, "that was the scope's");
	is(ended, 4, "all have ended");
	is(green_scope_destroy(s), 0, "destroy");

	until = green_after(10 * MS);
	s = make(until);
	green_scope_spawn(s, NULL, NULL, sleeps_shielded, NULL);
	is(green_scope_wait(s, until), -ETIMEDOUT, "both at once");
	is(green_scope_cancelled(s), 1, "the scope's counts, too");
	is(green_now(), until, "at that time");
	is(green_scope_wait(s, until + 2), -ETIMEDOUT, "own deadline");
	is(green_now(), until + 2, "at exactly that time");
	is(green_scope_destroy(s), 0, "destroy");
	is(ended, 5, "waited");

	s = make(green_now() + MS);
	green_sleep_until(green_after(2 * MS));
	is(green_scope_wait(s, GREEN_NEVER), 0, "a deadline for nobody");
	green_scope_spawn(s, NULL, NULL, sleeps, &until);
	until = green_now();
	is(green_scope_wait(s, GREEN_NEVER), -ETIMEDOUT, "one that came late");
	is(green_scope_destroy(s), 0, "destroy");
}

static void
of_the_caller(void)
{
	int64_t start = green_now();
	struct green_scope *s = entered(start + 10 * MS);

	is(green_sleep_until(start + 4 * MS), 0, "time enough");
	is(green_park(start + 6 * MS), -ETIMEDOUT, "own deadline");
	is(green_now(), start + 6 * MS, "came first");
	is(green_park(start + 16 * MS), -ECANCELED, "the scope's");
	is(green_now(), start + 10 * MS, "came first");
	is(green_sleep_until(1), -ECANCELED, "from then on");
	is(green_cancelled(), 1, "cancelled");
	is(green_scope_leave(s), -ETIMEDOUT, "leave");
	is(green_cancelled(), 0, "not any more");
	is(green_sleep_until(green_after(MS)), 0, "all is well");
	is(green_scope_enter(s), 0, "enter it again");
	is(green_cancelled(), 1, "it is still over");
	is(green_scope_enter(s), -EBUSY, "twice");
	is(green_scope_destroy(s), -EBUSY, "destroy while in it");
	left(s, -ETIMEDOUT);

	s = entered(green_now() + MS);
	is(green_sleep_until(green_now() + MS / 2), 0, "in time");
	left(s, 0);
	green_sleep_until(green_after(2 * MS));
	is(green_cancelled(), 0, "a deadline that was left behind");

	s = entered(1);
	is(green_cancelled(), 1, "one that had passed");
	left(s, -ETIMEDOUT);
	s = entered(0);
	is(green_sleep_until(green_after(MS)), 0, "none");
	is(green_scope_cancel(s), 0, "cancel it");
	is(green_sleep_until(1), -ECANCELED, "cancelled");
	is(green_scope_fail(s, -EIO), 0, "fail");
	left(s, -EIO);
}

static void
nested(void)
{
	int64_t start = green_now();
	struct green_scope *outer = entered(start + 10 * MS),
			   *inner = entered(start + 5 * MS);

	is(green_scope_leave(outer), -EBUSY, "the inner one first");
	is(green_park(GREEN_NEVER), -ECANCELED, "parked");
	is(green_now(), start + 5 * MS, "inner first");
	left(inner, -ETIMEDOUT);
	is(green_cancelled(), 0, "the outer one goes on");
	inner = entered(start + 20 * MS);
	is(green_park(GREEN_NEVER), -ECANCELED, "parked");
	is(green_now(), start + 10 * MS, "the outer one reaches inside");
	is(green_scope_cancelled(inner), 0, "it was not the inner one");
	is(green_scope_leave(inner), 0, "leave");
	is(green_cancelled(), 1, "still in the outer one");
	is(green_scope_destroy(inner), 0, "destroy");
	left(outer, -ETIMEDOUT);
	is(green_cancelled(), 0, "out of all");
}

static void
shields(void)
{
	int64_t start = green_now();
	struct green_scope *outer = entered(start + 5 * MS), *inner;
	int shield = green_shield(1);

	is(shield, 0, "shield");
	is(green_sleep_until(start + 10 * MS), 0, "past the outer deadline");
	inner = entered(start + 20 * MS);
	is(green_park(GREEN_NEVER), -ECANCELED, "one inside of the shield");
	is(green_now(), start + 20 * MS, "works");
	is(green_shield(1), 0, "has no shield of its own");
	is(green_cancelled(), 0, "now it has");
	left(inner, -ETIMEDOUT); /* with its shield */
	is(green_cancelled(), 0, "the outer one is held off");
	is(green_scope_cancelled(outer), 0, "nobody noticed");
	is(green_shield(shield), 1, "let it in");
	is(green_cancelled(), 1, "now");
	left(outer, -ETIMEDOUT);
}

/* A thread's own cancellation is outside of all scopes. */
static void *
cancelled_inside(void *arg)
{
	struct green_scope *s = entered(0);

	is(green_sleep_until(GREEN_NEVER), -ECANCELED, "cancelled itself");
	is(green_shield(1), 0, "shield");
	is(green_cancelled(), 0, "held off");
	left(s, 0);
	is(green_cancelled(), 1, "the shield was the scope's");
	is(green_shield(1), 0, "another");
	s = entered(green_now() + MS);
	is(green_sleep_until(green_after(GREEN_SECOND)), -ECANCELED, "timed");
	left(s, -ETIMEDOUT);
	is(green_sleep_until(green_after(MS)), 0, "shielded");
	return arg;
}

/* A member that times itself, whose scope is cancelled while it is shielded. */
static void *
member(void *arg)
{
	struct green_scope *s = entered(green_now() + 10 * MS);
	int64_t start = green_now();

	is(green_sleep_until(GREEN_NEVER), -ECANCELED, "cancelled");
	is(green_now(), start + *(int64_t *)arg, "when its scope is");
	is(green_scope_leave(s), 0, "not by its own");
	is(green_cancelled(), 1, "leaving that does not help");
	is(green_scope_destroy(s), 0, "destroy");
	ended++;
	return arg;
}

static void
mixed(void)
{
	int64_t after = 4 * MS;
	struct green_scope *s = make(0);
	green_t id;

	green_spawn(&id, NULL, cancelled_inside, NULL);
	green_yield();
	green_cancel(id);
	green_join(id, NULL, GREEN_NEVER);
	ended = 0;
	green_scope_spawn(s, NULL, NULL, member, &after);
	green_yield();
	green_sleep_until(green_after(after));
	green_scope_cancel(s);
	is(green_scope_wait(s, GREEN_NEVER), 0, "wait");
	is(ended, 1, "ended");
	is(green_scope_destroy(s), 0, "destroy");
}

/* It ends in two scopes that it has entered; the memory is ours. */
static void *
ends_inside(void *arg)
{
	struct green_scope **s = arg;

	s[0] = entered(green_now() + MS);
	s[1] = entered(0);
	if (s[2])
		green_exit(NULL);
	return NULL;
}

static void
ends(void)
{
	struct green_scope *s[3] = { NULL };
	green_t id;

	for (int i = 0; i < 2; i++) {
		s[2] = i ? s[0] : NULL;
		green_spawn(&id, NULL, ends_inside, s);
		is(green_join(id, NULL, GREEN_NEVER), 0, "ended in scopes");
		is(green_scope_cancel(s[1]), 0, "which can be cancelled");
		is(green_scope_destroy(s[0]), -EPERM, "but not destroyed");
		green__free(s[0]);
		green__free(s[1]);
	}
}

int
main(void)
{
	is(green_clock_virtual(GREEN_SECOND), 0, "a virtual clock");
	of_members();
	of_the_caller();
	nested();
	shields();
	mixed();
	ends();
	return tap_done();
}
