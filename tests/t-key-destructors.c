/* SPDX-License-Identifier: MIT */
/* Proves: when a thread ends its keys' destructors run in it, with its id,
 * once per value, in up to four rounds as long as values are set again; they
 * may park; a deleted key has none any more. The end by green_exit() is the
 * same. */

#include "tap.h"

#include <green.h>

static green_key_t plain, again, parks, without, gone;
static int plain_ran, again_ran, parks_ran, gone_ran;
static green_t seen;

static void
on_plain(void *value)
{
	ok(value == &plain, "with the value");
	ok(!green_key_get(plain), "which is NULL by then");
	seen = green_self();
	plain_ran++;
}

static void
on_again(void *value)
{
	again_ran++;
	green_key_set(again, value);
}

static void *
nothing(void *arg)
{
	return arg;
}

static void
on_parks(void *value)
{
	green_t id;

	green_yield();
	green_spawn(&id, NULL, nothing, NULL);
	green_join(id, NULL, GREEN_NEVER);
	parks_ran += *(int *)value;
	/* For the next round, by another destructor. */
	if (parks_ran == 1)
		green_key_set(plain, &plain);
}

static void
on_gone(void *value)
{
	(void)value;
	gone_ran++;
}

static void
set_all(void)
{
	static int one = 1;

	green_key_set(plain, &plain);
	green_key_set(without, &without);
	green_key_set(gone, &gone);
	green_key_set(parks, &one);
}

static void *
returns(void *arg)
{
	set_all();
	return arg;
}

static void *
exits(void *arg)
{
	set_all();
	green_exit(arg);
}

static void *
sets_again(void *arg)
{
	green_key_set(again, &again);
	return arg;
}

static void *
sets_null(void *arg)
{
	set_all();
	green_key_set(plain, NULL);
	green_key_set(parks, NULL);
	return arg;
}

static void
run(green_fn fn, int times, const char *what)
{
	void *value;
	green_t id;

	plain_ran = parks_ran = 0;
	seen = 0;
	green_spawn(&id, NULL, fn, &id);
	is(green_join(id, &value, GREEN_NEVER), 0, "%s", what);
	ok(value == &id, "its value is what it returned");
	is(plain_ran, times, "a destructor ran as often as there were values");
	is(parks_ran, times > 0, "so did one that parks");
	if (times)
		ok(seen == id, "in that thread");
}

int
main(void)
{
	green_t id;

	green_key_create(&plain, on_plain);
	green_key_create(&again, on_again);
	green_key_create(&parks, on_parks);
	green_key_create(&without, NULL);
	green_key_create(&gone, on_gone);
	green_key_set(gone, &gone);

	run(returns, 2, "a thread that returns");
	run(exits, 2, "a thread that exits");
	is(gone_ran, 2, "in each of them");
	green_key_delete(gone);
	run(sets_null, 0, "a thread that took its values away");
	run(returns, 2, "a thread with a deleted key");
	is(gone_ran, 2, "runs nothing for that one");

	is(green_spawn(&id, NULL, sets_again, NULL), 0, "spawn");
	green_join(id, NULL, GREEN_NEVER);
	is(again_ran, 4, "a value that is set again and again: four rounds");
	green_spawn(NULL, NULL, returns, NULL);
	plain_ran = parks_ran = 0;
	for (int i = 0; i < 8; i++)
		green_yield();
	is(plain_ran, 2, "a detached thread runs them too");
	return tap_done();
}
