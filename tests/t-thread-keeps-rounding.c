/* SPDX-License-Identifier: MIT */
/* Proves: a GREEN_FP thread keeps its rounding mode over yields, by actual
 * divisions, and others never see it: they have that of the worker, which it
 * also begins with; an unflagged thread changes the mode of its worker. */
/* link: -lm */

#include "tap.h"

#include <fenv.h>

#include <green.h>

/* What 1/3 is tells the mode: computed anew, not by the compiler. */
static double
third(void)
{
	volatile double one = 1, three = 3;

	return one / three;
}

static double up, down;

static void
measure(void)
{
	fesetround(FE_UPWARD);
	up = third();
	fesetround(FE_DOWNWARD);
	down = third();
	fesetround(FE_TONEAREST);
	if (up == down)
		skip_all("divisions here do not heed the rounding mode");
	ok(up > down, "rounding can be told from a division");
	ok(third() == down, "to nearest is like downward for 1/3");
}

static int wrong;

static void *
rounds_up(void *arg)
{
	wrong += third() != down;
	fesetround(FE_UPWARD);
	for (int i = 0; i < 20; i++) {
		wrong += third() != up;
		if (i % 5 == 0)
			green_sleep_until(green_after(1));
		green_yield();
	}
	return arg;
}

static void *
watches(void *arg)
{
	for (int i = 0; i < 20; i++) {
		wrong += third() != down;
		green_yield();
	}
	return arg;
}

static void
flagged(void)
{
	struct green_attr fp = { .size = sizeof(fp), .flags = GREEN_FP };
	green_t ids[6];

	for (int i = 0; i < 6; i++)
		green_spawn(&ids[i], i % 2 ? &fp : NULL,
			    i % 2 ? rounds_up : watches, NULL);
	for (int i = 0; i < 20; i++) {
		green_yield();
		wrong += third() != down;
	}
	for (int i = 0; i < 6; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	is(wrong, 0, "threads that saw another mode than their own");
	ok(third() == down, "nor did the main flow");
}

/* Spawned by a flagged thread: begins with the worker's words, not with its
 * maker's. */
static void *
begins(void *arg)
{
	wrong += third() != down;
	return arg;
}

static void *
makes(void *arg)
{
	struct green_attr fp = { .size = sizeof(fp), .flags = GREEN_FP };
	green_t id[2];

	fesetround(FE_UPWARD);
	green_spawn(&id[0], &fp, begins, NULL);
	green_spawn(&id[1], NULL, begins, NULL);
	green_join(id[0], NULL, GREEN_NEVER);
	green_join(id[1], NULL, GREEN_NEVER);
	wrong += third() != up;
	return arg;
}

static void *
unflagged(void *arg)
{
	fesetround(FE_UPWARD);
	return arg;
}

int
main(void)
{
	struct green_attr fp = { .size = sizeof(fp), .flags = GREEN_FP };
	green_t id;

	measure();
	flagged();
	green_spawn(&id, &fp, makes, NULL);
	green_join(id, NULL, GREEN_NEVER);
	is(wrong, 0, "threads that inherited their maker's mode");
	ok(third() == down, "which ended with its own mode in force");
	green_spawn(&id, NULL, unflagged, NULL);
	green_join(id, NULL, GREEN_NEVER);
	ok(third() == up, "without the flag the mode is the worker's");
	fesetround(FE_TONEAREST);
	return tap_done();
}
