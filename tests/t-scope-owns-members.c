/* SPDX-License-Identifier: MIT */
/* Proves: a scope's wait returns when its last member has ended, with the first
 * failure; cancelling it, or with the flag a failure, fails every call of its
 * members and of no other thread; destroying it cancels what is left and waits,
 * also for those who hold cancellation off and those who spawn more, also when
 * the caller is cancelled; and only its creator may do that. */

#include "tap.h"

#include <green.h>

static int begun, ended, cancelled;
static struct green_scope *scope;

static void *
sleeps(void *arg)
{
	begun++;
	cancelled += green_sleep_until(GREEN_NEVER) == -ECANCELED;
	ended++;
	return arg;
}

static void *
yields(void *arg)
{
	begun++;
	for (intptr_t i = (intptr_t)arg; i > 0; i--)
		green_yield();
	ended++;
	return NULL;
}

static void *
fails(void *arg)
{
	is(green_scope_fail(scope, -(int)(intptr_t)arg), 0, "fail");
	return yields((void *)(intptr_t)1);
}

/* Ignores its cancellation for a while. */
static void *
stubborn(void *arg)
{
	int shield;

	begun++;
	green_sleep_until(GREEN_NEVER);
	shield = green_shield(1);
	is(green_sleep_until(green_after(GREEN_MILLISECOND)), 0, "in a shield");
	green_shield(shield);
	is(green_sleep_until(1), -ECANCELED, "and out of it");
	ended++;
	return arg;
}

/* Spawns another one when it is cancelled. */
static void *
spawns(void *arg)
{
	begun++;
	cancelled += green_sleep_until(GREEN_NEVER) == -ECANCELED;
	if (begun < 8)
		is(green_scope_spawn(scope, NULL, NULL, spawns, NULL), 0,
		   "spawn in a scope that ends");
	ended++;
	return arg;
}

static void
create(uint64_t flags)
{
	struct green_scope_attr attr = { .size = sizeof(attr), .flags = flags };

	begun = ended = cancelled = 0;
	is(green_scope_create(&scope, &attr), 0, "create");
}

static void
spawn(green_fn fn, intptr_t arg)
{
	is(green_scope_spawn(scope, NULL, NULL, fn, (void *)arg), 0, "spawn");
}

static void
waits(void)
{
	void *value = &scope;
	green_t id;

	create(0);
	is(green_scope_wait(scope, 0), 0, "nobody to wait for");
	for (int i = 0; i < 5; i++)
		spawn(yields, i);
	is(green_scope_wait(scope, 0), -EAGAIN, "not yet");
	is(green_scope_wait(scope, 1), -ETIMEDOUT, "a deadline that passed");
	is(green_scope_wait(scope, green_after(GREEN_SECOND * 100)), 0, "wait");
	is(ended, 5, "all have ended");
	is(green_scope_spawn(scope, &id, NULL, yields, NULL), 0, "with an id");
	is(green_scope_wait(scope, GREEN_NEVER), 0, "wait again");
	is(ended, 6, "for one more");
	is(green_join(id, &value, 0), 0, "which is there to be joined");
	ok(!value, "with its value");
	is(green_scope_cancelled(scope), 0, "not cancelled");
	is(green_scope_destroy(scope), 0, "destroy");
}

static void
failures(void)
{
	create(0);
	spawn(fails, EIO);
	spawn(fails, ENOENT);
	spawn(yields, 10);
	is(green_scope_wait(scope, GREEN_NEVER), -EIO, "the first failure");
	is(ended, 3, "when all have ended");
	is(green_scope_wait(scope, GREEN_NEVER), -EIO, "again");
	is(green_scope_destroy(scope), 0, "destroy");

	create(GREEN_SCOPE_FAIL_CANCELS);
	spawn(sleeps, 0);
	spawn(sleeps, 0);
	spawn(fails, ENOENT);
	is(green_scope_wait(scope, GREEN_NEVER), -ENOENT, "a failure");
	is(cancelled, 2, "cancels the others");
	is(green_scope_cancelled(scope), 1, "it is cancelled");
	spawn(sleeps, 0);
	is(green_scope_wait(scope, GREEN_NEVER), -ENOENT, "with one more");
	is(cancelled, 3, "which was, too");
	is(green_scope_destroy(scope), 0, "destroy");
}

static void
cancels(void)
{
	green_t outsider;

	green_spawn(&outsider, NULL, sleeps, NULL);
	create(0);
	for (int i = 0; i < 4; i++)
		spawn(sleeps, 0);
	green_yield();
	spawn(sleeps, 0); /* has not started */
	is(green_scope_cancel(scope), 0, "cancel");
	is(green_scope_cancel(scope), 0, "twice");
	is(green_sleep_until(1), 0, "not the caller");
	is(green_scope_wait(scope, GREEN_NEVER), 0, "wait");
	is(cancelled, 5, "all were cancelled");
	is(green_join(outsider, NULL, 0), -EAGAIN, "but nobody else");
	is(green_scope_destroy(scope), 0, "destroy");
	green_cancel(outsider);
	green_join(outsider, NULL, GREEN_NEVER);
}

