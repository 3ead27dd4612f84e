/* SPDX-License-Identifier: MIT */
/* Proves: names that are not answered take half of the pool; the other half is
 * there for other jobs. */

#define _GNU_SOURCE /* RTLD_NEXT */

#include "tap.h"

#include <pthread.h>

#include "resolver.h"

#define THREADS 4 /* of the pool */
#define NAMES 10

static pthread_barrier_t barrier;

/* Half of the pool at the same time. */
static void *
meet(void *arg)
{
	pthread_barrier_wait(&barrier);
	return arg;
}

static void *
asks(void *arg)
{
	struct addrinfo *list;
	int error = green_getaddrinfo("name.gate", "80", NULL, &list,
				      GREEN_NEVER);

	if (error)
		return NULL;
	green_freeaddrinfo(list);
	return arg;
}

static void
jobs_meet(const char *when)
{
	struct green_job *jobs[THREADS / 2];
	int wrong = 0;

	for (int i = 0; i < THREADS / 2; i++)
		wrong += green_offload(&jobs[i], meet, NULL) != 0;
	for (int i = 0; i < THREADS / 2; i++)
		wrong += green_offload_wait(jobs[i], NULL, GREEN_NEVER) != 0;
	is(wrong, 0, "%d jobs have met %s", THREADS / 2, when);
}

int
main(void)
{
	green_t ids[NAMES];
	void *value;
	int found = 0;

	if (TAP_TSAN)
		skip_all("TSan must see getaddrinfo(): it knows none of "
			 "libc's own locks");
	setenv("GREEN_OFFLOAD_THREADS", "4", 1);
	pthread_barrier_init(&barrier, NULL, THREADS / 2);
	gate_init(&resolver_gate);
	for (int i = 0; i < NAMES; i++)
		green_spawn(&ids[i], NULL, asks, &found);
	green_yield();
	gate_reached(&resolver_gate, THREADS / 2);
	jobs_meet("while names wait");
	jobs_meet("again");
	is(green_sem_wait(&resolver_gate.begun, 0), -EAGAIN,
	   "no other name has begun");
	gate_open(&resolver_gate, NAMES);
	for (int i = 0; i < NAMES; i++) {
		green_join(ids[i], &value, GREEN_NEVER);
		found += value == &found;
	}
	is(found, NAMES, "all are found in the end");
	jobs_meet("afterwards");
	gate_fini(&resolver_gate);
	return tap_done();
}
