/* SPDX-License-Identifier: MIT */
/*
 * For check-thread-sanitizers.sh: a program that uses green threads rightly
 * ("clean"), writes beyond a local array on a green stack ("overflow"), or
 * forgets to lock a mutex ("race").
 */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include <green.h>

static pthread_barrier_t barrier;

static void *
adds(void *arg)
{
	int *sum = arg, before = *sum;

	green_yield();
	*sum = before + 1;
	green_sleep_until(green_after(GREEN_MICROSECOND));
	return arg;
}

/* One green thread after another changes what it is given. */
static void
hand_round(int *sum)
{
	green_t ids[4];

	for (int i = 0; i < 4; i++) {
		green_spawn(&ids[i], NULL, adds, sum);
		green_join(ids[i], NULL, GREEN_NEVER);
	}
}

static green_t offered;
static atomic_int taken;
static int gift;

static void *
gives(void *arg)
{
	green_yield();
	gift = 42; /* the joiner reads it */
	return arg;
}

static void *
other_worker(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, gives, arg);
	offered = id;
	pthread_barrier_wait(&barrier);
	/* Or the thread would be abandoned. */
	while (!taken)
		green_sleep_until(green_after(GREEN_MICROSECOND));
	return arg;
}

/* As a worker, and as a plain pthread. */
static void *
takes(void *arg)
{
	int error;

	pthread_barrier_wait(&barrier);
	error = green_join(offered, NULL, GREEN_NEVER);
	if (!error && gift != 42)
		error = 1;
	taken = 1;
	return error ? NULL : arg;
}

static int
across(int plain)
{
	pthread_t threads[2];
	void *value = NULL;

	taken = 0;
	pthread_create(&threads[0], NULL, other_worker, &gift);
	if (plain)
		pthread_create(&threads[1], NULL, takes, &gift);
	else
		value = takes(&gift);
	pthread_join(threads[0], NULL);
	if (plain)
		pthread_join(threads[1], &value);
	gift = 0;
	return value == &gift;
}

static int
clean(void)
{
	int sum = 0;

	hand_round(&sum);
	pthread_barrier_init(&barrier, NULL, 2);
	return sum == 4 && across(0) && across(1);
}

__attribute__((noinline)) static void
write_beyond(volatile int n)
{
	volatile char array[16];

	for (int i = 0; i <= n; i++)
		array[i] = (char)i;
}

static void *
overflows(void *arg)
{
	green_yield();
	write_beyond(16);
	return arg;
}

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static int shared;
static atomic_bool changed;

static void *
changes_within(void *arg)
{
	green_mutex_lock(&mutex, GREEN_NEVER);
	shared++;
	green_mutex_unlock(&mutex);
	atomic_store_explicit(&changed, true, memory_order_relaxed);
	return arg;
}

__attribute__((noinline)) static void *
changes_without(void *arg)
{
	while (!atomic_load_explicit(&changed, memory_order_relaxed))
		sched_yield();
	shared++;
	return arg;
}

/* One after the other, because ThreadSanitizer can miss two changes at the
 * very same time; but nothing orders them. */
static void
race(void)
{
	pthread_t threads[2];

	pthread_create(&threads[0], NULL, changes_within, NULL);
	pthread_create(&threads[1], NULL, changes_without, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
}

int
main(int argc, char **argv)
{
	green_t id;

	if (argc > 1 && !strcmp(argv[1], "race")) {
		race();
		return 0;
	}
	if (argc < 2 || strcmp(argv[1], "overflow"))
		return !clean();
	green_spawn(&id, NULL, overflows, NULL);
	green_join(id, NULL, GREEN_NEVER);
	return 0;
}
