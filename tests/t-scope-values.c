/* SPDX-License-Identifier: MIT */
/* Proves: the values of a scope are seen by its members and by whoever has
 * entered it, on any worker, and by those of scopes that are created there; an
 * inner scope's own hide them there only, and live as long as anybody can see
 * them; setting one again and again takes no memory. */

#include "tap.h"

#include "mem.h"

#include <pthread.h>

#include <green.h>

static const char user, limit;
static char alice[] = "alice", bob[] = "bob", ten[] = "10";
static struct green_scope *scope;

static void *
sees_nothing(void *arg)
{
	ok(!green_scope_value_get(&user), "a thread of no scope");
	return arg;
}

static void *
sees_bob(void *arg)
{
	ok(green_scope_value_get(&user) == bob, "an inner member: the inner");
	ok(green_scope_value_get(&limit) == ten, "and what was inherited");
	return arg;
}

static void *
member(void *arg)
{
	struct green_scope *inner;
	green_t id;

	ok(green_scope_value_get(&user) == alice, "a member");
	is(green_scope_value_set(scope, &user, bob), -EPERM, "cannot set");
	is(green_scope_create(&inner, NULL), 0, "inner");
	is(green_scope_value_set(inner, &user, bob), 0, "set");
	ok(green_scope_value_get(&user) == alice, "nothing changes outside");
	is(green_scope_spawn(inner, NULL, NULL, sees_bob, NULL), 0, "spawn");
	is(green_scope_wait(inner, GREEN_NEVER), 0, "wait");
	is(green_scope_enter(inner), 0, "enter");
	ok(green_scope_value_get(&user) == bob, "inside");
	green_spawn(&id, NULL, sees_nothing, NULL);
	green_join(id, NULL, GREEN_NEVER);
	is(green_scope_value_set(inner, &limit, NULL), 0, "hide one");
	ok(!green_scope_value_get(&limit), "hidden");
	is(green_scope_leave(inner), 0, "leave");
	ok(green_scope_value_get(&limit) == ten, "back");
	is(green_scope_destroy(inner), 0, "destroy");
	return arg;
}

static void *
other_worker(void *arg)
{
	green_scope_spawn(scope, NULL, NULL, member, NULL);
	green_exit(arg);
}

/* The inner scope outlives the one whose values it has. */
static void
outlives(void)
{
	struct green_scope *outer, *inner;

	green_scope_create(&outer, NULL);
	is(green_scope_value_set(outer, &limit, ten), 0, "set");
	is(green_scope_value_set(outer, &user, alice), 0, "set");
	green_scope_enter(outer);
	green_scope_create(&inner, NULL);
	is(green_scope_value_set(outer, &user, bob), 0, "changed afterwards");
	green_scope_leave(outer);
	is(green_scope_destroy(outer), 0, "destroy the outer one");
	green_scope_enter(inner);
	ok(green_scope_value_get(&user) == alice, "is not seen inside");
	ok(green_scope_value_get(&limit) == ten, "though the scope is gone");
	green_scope_leave(inner);
	is(green_scope_destroy(inner), 0, "destroy");
}

static void
all(void)
{
	pthread_t thread;
	long set;

	is(green_scope_create(&scope, NULL), 0, "create");
	is(green_scope_value_set(NULL, &user, alice), -EINVAL, "no scope");
	is(green_scope_value_set(scope, NULL, alice), -EINVAL, "no key");
	is(green_scope_value_set(scope, &user, bob), 0, "set");
	is(green_scope_value_set(scope, &limit, ten), 0, "another");
	set = green__mem_live();
	for (int i = 0; i < 100; i++)
		green_scope_value_set(scope, &user, i % 2 ? alice : bob);
	is(green__mem_live(), set, "again and again");
	ok(!green_scope_value_get(&user), "the creator is not in it");
	green_scope_spawn(scope, NULL, NULL, member, NULL);
	is(green_scope_wait(scope, GREEN_NEVER), 0, "wait");
	pthread_create(&thread, NULL, other_worker, NULL);
	pthread_join(thread, NULL);
	is(green_scope_wait(scope, GREEN_NEVER), 0, "wait");
	outlives();
	is(green_scope_destroy(scope), 0, "destroy");
}

int
main(void)
{
	long before;

	ok(!green_scope_value_get(&user), "no runtime, no value");
	all();
	/* The stacks and what else there is to be made was made. */
	before = green__mem_live();
	all();
	is(green__mem_live(), before, "nothing is left");
	return tap_done();
}
