/* SPDX-License-Identifier: MIT */
/* Proves: whoever waits, gives up, drops or selects, and on however many OS
 * threads: each job is collected once or forgotten once, and none is lost. */

#include "seeds.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define THREADS 16
#define PTHREADS 2
#define SLOTS 8

static atomic_ulong given, calls, collected, dropped, forgotten, wrong;
static struct green_sem ended;

static void *
work(void *arg)
{
	calls++;
	return arg;
}

/* Posted last: who has waited for as many may end. */
static void
forget(void *arg, void *value)
{
	wrong += value && value != arg;
	calls += !value; /* taken out before it began */
	forgotten++;
	green_sem_post(&ended);
}

static void *
nobodys(void *arg)
{
	calls++;
	forgotten++;
	green_sem_post(&ended);
	return arg;
}

static int64_t
some_time(unsigned r)
{
	return r % 3 == 0   ? 0
	       : r % 3 == 1 ? green_after((int64_t)(r >> 2))
			    : GREEN_NEVER;
}

static int
by_select(struct green_job **jobs, int n, int64_t deadline)
{
	struct green_clause c[SLOTS] = { { 0 } };
	int i;

	for (i = 0; i < n; i++) {
		c[i].kind = GREEN_CLAUSE_JOB;
		c[i].object = jobs[i];
	}
	i = green_select(c, (size_t)n, deadline);
	if (i >= 0)
		wrong += c[i].result || !c[i].value;
	else
		wrong += i != -EAGAIN && i != -ETIMEDOUT;
	return i;
}

static int
by_wait(struct green_job *job, int64_t deadline)
{
	void *value = NULL;
	int error = green_offload_wait(job, &value, deadline);

	wrong += error ? error != -EAGAIN && error != -ETIMEDOUT : !value;
	return error;
}

/* One of n jobs goes, perhaps. Returns how many are left. */
static int
lose_one(struct green_job **jobs, int n, unsigned *seed)
{
	int i = (int)(next_random(seed) % (unsigned)n);
	int64_t deadline = some_time(next_random(seed));

	switch (next_random(seed) & 3) {
	case 0:
		if (by_wait(jobs[i], deadline))
			return n;
		collected++;
		break;
	case 1:
		i = by_select(jobs, n, deadline);
		if (i < 0)
			return n;
		collected++;
		break;
	default:
		dropped++;
		wrong += green_offload_drop(jobs[i], forget) != 0;
	}
	jobs[i] = jobs[n - 1];
	return n - 1;
}

static int
add_one(struct green_job **jobs, int n, unsigned *seed)
{
	given++;
	if (next_random(seed) & 7) {
		wrong += green_offload(&jobs[n], work, &given) != 0;
		return n + 1;
	}
	dropped++;
	wrong += green_offload(NULL, nobodys, NULL) != 0;
	return n;
}

static void *
use(void *arg)
{
	unsigned seed = stress_seed_of((unsigned)(uintptr_t)arg);
	struct green_job *jobs[SLOTS];
	int n = 0, left = tap_scale(300, 60);

	while (left || n) {
		if (left && n < SLOTS && (!n || next_random(&seed) & 1)) {
			left--;
			n = add_one(jobs, n, &seed);
		} else {
			n = lose_one(jobs, n, &seed);
		}
	}
	return NULL;
}

int
main(void)
{
	struct green_runtime_attr of = { .size = sizeof(of), .workers = 2 };
	struct green_attr attr = { .size = sizeof(attr) };
	struct green_runtime *rt;
	pthread_t threads[PTHREADS];
	green_t ids[THREADS];

	setenv("GREEN_OFFLOAD_THREADS", "3", 1);
	is(green_runtime_create(&rt, &of), 0, "a runtime");
	/* Half of them here. */
	for (uintptr_t i = 0; i < THREADS; i++) {
		attr.runtime = i % 2 ? rt : NULL;
		green_spawn(&ids[i], &attr, use, (void *)(i + 1));
	}
	for (uintptr_t i = 0; i < PTHREADS; i++)
		pthread_create(&threads[i], NULL, use,
			       (void *)(i + 1 + THREADS));
	for (int i = 0; i < THREADS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	for (int i = 0; i < PTHREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned long i = 0; i < dropped; i++)
		green_sem_wait(&ended, GREEN_NEVER);
	is(green_runtime_destroy(rt), 0, "its end");
	is(wrong, 0, "wrong results");
	is(calls, given, "each was called, or never will be");
	is(collected + forgotten, given, "each was collected or forgotten");
	is(forgotten, dropped, "and which of them");
	return tap_done();
}
