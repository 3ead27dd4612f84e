/* SPDX-License-Identifier: MIT */
/* Proves: while workers spawn threads that sleep, join each other, shield and
 * end, a plain pthread and the workers cancel them in random order: every
 * thread ends, is joined exactly once, with the value it returned, and no call
 * fails with -ECANCELED in a thread that nobody cancelled. GREEN_STRESS_SEED
 * repeats a run's numbers. */

#include "seeds.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <green.h>

#define WORKERS 3
#define THREADS 200 /* of each worker */

static struct place {
	_Atomic green_t id; /* 0: not there yet */
	atomic_int cancelled, joined;
} places[WORKERS * THREADS];

static atomic_int wrong, cancels, seen, stop;
static unsigned first_seed = 1;
static pthread_barrier_t barrier;

static void
cancel(unsigned *seed)
{
	struct place *p = &places[next_random(seed) % (WORKERS * THREADS)];
	green_t id = p->id;

	if (!id)
		return;
	p->cancelled = 1;
	switch (green_cancel(id)) {
	case 0:
		cancels++;
		break;
	case -ESRCH:
		break;
	default:
		wrong++;
	}
}

static int
block(unsigned *seed, struct place *self)
{
	struct place *p = &places[next_random(seed) % (WORKERS * THREADS)];
	green_t id = p->id;
	int error;

	switch (next_random(seed) % 4) {
	case 0:
		return green_sleep_until(
			green_after(next_random(seed) % 100000));
	case 1:
		return green_park(green_after(next_random(seed) % 100000));
	case 2:
		green_yield();
		return 0;
	default:
		/* With a deadline, for two may join each other. */
		if (!id || p == self)
			return 0;
		error = green_join(id, NULL,
				   green_after(next_random(seed) % 100000));
		p->joined += error == 0;
		return error;
	}
}

static void *
work(void *arg)
{
	struct place *self = arg;
	unsigned seed = first_seed + (unsigned)(self - places);

	for (unsigned n = next_random(&seed) % 6; n > 0; n--) {
		int on = next_random(&seed) % 4 == 0;
		int shield = green_shield(on), error = block(&seed, self);

		if (error == -ECANCELED) {
			wrong += on || !self->cancelled;
			seen++;
		}
		green_shield(shield);
		if (next_random(&seed) % 8 == 0)
			cancel(&seed);
	}
	return arg;
}

/* It may have been joined by one of the others. */
static void
join(struct place *p)
{
	void *value = NULL;
	int error = green_join(p->id, &value, GREEN_NEVER);

	while (error == -EBUSY) {
		green_sleep_until(green_after(1));
		error = green_join(p->id, &value, GREEN_NEVER);
	}
	if (error == 0)
		p->joined++;
	wrong += error == 0 ? value != p : error != -ESRCH;
}

static void *
worker(void *arg)
{
	struct place *mine = arg;
	unsigned seed = first_seed * 31 + (unsigned)(mine - places);

	pthread_barrier_wait(&barrier);
	for (int i = 0; i < THREADS; i++) {
		green_t id;

		wrong += green_spawn(&id, NULL, work, &mine[i]) != 0;
		mine[i].id = id;
		if (next_random(&seed) % 8 == 0)
			green_yield();
		if (next_random(&seed) % 8 == 0)
			cancel(&seed);
	}
	for (int i = 0; i < THREADS; i++)
		join(&mine[i]);
	return NULL;
}

static void *
plain(void *arg)
{
	unsigned seed = first_seed * 17;

	pthread_barrier_wait(&barrier);
	while (!stop) {
		cancel(&seed);
		sched_yield();
	}
	return arg;
}

static void
run(unsigned seed)
{
	pthread_t threads[WORKERS], canceller;

	first_seed = seed;
	stop = 0;
	memset(places, 0, sizeof(places));
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, worker, &places[i * THREADS]);
	pthread_create(&canceller, NULL, plain, NULL);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	stop = 1;
	pthread_join(canceller, NULL);
	for (int i = 0; i < WORKERS * THREADS; i++)
		wrong += places[i].joined != 1;
}

int
main(void)
{
	unsigned seed = stress_seed();
	unsigned end = seed + (unsigned)stress_seeds(11, 4);

	pthread_barrier_init(&barrier, NULL, WORKERS + 1);
	for (; seed != end && !wrong; seed++)
		run(seed);
	is(wrong, 0, "wrong values and errors, up to seed %u", seed - 1);
	printf("# %d cancelled, %d calls noticed\n", cancels, seen);
	return tap_done();
}
