/* SPDX-License-Identifier: MIT */
/* Proves: errno is each thread's own: every call that parks leaves it as it
 * was, whatever others set meanwhile; a new thread begins with 0, and no call
 * of the library changes it. */

#include "tap.h"

#include <green.h>

static int bad;

static void
expect(int want, const char *where)
{
	if (errno != want) {
		printf("# errno is %d, not %d, after %s\n", errno, want, where);
		bad++;
	}
	errno = want;
}

static void *
nothing(void *arg)
{
	return arg;
}

static void *
work(void *arg)
{
	int mine = *(int *)arg;
	char name[8];
	green_t id;

	expect(0, "the beginning");
	errno = mine;
	for (int i = 0; i < 10; i++) {
		green_yield();
		expect(mine, "yield");
		green_sleep_until(green_after(1000 * (mine % 5)));
		expect(mine, "sleep");
		green_spawn(&id, NULL, nothing, NULL);
		expect(mine, "spawn");
		green_join(id, NULL, GREEN_NEVER);
		expect(mine, "join");
		green_join(id, NULL, 0);
		expect(mine, "a failed join");
		green_name_set(0, "x");
		green_name_get(0, name, sizeof(name));
		green_now();
		expect(mine, "names and time");
	}
	green_dump(-1);
	expect(mine, "a failed dump");
	green_trim();
	expect(mine, "trim");
	return NULL;
}

int
main(void)
{
	int numbers[10];
	green_t ids[10];

	errno = 1000;
	green_self();
	expect(1000, "becoming a runtime");
	for (int i = 0; i < 10; i++) {
		numbers[i] = 100 + i;
		green_spawn(&ids[i], NULL, work, &numbers[i]);
	}
	for (int i = 0; i < 10; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		expect(1000, "join in main");
	}
	/* All asleep: the worker sleeps in the kernel in between. */
	green_sleep_until(green_after(10 * GREEN_MICROSECOND));
	expect(1000, "sleep in main");
	is(bad, 0, "wrong values of errno");
	return tap_done();
}
