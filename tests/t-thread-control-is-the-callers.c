/* SPDX-License-Identifier: MIT */
/* Proves: a thread lives in a control block of the embedder's; its destroy
 * hook runs once, as the last thing, and the memory is not touched again: not
 * by lookups of the stale id either. A misaligned block is refused. */

#include "tap.h"

#include <green.h>

static _Alignas(64) unsigned char block[4096];
static int destroyed;

static void
destroy(void *user)
{
	ok(user == &destroyed, "destroy gets the user slot");
	destroyed++;
	memset(block, 0xee, sizeof(block));
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.destroy = destroy,
};

static int
touched(void)
{
	int n = 0;

	for (size_t i = 0; i < sizeof(block); i++)
		n += block[i] != 0xee;
	return n;
}

static void *
work(void *arg)
{
	green_key_set(*(green_key_t *)arg, arg);
	green_yield();
	return arg;
}

static struct green_attr
attr_make(void)
{
	return (struct green_attr){
		.size = sizeof(struct green_attr),
		.name = "mine",
		.hooks = &hooks,
		.user = &destroyed,
		.control = block,
	};
}

static void
stale(green_t id)
{
	char name[GREEN_NAME_MAX];

	is(green_join(id, NULL, 0), -ESRCH, "join of the stale id");
	is(green_detach(id), -ESRCH, "detach of the stale id");
	is(green_name_get(id, name, sizeof(name)), -ESRCH, "name of it");
	is(green_interrupt(id), -ESRCH, "interrupt of it");
}

/* More threads, which take whatever the library thinks is free. */
static void
others(green_key_t key)
{
	green_t id;

	for (int i = 0; i < 20; i++) {
		green_spawn(&id, NULL, work, &key);
		green_spawn(NULL, NULL, work, &key);
		green_join(id, NULL, GREEN_NEVER);
	}
}

int
main(void)
{
	struct green_attr attr = attr_make();
	green_key_t key;
	green_t id, first = 0;

	ok(green_control_size() <= sizeof(block), "size: %zu",
	   green_control_size());
	is(green_key_create(&key, NULL), 0, "key");
	for (int detached = 0; detached < 2; detached++) {
		destroyed = 0;
		is(green_spawn(&id, &attr, work, &key), 0, "spawn");
		ok(id != first, "an id of its own");
		first = id;
		if (detached) {
			is(green_detach(id), 0, "detach");
			for (int i = 0; i < 4; i++)
				green_yield();
		} else {
			is(green_join(id, NULL, GREEN_NEVER), 0, "join");
		}
		is(destroyed, 1, "destroyed once");
		stale(id);
		others(key);
		is(touched(), 0, "bytes changed after destroy");
	}

	attr.control = block + 32;
	is(green_spawn(&id, &attr, work, &key), -EINVAL, "misaligned block");
	attr.control = block;
	attr.stack_size = 1;
	is(green_spawn(&id, &attr, work, &key), -EINVAL, "bad other field");
	is(destroyed, 1, "destroy is not for what was never spawned");
	is(touched(), 0, "nothing was written to the refused block");
	return tap_done();
}
