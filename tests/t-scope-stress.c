/* SPDX-License-Identifier: MIT */
/* Proves: while members of a scope on several workers spawn more of them, time
 * themselves, fail, cancel each other and the scope, and end, a plain pthread
 * cancels threads and scope at random: wait and destroy return, and afterwards
 * every member has ended. GREEN_STRESS_SEED repeats a run's numbers. */

#include "seeds.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <green.h>

#define WORKERS 3
#define MEMBERS 300

static struct green_scope *scope;
static atomic_int spawned, ended, wrong, calls_failed;
static _Atomic green_t ids[MEMBERS];
static unsigned first_seed;
static pthread_barrier_t barrier;

static void *work(void *arg);

static void
spawn(unsigned *seed)
{
	int i = spawned++;
	green_t id = 0;

	if (i >= MEMBERS) {
		spawned--;
		return;
	}
	wrong += green_scope_spawn(scope, next_random(seed) % 2 ? &id : NULL,
				   NULL, work, (void *)(uintptr_t)i) != 0;
	if (id)
		green_detach(id);
	ids[i] = id;
}

static void
timed(unsigned *seed)
{
	struct green_scope_attr attr = {
		.size = sizeof(attr),
		.deadline = green_after(next_random(seed) % 50000),
	};
	struct green_scope *own;
	int error;

	wrong += green_scope_create(&own, &attr) != 0;
	wrong += green_scope_enter(own) != 0;
	error = green_sleep_until(green_after(next_random(seed) % 50000));
	calls_failed += error == -ECANCELED;
	if (next_random(seed) % 3 == 0)
		wrong += green_scope_spawn(own, NULL, NULL, work,
					   (void *)(uintptr_t)MEMBERS) != 0;
	error = green_scope_leave(own);
	wrong += error && error != -ETIMEDOUT;
	wrong += green_scope_destroy(own) != 0;
}

static void
act(unsigned *seed)
{
	int error;

	switch (next_random(seed) % 32) {
	case 0:
		wrong += green_scope_fail(scope, -EIO) != 0;
		break;
	case 1:
		error = green_cancel(ids[next_random(seed) % MEMBERS]);
		wrong += error && error != -ESRCH && error != -EINVAL;
		break;
	case 2:
		if (next_random(seed) % 16 == 0)
			wrong += green_scope_cancel(scope) != 0;
		break;
	case 3:
	case 4:
	case 5:
		timed(seed);
		break;
	case 6:
		green_shield((int)(next_random(seed) % 2));
		break;
	case 7:
	case 8:
		green_yield();
		break;
	case 9:
		spawn(seed);
		break;
	default:
		error = green_park(green_after(next_random(seed) % 20000));
		calls_failed += error == -ECANCELED;
		break;
	}
}

/* Of the scope; MEMBERS: of one of the own scopes, and short. */
static void *
work(void *arg)
{
	unsigned i = (unsigned)(uintptr_t)arg, seed = first_seed * 7919 + i;

	if (i == MEMBERS) {
		green_park(green_after(10000));
		return NULL;
	}
	for (unsigned n = next_random(&seed) % 12; n > 0; n--)
		act(&seed);
	ended++;
	return arg;
}

/* Its main flow knows that the scope is there until the barrier. */
static void *
worker(void *arg)
{
	unsigned seed = first_seed + (unsigned)(uintptr_t)arg;

	pthread_barrier_wait(&barrier);
	for (int i = 0; i < MEMBERS / WORKERS / 2; i++) {
		spawn(&seed);
		if (next_random(&seed) % 4 == 0)
			green_yield();
	}
	pthread_barrier_wait(&barrier);
	green_exit(NULL);
}

static void *
plain(void *arg)
{
	unsigned seed = first_seed * 17;

	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 200; i++) {
		green_cancel(ids[next_random(&seed) % MEMBERS]);
		if (next_random(&seed) % 512 == 0)
			wrong += green_scope_cancel(scope) != 0;
		sched_yield();
	}
	pthread_barrier_wait(&barrier);
	return arg;
}

static void
run(unsigned seed)
{
	struct green_scope_attr attr = {
		.size = sizeof(attr),
		.flags = seed % 2 ? GREEN_SCOPE_FAIL_CANCELS : 0,
		.deadline = seed % 4 == 0 ? green_after(3000000) : 0,
	};
	pthread_t threads[WORKERS + 1];
	int error;

	first_seed = seed;
	spawned = ended = 0;
	for (int i = 0; i < MEMBERS; i++)
		ids[i] = 0;
	wrong += green_scope_create(&scope, &attr) != 0;
	for (uintptr_t i = 0; i <= WORKERS; i++)
		pthread_create(&threads[i], NULL, i < WORKERS ? worker : plain,
			       (void *)i);
	pthread_barrier_wait(&barrier);
	error = green_scope_wait(scope, green_after(100000));
	wrong += error && error != -ETIMEDOUT && error != -EIO;
	pthread_barrier_wait(&barrier);
	wrong += green_scope_destroy(scope) != 0;
	if (ended != spawned) {
		printf("# seed %u: %d spawned, %d ended\n", seed, spawned,
		       ended);
		wrong++;
	}
	for (int i = 0; i <= WORKERS; i++)
		pthread_join(threads[i], NULL);
}

int
main(void)
{
	unsigned seed = stress_seed();
	unsigned end = seed + (unsigned)stress_seeds(21, 5);

	pthread_barrier_init(&barrier, NULL, WORKERS + 2);
	for (; seed != end && !wrong; seed++)
		run(seed);
	is(wrong, 0, "wrong results, up to seed %u", seed - 1);
	printf("# %d calls were cancelled\n", calls_failed);
	return tap_done();
}
