/* SPDX-License-Identifier: MIT */
/* Proves: hundreds of OS threads that use green threads and end, in different
 * ways, leave nothing behind: no worker, thread or stack. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

#define ROUNDS 100
#define AT_ONCE 4

static green_key_t key;

static void *
work(void *arg)
{
	green_key_set(key, &key);
	green_name_set(0, "short-lived");
	for (int i = 0; i < 3; i++)
		green_yield();
	return arg;
}

static void *
os_thread(void *arg)
{
	uintptr_t way = (uintptr_t)arg;
	green_t ids[5];
	uintptr_t sum = 0;
	void *value;

	for (uintptr_t i = 0; i < 5; i++)
		green_spawn(&ids[i], NULL, work, (void *)i);
	if (way % 4 == 1)
		return NULL; /* none has started */
	green_yield();
	if (way % 4 == 2)
		green_exit(NULL);
	for (int i = 0; i < 5; i++) {
		green_join(ids[i], &value, GREEN_NEVER);
		sum += (uintptr_t)value;
	}
	if (way % 4 == 3)
		pthread_exit((void *)sum);
	return (void *)sum;
}

static void
destructor(void *value)
{
	(void)value;
	green_yield();
}

int
main(void)
{
	struct green_stats s = { .size = sizeof(s) };
	pthread_t threads[AT_ONCE];
	int right = 0;
	void *value;

	green_key_create(&key, destructor);
	for (uintptr_t i = 0; i < ROUNDS; i++) {
		for (uintptr_t k = 0; k < AT_ONCE; k++)
			pthread_create(&threads[k], NULL, os_thread,
				       (void *)(i + k));
		for (int k = 0; k < AT_ONCE; k++) {
			pthread_join(threads[k], &value);
			right += (uintptr_t)value == 10;
		}
	}
	is(right, ROUNDS * AT_ONCE / 2, "half of them joined their threads");
	is(green_stats_get(&s), 0, "stats");
	is(s.workers, 0, "workers");
	is(s.threads, 0, "threads");
	is(s.spawned, ROUNDS * AT_ONCE * 5, "spawned");
	is(s.abandoned, ROUNDS * AT_ONCE / 4 * 5, "abandoned");
	is(s.stack_bytes, 0, "bytes of stack");
	is(s.stacks_guard_install + s.stacks_guard_mprotect +
		   s.stacks_guard_none,
	   0, "stacks");
	return tap_done();
}
