/* SPDX-License-Identifier: MIT */
/* Proves: whichever allocation fails, from the first of a new worker on, each
 * call either works or returns -ENOMEM, threads that were spawned run, nothing
 * is lost, and everything works again when there is memory. */

#include "tap.h"

#include <pthread.h>

#include "mem.h"

#include <green.h>

#define MANY 150

static green_key_t key;
static int bad, refused, ran, spawned, destroyed;
static _Alignas(64) char control[4096], own_stack[32768];

/* A call returned this: count it. Returns whether it worked. */
static int
took(int error)
{
	bad += error != 0 && error != -ENOMEM;
	refused += error == -ENOMEM;
	return error == 0;
}

static void
destroy(void *user)
{
	(void)user;
	destroyed++;
}

static const struct green_hooks hooks = {
	.size = sizeof(hooks),
	.destroy = destroy,
};

static void *
work(void *arg)
{
	if (took(green_key_set(key, arg)))
		bad += green_key_get(key) != arg;
	took(green_name_set(0, "named"));
	green_yield();
	ran++;
	return arg;
}

static void
spawn_and_join(const struct green_attr *attr)
{
	void *value = NULL;
	green_t id = 0;

	if (!took(green_spawn(&id, attr, work, &id))) {
		bad += id != 0;
		return;
	}
	spawned++;
	bad += green_join(id, &value, GREEN_NEVER) != 0;
	bad += value != &id;
}

static void
kinds(void)
{
	struct green_attr attr = { .size = sizeof(attr) };

	spawn_and_join(NULL);
	spawn_and_join(&attr);
	attr.name = "a name";
	spawn_and_join(&attr);
	attr.flags = GREEN_FP;
	attr.hooks = &hooks;
	spawn_and_join(&attr);
	attr.stack_size = 1 << 20;
	spawn_and_join(&attr);
	attr.stack_size = 40000;
	spawn_and_join(&attr);
	attr.control = control;
	spawn_and_join(&attr);
	attr.stack = own_stack;
	attr.stack_size = sizeof(own_stack);
	spawn_and_join(&attr);
	memset(control, 0, sizeof(control));
}

/* Enough for the run queue, the blocks and the stacks to grow. */
static void
many(void)
{
	green_t ids[MANY];
	int n = 0;

	for (int i = tap_scale(MANY, 20); i > 0; i--)
		n += took(green_spawn(&ids[n], NULL, work, &key));
	spawned += n;
	for (int i = 0; i < n; i++)
		bad += green_join(ids[i], NULL, GREEN_NEVER) != 0;
}

static void
scenario(void)
{
	bad += green_now() <= 0;
	took(green_self() ? 0 : -ENOMEM);
	took(green_hooks_set(NULL, NULL));
	took(green_sleep_until(1));
	kinds();
	many();
}

static void
check_stats(uint64_t threads, const char *when)
{
	struct green_stats s = { .size = sizeof(s) };

	bad += green_stats_get(&s) != 0;
	if (s.threads != threads || s.workers != threads ||
	    (s.stacks_free != s.stacks_guard_install + s.stacks_guard_none +
				      s.stacks_guard_mprotect)) {
		printf("# %s: %d threads, %d workers, %d of %d stacks free\n",
		       when, (int)s.threads, (int)s.workers, (int)s.stacks_free,
		       (int)(s.stacks_guard_install + s.stacks_guard_none +
			     s.stacks_guard_mprotect));
		bad++;
	}
}

/* One OS thread, so one worker from its beginning to its end. */
static void *
one_run(void *arg)
{
	int failures;

	refused = 0;
	green__mem_fail_after(*(long *)arg);
	scenario();
	green__mem_fail_after(-1);
	failures = refused;
	refused = 0;
	scenario();
	bad += refused != 0;
	check_stats(1, "with memory again");
	return (void *)(intptr_t)failures;
}

static int
run(long n)
{
	pthread_t thread;
	void *failures;

	bad = ran = spawned = 0;
	pthread_create(&thread, NULL, one_run, &n);
	pthread_join(thread, &failures);
	check_stats(0, "at the end");
	if (ran != spawned) {
		printf("# %d spawned, %d ran\n", spawned, ran);
		bad++;
	}
	return (int)(intptr_t)failures;
}

int
main(void)
{
	int failures = 1, wrong = 0;
	long n;

	is(green_key_create(&key, NULL), 0, "a key");
	for (n = 0; failures && n < 2000; n += tap_scale(1, 7)) {
		failures = run(n);
		if (bad)
			printf("# fail after %ld: %d wrong\n", n, bad);
		wrong += bad != 0;
	}
	is(wrong, 0, "runs in which something went wrong");
	ok(n > 10 && !failures, "each of %ld allocations, or some", n);
	ok(destroyed > 0, "destroy hooks ran");
	return tap_done();
}
