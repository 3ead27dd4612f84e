/* SPDX-License-Identifier: MIT */
/* Proves: the calls that are async-signal-safe work in a signal handler that
 * interrupts the library at any instruction of spawn, yield, join, sleep,
 * naming and the end of a thread: with one OS thread, and with two. */

#include "tap.h"

#include "steps.h"

#include <green.h>
#include <pthread.h>

#define THREADS 3
#define NAME "a name"

static green_t main_id, ids[THREADS];
static long wrong_id, wrong_name, wrong_time, wrong_user;
static int64_t last_time;

/* Between two threads there is none: 0. */
static int
known(green_t id)
{
	for (int i = 0; i < THREADS; i++)
		if (id == ids[i])
			return 1;
	return !id || id == main_id;
}

/* A name that is just being set may be cut short. */
static int
is_name(const char *name)
{
	return strlen(name) <= strlen(NAME) &&
	       !strncmp(name, NAME, strlen(name));
}

static void
between(void)
{
	char name[GREEN_NAME_MAX] = "untouched";
	green_t self = green_self();
	int64_t now = green_now();
	int saved = errno;

	wrong_id += !known(self);
	if (green_name_get(0, name, sizeof(name)) ||
	    (self && green_name_get(self, name, sizeof(name))) ||
	    !is_name(name))
		wrong_name++;
	wrong_time += now < last_time || green_after(1) <= now;
	last_time = now;
	wrong_user += green_user() && green_user() != &main_id;
	green_reserve();
	green_strerror(-ENOMEM);
	wrong_user += errno != saved;
}

static void *
live(void *arg)
{
	green_name_set(0, NAME);
	green_yield();
	green_name_set(0, NULL);
	green_sleep_until(green_after(GREEN_MILLISECOND));
	return arg;
}

static void
run_threads(void)
{
	struct green_attr attr = { .size = sizeof(attr), .user = &main_id };
	int stepping = steps_begin(between);

	for (int i = 0; i < THREADS; i++)
		green_spawn(&ids[i], i ? &attr : NULL, live, NULL);
	green_detach(ids[0]);
	for (int i = 1; i < THREADS; i++)
		green_join(ids[i], NULL,
			   i == 1 ? green_after(GREEN_SECOND) : GREEN_NEVER);
	green_yield();
	if (stepping)
		steps_end();
}

static void
all_well(const char *with)
{
	is(wrong_id, 0, "wrong ids with %s", with);
	is(wrong_name, 0, "wrong names with %s", with);
	is(wrong_time, 0, "wrong times with %s", with);
	is(wrong_user, 0, "wrong user slots or errno with %s", with);
}

static void *
nothing(void *arg)
{
	return arg;
}

int
main(void)
{
	pthread_t other;

	main_id = green_self();
	green_clock_virtual(1);
	run_threads();
	if (!steps_seen())
		skip_all("no single steps here");
	all_well("one OS thread");
	pthread_create(&other, NULL, nothing, NULL);
	run_threads();
	all_well("two OS threads");
	pthread_join(other, NULL);
	printf("# %ld steps\n", (long)steps_count);
	return tap_done();
}
