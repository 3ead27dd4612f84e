/* SPDX-License-Identifier: MIT */
/* Proves: each thread has its own value under each of up to 1024 keys; a key
 * that was deleted, or is none, has no values, and one made in its place does
 * not see old ones. */

#include "tap.h"

#include <green.h>

static green_key_t keys[GREEN_KEYS_MAX];

static void *
mine(void *arg)
{
	char here;

	if (green_key_get(keys[3]))
		return NULL;
	green_key_set(keys[3], &here);
	green_yield();
	return green_key_get(keys[3]) == &here ? arg : NULL;
}

static void
per_thread(void)
{
	green_t ids[4];
	void *value;
	char here;
	int good = 0;

	is(green_key_set(keys[3], &here), 0, "set");
	for (int i = 0; i < 4; i++)
		green_spawn(&ids[i], NULL, mine, ids);
	for (int i = 0; i < 4; i++) {
		green_join(ids[i], &value, GREEN_NEVER);
		good += value == ids;
	}
	is(good, 4, "threads that began with NULL and kept their own");
	ok(green_key_get(keys[3]) == &here, "as the main flow did");
}

static void
bad_keys(void)
{
	green_key_t last = keys[GREEN_KEYS_MAX - 1];
	char here;

	is(green_key_create(NULL, NULL), -EINVAL, "no place for the key");
	is(green_key_set(0, &here), -EINVAL, "set under 0");
	ok(!green_key_get(0), "get 0");
	is(green_key_delete(0), -EINVAL, "delete 0");
	is(green_key_set(UINT32_MAX, &here), -EINVAL, "set under garbage");
	ok(!green_key_get(UINT32_MAX), "get garbage");
	is(green_key_delete(UINT32_MAX), -EINVAL, "delete garbage");
	is(green_key_set(last, &here), 0, "set under the last key");
	ok(green_key_get(last) == &here, "get it");
	is(green_key_delete(last), 0, "delete it");
	ok(!green_key_get(last), "its value is forgotten");
	is(green_key_set(last, &here), -EINVAL, "it does not exist");
	is(green_key_delete(last), -EINVAL, "delete it again");
}

int
main(void)
{
	green_key_t more = 77, before;
	int bad = 0, zero = 0;
	char here;

	is(green_key_create(&keys[0], NULL), 0, "the first");
	green_key_set(keys[0], &here);
	before = keys[0];
	is(green_key_delete(keys[0]), 0, "deleted");
	for (int i = 0; i < GREEN_KEYS_MAX; i++) {
		bad += green_key_create(&keys[i], NULL) != 0;
		zero += keys[i] == 0;
		bad += green_key_get(keys[i]) != NULL;
	}
	is(bad, 0, "as many as there can be");
	is(zero, 0, "none is 0");
	ok(!green_key_get(before), "the deleted one is still gone");
	is(green_key_create(&more, NULL), -EAGAIN, "one more");
	is(more, 77, "is not made");
	per_thread();
	bad_keys();
	is(green_key_create(&more, NULL), 0, "there is room for one again");
	ok(!green_key_get(more), "without the old value");
	return tap_done();
}