static void
destroys(void)
{
	create(0);
	spawn(sleeps, 0);
	spawn(stubborn, 0);
	spawn(spawns, 0);
	spawn(yields, 3);
	green_yield();
	spawn(sleeps, 0);
	is(green_scope_destroy(scope), 0, "destroy");
	ok(begun >= 8 && ended == begun, "%d began, %d ended", begun, ended);
}

/* Destroys a scope though it is cancelled. */
static void *
cancelled_creator(void *arg)
{
	create(0);
	spawn(stubborn, 0);
	is(green_scope_wait(scope, GREEN_NEVER), -ECANCELED, "no wait");
	is(green_scope_wait(scope, 0), -ECANCELED, "nor a try");
	is(green_scope_destroy(scope), 0, "destroy");
	is(ended, 1, "waited");
	is(green_sleep_until(1), -ECANCELED, "the shield is gone");
	return arg;
}

static void *
stranger(void *arg)
{
	begun++;
	is(green_scope_wait(scope, GREEN_NEVER), -EPERM, "wait");
	is(green_scope_enter(scope), -EPERM, "enter");
	is(green_scope_leave(scope), -EPERM, "leave");
	is(green_scope_destroy(scope), -EPERM, "destroy");
	ended++;
	return arg;
}

static void
nested(void)
{
	green_t id;

	green_spawn(&id, NULL, cancelled_creator, NULL);
	green_yield();
	is(green_cancel(id), 0, "cancel the creator");
	is(green_join(id, NULL, GREEN_NEVER), 0, "joined");
	create(0);
	spawn(stranger, 0);
	green_spawn(&id, NULL, stranger, NULL);
	green_join(id, NULL, GREEN_NEVER);
	is(green_scope_wait(scope, GREEN_NEVER), 0, "a member and a stranger");
	is(green_scope_destroy(scope), 0, "destroy");
}

/* A member with a scope of its own: the outer one's end reaches all. */
static void *
member_with_scope(void *arg)
{
	struct green_scope *inner;

	begun++;
	green_scope_create(&inner, NULL);
	for (int i = 0; i < 3; i++)
		green_scope_spawn(inner, NULL, NULL,
				  arg ? member_with_scope : sleeps, NULL);
	is(green_scope_wait(inner, GREEN_NEVER), -ECANCELED, "inner wait");
	is(green_scope_destroy(inner), 0, "inner destroy");
	ended++;
	return arg;
}

static void
trees(void)
{
	create(0);
	spawn(member_with_scope, 1);
	spawn(member_with_scope, 0);
	for (int i = 0; i < 5; i++)
		green_yield();
	is(begun, 1 + 3 + 9 + 1 + 3, "a tree");
	green_scope_cancel(scope);
	is(green_scope_wait(scope, GREEN_NEVER), 0, "wait");
	is(ended, begun, "is gone");
	is(green_scope_destroy(scope), 0, "destroy");
}

static void
errors(void)
{
	struct green_scope_attr attr = { .size = sizeof(attr),
					 .flags = 1 << 7 };
	struct green_attr member = { .size = sizeof(member) };

	is(green_scope_create(NULL, NULL), -EINVAL, "nowhere to create");
	is(green_scope_create(&scope, &attr), -EINVAL, "unknown flag");
	attr.flags = 0;
	attr.deadline = -1;
	is(green_scope_create(&scope, &attr), -EINVAL, "negative deadline");
	attr.deadline = 0;
	attr.size--;
	is(green_scope_create(&scope, &attr), -EINVAL, "short attr");
	is(green_scope_spawn(NULL, NULL, NULL, sleeps, NULL), -EINVAL, "NULL");
	is(green_scope_wait(NULL, 0), -EINVAL, "NULL");
	is(green_scope_cancel(NULL), -EINVAL, "NULL");
	is(green_scope_cancelled(NULL), -EINVAL, "NULL");
	is(green_scope_fail(NULL, -EIO), -EINVAL, "NULL");
	is(green_scope_enter(NULL), -EINVAL, "NULL");
	is(green_scope_leave(NULL), -EINVAL, "NULL");
	is(green_scope_destroy(NULL), 0, "nothing to destroy");
	create(0);
	is(green_scope_wait(scope, -1), -EINVAL, "negative deadline");
	is(green_scope_fail(scope, 0), -EINVAL, "no failure");
	is(green_scope_fail(scope, EIO), -EINVAL, "a positive one");
	is(green_scope_leave(scope), -EINVAL, "not entered");
	is(green_scope_spawn(scope, NULL, NULL, NULL, NULL), -EINVAL, "no fn");
	member.flags = 1 << 30;
	is(green_scope_spawn(scope, NULL, &member, sleeps, NULL), -EINVAL,
	   "bad attr");
	member.flags = 0;
	member.scope = scope;
	is(green_scope_spawn(scope, NULL, &member, sleeps, NULL), -EINVAL,
	   "two scopes");
	is(green_spawn(NULL, &member, sleeps, NULL), 0, "spawn by attribute");
	is(green_scope_wait(scope, 0), -EAGAIN, "is a member");
	is(green_scope_destroy(scope), 0, "destroy");
	is(ended, 1, "waited for it");
}

int
main(void)
{
	errors();
	waits();
	failures();
	cancels();
	destroys();
	nested();
	trees();
	return tap_done();
}
