/* SPDX-License-Identifier: MIT */
/* Proves: whatever the order in which threads run, one at a time holds a mutex,
 * and none is lost that waits for it: threads that lock with every kind of
 * deadline and yield between any two steps, in many pseudo-random orders. */

#include "seeds.h"

#include <green.h>

#define THREADS 6
#define ROUNDS 40

static struct green_mutex mutex = GREEN_MUTEX_INIT;
static int inside, overlaps, sum, sum_wanted, wrong;
static unsigned seed;

static void
some_yields(void)
{
	for (unsigned n = next_random(&seed) % 4; n > 0; n--)
		green_yield();
}

static void
hold(void)
{
	int before = sum;

	overlaps += inside++ != 0;
	some_yields();
	sum = before + 1;
	sum_wanted++;
	inside--;
}

static void *
work(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		unsigned kind = next_random(&seed) % 4;
		int error = green_mutex_lock(&mutex, kind == 0   ? 0
						     : kind == 1 ? 1
								 : GREEN_NEVER);

		some_yields();
		if (!error) {
			hold();
			wrong += green_mutex_unlock(&mutex) != 0;
		} else {
			wrong += kind > 1;
			wrong += error != (kind ? -ETIMEDOUT : -EAGAIN);
			wrong += green_mutex_unlock(&mutex) != -EPERM;
		}
		some_yields();
	}
	return arg;
}

int
main(void)
{
	int seeds = stress_seeds(300, 30);

	for (int s = 0; s < seeds; s++) {
		green_t ids[THREADS];

		seed = (stress_seed() + (unsigned)s) * 2654435761u;
		for (int i = 0; i < THREADS; i++)
			green_spawn(&ids[i], NULL, work, NULL);
		for (int i = 0; i < THREADS; i++)
			green_join(ids[i], NULL, GREEN_NEVER);
	}
	is(overlaps, 0, "two at a time");
	is(sum, sum_wanted, "nothing was overwritten");
	ok(sum >= seeds * THREADS * ROUNDS / 4, "%d times", sum);
	is(wrong, 0, "wrong results");
	is(green_mutex_fini(&mutex), 0, "nobody has it at the end");
	return tap_done();
}
