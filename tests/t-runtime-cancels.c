/* SPDX-License-Identifier: MIT */
/* Proves: threads of a runtime are cancelled, alone and by their scope,
 * wherever they are just then: not started, on the way from one worker to
 * another, running or parked; each one ends, and sees that it was cancelled. */

#include "tap.h"

#include <stdatomic.h>

#include <green.h>

#define THREADS 60
#define WORKERS 3

static struct green_runtime *rt;
static struct green_attr in = { .size = sizeof(in) };
static atomic_int told, begun, cancelled;

/* Ends when it is told to. */
static void *
waits(void *arg)
{
	uintptr_t n = (uintptr_t)arg;

	while (n-- % 3)
		green_yield();
	if (green_sleep_until(GREEN_NEVER) == -ECANCELED)
		told++;
	return arg;
}

static int
alone(void)
{
	green_t ids[THREADS];
	int bad = 0;

	told = 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		bad += green_spawn(&ids[i], &in, waits, (void *)i) != 0;
	for (int i = THREADS; i--;)
		bad += green_cancel(ids[i]) != 0;
	for (int i = 0; i < THREADS; i++)
		bad += green_join(ids[i], NULL, GREEN_NEVER) != 0;
	return bad + (told != THREADS);
}

static int
together(void)
{
	struct green_scope *scope;
	int bad = 0;

	told = 0;
	bad += green_scope_create(&scope, NULL) != 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		bad += green_scope_spawn(scope, NULL, &in, waits, (void *)i) !=
		       0;
	bad += green_scope_cancel(scope) != 0;
	green_scope_wait(scope, GREEN_NEVER);
	bad += green_scope_destroy(scope) != 0;
	return bad + (told != THREADS);
}

static void *
inside(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)(alone() + together());
}

static void *
inside_later(void *arg)
{
	while (!cancelled)
		green_yield();
	return inside(arg);
}

/* Cancelled while it runs something elsewhere: that comes first. */
static void *
runs(void *arg)
{
	void *value = NULL;
	int error;

	begun = 1;
	error = green_runtime_run(rt, inside_later, NULL, &value);
	return (void *)(intptr_t)(error || value || !green_cancelled() ||
				  green_runtime_run(rt, inside, arg, NULL) !=
					  -ECANCELED);
}

int
main(void)
{
	struct green_runtime_attr of = { .size = sizeof(of),
					 .workers = WORKERS };
	int n = tap_scale(200, 10), bad[3] = { 0 };
	void *value;
	green_t id;

	green_runtime_create(&rt, &of);
	in.runtime = rt;
	for (int i = 0; i < n; i++) {
		bad[0] += alone();
		bad[1] += together();
		green_runtime_run(rt, inside, NULL, &value);
		bad[2] += (int)(intptr_t)value;
	}
	is(bad[0], 0, "one by one, from outside");
	is(bad[1], 0, "by their scope, from outside");
	is(bad[2], 0, "both, from inside");
	green_spawn(&id, NULL, runs, NULL);
	while (!begun)
		green_yield();
	is(green_cancel(id), 0, "one that waits for the runtime");
	cancelled = 1;
	is(green_join(id, &value, GREEN_NEVER), 0, "ends");
	ok(!value, "after what it waits for");
	is(green_runtime_destroy(rt), 0, "destroy");
	return tap_done();
}
