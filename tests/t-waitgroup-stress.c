/* SPDX-License-Identifier: MIT */
/* Proves: across workers and pthreads a wait for a group returns after all that
 * was added is done, whoever did it, and sees what they did; the group may be
 * freed when the wait is over. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define SIDES 3
#define JOBS 8 /* of each side and round */

struct round {
	struct green_waitgroup group;
	int done[SIDES][JOBS]; /* plain: the group is all that orders them */
};

static struct round *current;
static pthread_barrier_t barrier;
static int rounds;
static atomic_int wrong;

struct job {
	struct round *round;
	int *done;
};

static void *
job(void *arg)
{
	struct job *j = arg;

	green_yield();
	*j->done = 1;
	wrong += green_waitgroup_done(&j->round->group) != 0;
	return NULL;
}

/* The first side is a pthread without a worker. */
static void
work(struct round *r, int side)
{
	struct job jobs[JOBS];
	green_t ids[JOBS];

	for (int i = 0; i < JOBS; i++) {
		jobs[i] = (struct job){ r, &r->done[side][i] };
		if (side)
			green_spawn(&ids[i], NULL, job, &jobs[i]);
		else
			job(&jobs[i]);
	}
	for (int i = 0; side && i < JOBS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
}

static void *
side(void *arg)
{
	for (int i = 0; i < rounds; i++) {
		pthread_barrier_wait(&barrier);
		work(current, (int)(intptr_t)arg);
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void
one_round(void)
{
	struct round *r = calloc(1, sizeof(*r));

	current = r;
	green_waitgroup_add(&r->group, SIDES * JOBS);
	pthread_barrier_wait(&barrier);
	wrong += green_waitgroup_wait(&r->group, GREEN_NEVER) != 0;
	for (int i = 0; i < SIDES; i++)
		for (int j = 0; j < JOBS; j++)
			wrong += !r->done[i][j];
	free(r);
	pthread_barrier_wait(&barrier);
}

int
main(void)
{
	pthread_t threads[SIDES];

	rounds = tap_scale(300, 30);
	pthread_barrier_init(&barrier, NULL, SIDES + 1);
	for (intptr_t i = 0; i < SIDES; i++)
		pthread_create(&threads[i], NULL, side, (void *)i);
	for (int i = 0; i < rounds; i++)
		one_round();
	for (int i = 0; i < SIDES; i++)
		pthread_join(threads[i], NULL);
	is(wrong, 0, "waits that ended too early, and errors");
	return tap_done();
}
