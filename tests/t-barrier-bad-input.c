/* SPDX-License-Identifier: MIT */
/* Proves: what is wrong in a call for barriers is told by the documented error
 * and changes nothing. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_barrier barrier;

static void *
use(void *arg)
{
	int error = green_barrier_wait(&barrier, 0);

	if (error != green_barrier_fini(&barrier))
		error = 1;
	*(int *)arg = error;
	return NULL;
}

int
main(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_RECURSIVE };
	pthread_t thread;
	int error = 0;

	is(green_barrier_init(NULL, 2, NULL), -EINVAL, "init of NULL");
	is(green_barrier_init(&barrier, 0, NULL), -EINVAL, "for nobody");
	is(green_barrier_init(&barrier, 2, &attr), -EINVAL, "recursive");
	is(green_barrier_init(&barrier, UINT32_MAX, NULL), 0, "for many");
	is(green_barrier_wait(&barrier, 0), -EAGAIN, "who have not come");
	is(green_barrier_init(&barrier, 2, NULL), 0, "for two");
	is(green_barrier_fini(NULL), 0, "fini of NULL");
	is(green_barrier_wait(NULL, 0), -EINVAL, "wait at NULL");
	is(green_barrier_wait(&barrier, -1), -EINVAL, "negative deadline");
	is(green_barrier_wait(&barrier, 0), -EAGAIN, "deadline 0");
	is(green_barrier_wait(&barrier, 1), -ETIMEDOUT, "in the past");
	is(green_barrier_wait(&barrier, 0), -EAGAIN, "neither of them came");
	is(green_barrier_fini(&barrier), 0, "fini");

	attr.flags = GREEN_PRIVATE;
	is(green_barrier_init(&barrier, 1, &attr), 0, "a private one");
	pthread_create(&thread, NULL, use, &error);
	pthread_join(thread, NULL);
	is(error, -EPERM, "is not for others");
	is(green_barrier_wait(&barrier, 0), GREEN_BARRIER_SERIAL,
	   "but for this worker");
	is(green_barrier_fini(&barrier), 0, "fini");
	return tap_done();
}
