/* SPDX-License-Identifier: MIT */
/*
 * Proves: timers on either side of the border between two levels of the
 * wheel come out at their nanosecond, whether time creeps up to them or
 * jumps; so do the first and last deadlines there are; and a timer can be
 * deleted while others of its slot are being expired.
 */

#include "tap.h"

#include "wheel.h"

#define TICK 1024

static struct wheel wheel;

/* Armed at from for deadline: not out at one before, out at the deadline. */
static int
punctual(int64_t from, int64_t deadline, int64_t step)
{
	struct timer t = { .deadline = deadline };

	green__wheel_init(&wheel, from);
	green__wheel_add(&wheel, &t);
	if (green__wheel_next(&wheel) != deadline)
		return 0;
	for (int64_t now = from; step && now < deadline - step; now += step)
		if (green__wheel_expire(&wheel, now))
			return 0;
	if (deadline > from && green__wheel_expire(&wheel, deadline - 1))
		return 0;
	return green__wheel_next(&wheel) == deadline &&
	       green__wheel_expire(&wheel, from > deadline ? from : deadline) ==
		       &t &&
	       !green__timer_armed(&t) &&
	       green__wheel_next(&wheel) == INT64_MAX &&
	       !green__wheel_expire(&wheel, INT64_MAX - 1);
}

static void
edges(void)
{
	for (int level = 0; level < WHEEL_LEVELS; level++) {
		int64_t width = (int64_t)TICK << 6 * level; /* of a slot */
		int64_t last = level < WHEEL_LEVELS - 1 ? 64 : 31;
		int good = 1, creeping = 1;

		for (int64_t slot = 1; slot <= last; slot++)
			for (int64_t off = -1; off <= 1; off++) {
				int64_t at = width * slot + off;

				good &= punctual(0, at, 0);
				good &= punctual(width - 1, at, 0);
				creeping &= punctual(0, at, width / 3 * 2);
			}
		ok(good, "level %d: a jump to each edge", level);
		ok(creeping, "level %d: creeping up to each edge", level);
	}
}

static void
extremes(void)
{
	ok(punctual(0, INT64_MAX - 1, 0), "the last deadline, from 0");
	ok(punctual(INT64_MAX - 2, INT64_MAX - 1, 0), "... from right before");
	ok(punctual(INT64_MAX - 1, INT64_MAX - 1, 0), "... when it is now");
	ok(punctual(INT64_MAX - 1, 0, 0), "deadline 0, at the end of time");
	ok(punctual(0, 0, 0), "deadline 0, at 0");
	ok(punctual(0, INT64_MIN, 0), "a deadline that cannot be, in the past");
	ok(punctual(-5000, 7, 0), "a clock that begins before 0");
}

static void
deletion_while_expiring(void)
{
	struct timer t[4], late = { .deadline = 10 };

	green__wheel_init(&wheel, 0);
	memset(t, 0, sizeof(t));
	for (int i = 0; i < 4; i++) {
		t[i].deadline = 5000 + 200 * (i == 0 ? 4 : i);
		green__wheel_add(&wheel, &t[i]);
	}
	/* t[0] is the last of their tick, and was added first. */
	is(green__wheel_expire(&wheel, 5600), &t[1], "the first that is due");
	ok(green__timer_armed(&t[2]), "what is due and not yet out is armed");
	green__wheel_del(&wheel, &t[2]);
	ok(!green__timer_armed(&t[2]), "and can be deleted");
	green__wheel_del(&wheel, &t[2]);
	is(wheel.count, 2, "a second time changes nothing");
	green__wheel_add(&wheel, &late);
	is(green__wheel_next(&wheel), 10, "a deadline that passed long ago");
	is(green__wheel_expire(&wheel, 5600), &t[3], "comes after the others");
	is(green__wheel_expire(&wheel, 5600), &late, "of the current tick");
	is(green__wheel_expire(&wheel, 5600), NULL, "no other is due");
	is(green__wheel_expire(&wheel, 100), NULL, "nor at an earlier time");
	is(green__wheel_expire(&wheel, 5800), &t[0], "then the last");
}

int
main(void)
{
	edges();
	extremes();
	deletion_while_expiring();
	return tap_done();
}
