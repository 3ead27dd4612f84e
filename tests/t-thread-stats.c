/* SPDX-License-Identifier: MIT */
/* Proves: green_stats_get() takes the struct of this release and longer ones,
 * whose tail it clears, counts threads and workers, and refuses what is too
 * short; every code has a text; the version is the headers'. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static void *
work(void *arg)
{
	green_yield();
	return arg;
}

static struct green_stats
stats(void)
{
	struct green_stats s = { .size = sizeof(s) };

	is(green_stats_get(&s), 0, "stats");
	return s;
}

static pthread_barrier_t barrier;

static void *
os_thread(void *arg)
{
	green_spawn(NULL, NULL, work, NULL);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return arg;
}

static void
sizes(void)
{
	struct {
		struct green_stats stats;
		unsigned char tail[32];
	} longer;
	struct green_stats s = { .size = sizeof(s) - 1, .threads = 77 };
	int set = 0;

	is(green_stats_get(NULL), -EINVAL, "NULL");
	is(green_stats_get(&s), -EINVAL, "too short");
	is(s.threads, 77, "and untouched");
	s.size = 0;
	is(green_stats_get(&s), -EINVAL, "size 0");
	memset(&longer, 0xff, sizeof(longer));
	longer.stats.size = sizeof(longer);
	is(green_stats_get(&longer.stats), 0, "longer");
	for (size_t i = 0; i < sizeof(longer.tail); i++)
		set += longer.tail[i] != 0;
	is(set, 0, "bytes of the tail that are not zero");
	is(longer.stats.size, sizeof(longer), "its size stays");
}

/* How large the guards are differs between CPUs. */
static uint64_t
stacks(const struct green_stats *s)
{
	return s->stacks_guard_install + s->stacks_guard_mprotect +
	       s->stacks_guard_none;
}

static void
numbers(void)
{
	struct green_stats s;
	uint64_t slot;
	pthread_t other;
	green_t id;

	green_self();
	s = stats();
	is(s.workers, 1, "one worker");
	is(s.threads, 1, "one thread");
	is(s.spawned, 0, "none spawned");
	green_spawn(&id, NULL, work, NULL);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&other, NULL, os_thread, NULL);
	pthread_barrier_wait(&barrier);
	s = stats();
	is(s.workers, 2, "two workers");
	is(s.threads, 4, "two threads each");
	is(s.spawned, 2, "two spawned");
	ok(s.stack_bytes >= GREEN_STACK_DEFAULT, "stacks are there");
	slot = s.stack_bytes / stacks(&s);
	is(slot * stacks(&s), s.stack_bytes, "all of one size");
	ok(slot > GREEN_STACK_DEFAULT && (slot & (slot - 1)) == 0,
	   "which is a power of two with room for the default and a guard");
	pthread_barrier_wait(&barrier);
	pthread_join(other, NULL);
	green_join(id, NULL, GREEN_NEVER);
	s = stats();
	is(s.workers, 1, "one again");
	is(s.threads, 1, "one thread");
	is(s.spawned, 2, "spawned stays");
	is(s.abandoned, 1, "one was abandoned");
	is(s.stacks_free, stacks(&s), "all stacks are free");
	is(s.stacks_free * slot, s.stack_bytes, "and of the same size");
}

static void
texts(void)
{
	static const int codes[] = { 0,       -E2BIG,   -EAGAIN,   -EALREADY,
				     -EBUSY,  -EDEADLK, -EINTR,    -EINVAL,
				     -ENOMEM, -EPERM,   -ESRCH,    -ETIMEDOUT,
				     -EIO,    1,        INT32_MIN, INT32_MAX };
	enum {
		N = sizeof(codes) / sizeof(codes[0])
	};
	int same = 0;

	for (int i = 0; i < N; i++) {
		ok(green_strerror(codes[i]) && *green_strerror(codes[i]),
		   "%d: %s", codes[i], green_strerror(codes[i]));
		for (int k = 0; k < i && i < 12; k++)
			same += !strcmp(green_strerror(codes[i]),
					green_strerror(codes[k]));
	}
	is(same, 0, "documented codes with equal texts");
}

int
main(void)
{
	char version[20];

	sizes();
	numbers();
	texts();
	snprintf(version, sizeof(version), "%d.%d.%d", GREEN_VERSION_MAJOR,
		 GREEN_VERSION_MINOR, GREEN_VERSION_PATCH);
	ok(!strcmp(green_version(), version), "version %s", green_version());
	return tap_done();
}
