/* SPDX-License-Identifier: MIT */
/* Proves: a place in the table of ids whose generations are used up is never
 * used again: spawning goes on elsewhere, old ids stay stale, and no id comes
 * twice; for control blocks of ours and of the embedder's. */

#include "tap.h"

#include "id.h"

#include <green.h>

#define ROUNDS 64

static green_t ids[2 * ROUNDS];
static int count;
static _Alignas(64) char block[4096];

static void *
work(void *arg)
{
	green_yield();
	return arg;
}

static bool
known(green_t id)
{
	for (int i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static void
rounds(const struct green_attr *attr)
{
	int bad = 0, again = 0, wrong = 0;
	void *value;
	green_t id;

	for (int i = 0; i < ROUNDS; i++) {
		bad += green_spawn(&id, attr, work, &ids[i]) != 0;
		again += known(id) || id == 0;
		bad += green_join(id, &value, 0) != -EAGAIN;
		green_yield();
		bad += green_join(id, &value, GREEN_NEVER) != 0;
		wrong += value != &ids[i];
		ids[count++] = id;
	}
	is(bad, 0, "failures");
	is(again, 0, "ids that were there before");
	is(wrong, 0, "wrong values");
}

/* The indices that the ids have; how many different ones. */
static int
places(void)
{
	int different = 0;

	for (int i = 0; i < count; i++) {
		uint64_t mask = (UINT64_C(1) << ID_INDEX_BITS) - 1;
		int k = 0;

		while (k < i && (ids[k] & mask) != (ids[i] & mask))
			k++;
		different += k == i;
	}
	return different;
}

int
main(void)
{
	struct green_attr attr = { .size = sizeof(attr), .control = block };
	int stale = 0;

	green_self();
	/* Each new place lasts for three threads. */
	green__id_first_generation(ID_GENERATION_LAST - 2);
	rounds(NULL);
	rounds(&attr);
	ok(places() >= 2 * (ROUNDS / 3), "places: %d", places());
	for (int i = 0; i < count; i++)
		stale += green_join(ids[i], NULL, 0) == -ESRCH;
	is(stale, count, "all are stale");
	return tap_done();
}
