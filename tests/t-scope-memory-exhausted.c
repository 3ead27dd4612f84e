/* SPDX-License-Identifier: MIT */
/* Proves: whichever allocation fails, each call about scopes and handlers
 * either works or returns -ENOMEM and leaves everything as it was; members that
 * were spawned run and are waited for, handlers that were pushed run; and no
 * block of memory is lost. */

#include "tap.h"

#include <pthread.h>

#include "mem.h"

#include <green.h>

static int bad, refused, ran, spawned, pushed, cleaned;

static int
took(int error)
{
	bad += error != 0 && error != -ENOMEM;
	refused += error == -ENOMEM;
	return error == 0;
}

static void
clean_up(void *arg)
{
	(void)arg;
	cleaned++;
}

static void *
work(void *arg)
{
	pushed += took(green_cleanup_push(clean_up, NULL));
	green_yield();
	ran++;
	return arg;
}

static void
in_scope(struct green_scope *s)
{
	struct green_attr attr = { .size = sizeof(attr), .name = "member" };

	if (took(green_scope_enter(s)))
		bad += green_scope_leave(s) != 0;
	took(green_scope_value_set(s, &bad, s));
	for (int i = 0; i < 70; i++)
		spawned += took(green_scope_spawn(s, NULL, i % 2 ? &attr : NULL,
						  work, NULL));
	bad += green_scope_wait(s, GREEN_NEVER) != 0;
	if (ran != spawned || cleaned != pushed)
		bad++;
}

static void
scenario(void)
{
	struct green_scope *s = NULL;
	int shield = green_shield(1);

	took(shield < 0 ? shield : 0);
	if (shield >= 0)
		bad += green_shield(shield) != 1;
	if (!took(green_scope_create(&s, NULL))) {
		bad += s != NULL;
		return;
	}
	in_scope(s);
	bad += green_scope_destroy(s) != 0;
}

static void *
one_run(void *arg)
{
	int failures;

	refused = ran = spawned = pushed = cleaned = 0;
	green__mem_fail_after(*(long *)arg);
	scenario();
	green__mem_fail_after(-1);
	failures = refused;
	refused = 0;
	scenario();
	bad += refused != 0;
	return (void *)(intptr_t)failures;
}

int
main(void)
{
	long before = green__mem_live(), n;
	int wrong = 0, failures = 1;

	for (n = 0; failures && n < 2000; n += tap_scale(1, 3)) {
		pthread_t thread;
		void *value;

		bad = 0;
		pthread_create(&thread, NULL, one_run, &n);
		pthread_join(thread, &value);
		failures = (int)(intptr_t)value;
		if (bad)
			printf("# fail after %ld: %d wrong\n", n, bad);
		wrong += bad != 0;
	}
	is(wrong, 0, "runs in which something went wrong");
	ok(n > 10 && !failures, "each of %ld allocations, or some", n);
	is(green__mem_live(), before, "blocks that were not freed");
	return tap_done();
}
