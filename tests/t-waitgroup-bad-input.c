/* SPDX-License-Identifier: MIT */
/* Proves: what is wrong in a call for wait groups is told by the documented
 * error and changes nothing: a count that would be negative or too large, too.
 */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_waitgroup group = GREEN_WAITGROUP_INIT;

static void *
use(void *arg)
{
	int error = green_waitgroup_add(&group, 1);

	if (error != green_waitgroup_done(&group) ||
	    error != green_waitgroup_wait(&group, 0) ||
	    error != green_waitgroup_fini(&group))
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

	is(green_waitgroup_init(NULL, NULL), -EINVAL, "init of NULL");
	is(green_waitgroup_init(&group, &attr), -EINVAL, "recursive");
	is(green_waitgroup_init(&group, NULL), 0, "no attr");
	is(green_waitgroup_fini(NULL), 0, "fini of NULL");
	is(green_waitgroup_add(NULL, 1), -EINVAL, "add to NULL");
	is(green_waitgroup_done(NULL), -EINVAL, "NULL is done");
	is(green_waitgroup_wait(NULL, 0), -EINVAL, "wait for NULL");
	is(green_waitgroup_wait(&group, -1), -EINVAL, "negative deadline");
	is(green_waitgroup_done(&group), -EINVAL, "nothing to be done");
	is(green_waitgroup_add(&group, INT64_MIN), -EINVAL, "far below 0");
	is(green_waitgroup_add(&group, 0), 0, "add nothing");
	is(green_waitgroup_add(&group, INT64_MAX), 0, "as much as there is");
	is(green_waitgroup_add(&group, 1), -EINVAL, "and more");
	is(green_waitgroup_add(&group, -INT64_MAX), 0, "all of it is done");
	is(green_waitgroup_wait(&group, 0), 0, "so it was counted well");

	attr.flags = GREEN_PRIVATE;
	is(green_waitgroup_init(&group, &attr), 0, "a private one");
	pthread_create(&thread, NULL, use, &error);
	pthread_join(thread, NULL);
	is(error, -EPERM, "is not for others");
	is(green_waitgroup_add(&group, 1), 0, "but for this worker");
	is(green_waitgroup_done(&group), 0, "done");
	is(green_waitgroup_wait(&group, GREEN_NEVER), 0, "wait");
	is(green_waitgroup_fini(&group), 0, "fini");
	return tap_done();
}
