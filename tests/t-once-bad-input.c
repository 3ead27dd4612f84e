/* SPDX-License-Identifier: MIT */
/* Proves: what is wrong in a call for what is to be done once is told by the
 * documented error, and then nothing is called. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_once once = GREEN_ONCE_INIT;
static int calls;

static int
count(void *arg)
{
	(void)arg;
	calls++;
	return 0;
}

static void *
use(void *arg)
{
	int error = green_once_run(&once, count, NULL, 0);

	if (error != green_once_fini(&once))
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

	is(green_once_init(NULL, NULL), -EINVAL, "init of NULL");
	is(green_once_init(&once, &attr), -EINVAL, "recursive");
	is(green_once_init(&once, NULL), 0, "no attr");
	is(green_once_fini(NULL), 0, "fini of NULL");
	is(green_once_run(NULL, count, NULL, 0), -EINVAL, "run NULL");
	is(green_once_run(&once, NULL, NULL, 0), -EINVAL, "run no function");
	is(green_once_run(&once, count, NULL, -1), -EINVAL, "negative");
	attr.flags = GREEN_PRIVATE;
	is(green_once_init(&once, &attr), 0, "a private one");
	pthread_create(&thread, NULL, use, &error);
	pthread_join(thread, NULL);
	is(error, -EPERM, "is not for others");
	is(calls, 0, "nothing was called");
	is(green_once_run(&once, count, NULL, 0), 0, "but for this worker");
	is(calls, 1, "now it was");
	is(green_once_fini(&once), 0, "fini");
	return tap_done();
}
