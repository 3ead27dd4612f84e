/* SPDX-License-Identifier: MIT */
/* Proves: a place in the table of ids that is used for the first time is taken
 * under its lock. A report and the end of an OS thread walk over places that
 * nobody has used yet; the lock they hold must not be wiped out, or its
 * release would in turn wipe out the place's first generation. */

#include "tap.h"

#include "id.h"

#include "turns.h"

#include <green.h>
#include <pthread.h>

static atomic_bool go, done;
static green_t made;

static void *
use_next_place(void *arg)
{
	while (!go)
		turn();
	made = green_self();
	done = true;
	while (go)
		turn();
	return arg;
}

int
main(void)
{
	green_t self = green_self();
	uint32_t index = (uint32_t)self & ((1u << ID_INDEX_BITS) - 1);
	struct id_entry *next = green__id_at(index + 1);
	pthread_t other;

	is(next->word, 0, "a place that nobody has used");
	pthread_create(&other, NULL, use_next_place, NULL);
	green__id_relock(next);
	turns_begin();
	go = true;
	turns_until(done);
	ok(!done, "the other thread waits");
	ok(next->word & 1, "the lock is kept");
	green__id_unlock(next);
	while (!done)
		turn();
	is(made, green__id_make(next, index + 1), "the other thread has it");
	is(green_detach(made), -EINVAL, "and is known by its id");
	go = false;
	pthread_join(other, NULL);
	return tap_done();
}
