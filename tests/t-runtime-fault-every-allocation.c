/* SPDX-License-Identifier: MIT */
/* Proves: whichever allocation fails, or whichever OS thread cannot be had, a
 * runtime is made whole or not at all; every thread that was spawned runs, once
 * there is memory for it; and nothing is left behind. */

#define _GNU_SOURCE /* RTLD_NEXT */

#include "tap.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>

#include "mem.h"

#include <green.h>

#define MANY 100
#define WORKERS 3

static atomic_int refused, bad, ran;
static int os_threads_left = -1;

/* In place of libc's: no more OS threads than there are left. */
int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
	       void *(*fn)(void *), void *arg)
{
	static int (*real)(pthread_t *, const pthread_attr_t *,
			   void *(*)(void *), void *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	if (os_threads_left == 0)
		return EAGAIN;
	if (os_threads_left > 0)
		os_threads_left--;
	return real(thread, attr, fn, arg);
}

static int
took(int error)
{
	bad += error != 0 && error != -ENOMEM;
	refused += error == -ENOMEM;
	return error == 0;
}

static void *
work(void *arg)
{
	ran++;
	green_yield();
	return arg;
}

/* Spawn in the runtime, or into it. */
static int
spawn_many(struct green_runtime *rt, green_t *ids)
{
	struct green_attr attr = { .size = sizeof(attr), .runtime = rt };
	int n = 0;

	for (int i = 0; i < MANY; i++) {
		attr.worker = i % 5 ? 0 : (uint64_t)(1 + i % WORKERS);
		attr.stack_size = i % 7 ? 0 : 200000;
		attr.name = i % 3 ? NULL : "named";
		n += took(green_spawn(&ids[n], &attr, work, ids));
	}
	return n;
}

struct spawned {
	struct green_runtime *rt;
	green_t ids[MANY];
	int n;
};

static void *
inside(void *arg)
{
	struct spawned *s = arg;

	s->n = spawn_many(s->rt, s->ids);
	return NULL;
}

static void
join(struct spawned *s)
{
	void *value;

	for (int i = 0; i < s->n; i++)
		bad += green_join(s->ids[i], &value, GREEN_NEVER) ||
		       value != s->ids;
}

/* With and without memory; joined when there is some again: a large stack has
 * to wait for it. What has one of the usual size runs without. */
static void
scenario(void)
{
	struct green_runtime_attr of = { .size = sizeof(of),
					 .workers = WORKERS };
	struct spawned in = { .n = 0 }, out = { .n = 0 };
	struct green_runtime *rt = NULL;

	if (!took(green_runtime_create(&rt, &of))) {
		bad += rt != NULL;
		return;
	}
	in.rt = rt;
	out.n = spawn_many(rt, out.ids);
	took(green_runtime_run(rt, inside, &in, NULL));
	green__mem_fail_after(-1);
	join(&in);
	join(&out);
	bad += ran != in.n + out.n;
	bad += green_runtime_destroy(rt) != 0;
}

static void
check_clean(const char *when)
{
	struct green_stats s = { .size = sizeof(s) };

	green_stats_get(&s);
	if (s.workers || s.threads || s.stack_bytes || s.abandoned) {
		printf("# %s: %d workers, %d threads\n", when, (int)s.workers,
		       (int)s.threads);
		bad++;
	}
}

static int
run(long n)
{
	refused = ran = 0;
	green__mem_fail_after(n);
	scenario();
	green__mem_fail_after(-1);
	check_clean("at the end");
	return refused;
}

static void
os_threads(void)
{
	struct green_runtime_attr of = { .size = sizeof(of),
					 .workers = WORKERS };
	struct green_runtime *rt = NULL;

	for (int n = 0; n < WORKERS; n++) {
		os_threads_left = n;
		is(green_runtime_create(&rt, &of), -EAGAIN, "%d OS threads", n);
		ok(!rt, "no runtime");
		check_clean("with too few OS threads");
	}
	os_threads_left = WORKERS;
	is(green_runtime_create(&rt, &of), 0, "as many as there are workers");
	is(green_runtime_destroy(rt), 0, "destroy");
	os_threads_left = -1;
	is(bad, 0, "nothing is left");
}

int
main(void)
{
	int failures = 1, wrong = 0;
	long n;

	if (TAP_TSAN)
		skip_all("TSan must see how OS threads are made");
	os_threads();
	for (n = 0; failures && n < 2000; n += tap_scale(1, 7)) {
		bad = 0;
		failures = run(n);
		if (bad)
			printf("# fail after %ld: %d wrong\n", n, bad);
		wrong += bad != 0;
	}
	is(wrong, 0, "runs in which something went wrong");
	ok(n > 10 && !failures, "each of %ld allocations, or some", n);
	return tap_done();
}
