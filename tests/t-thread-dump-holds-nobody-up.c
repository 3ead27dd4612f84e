/* SPDX-License-Identifier: MIT */
/* Proves: while green_dump() waits for somebody to read what it writes, other
 * OS threads can still look up the threads that it reports. */

#include "config.h"

#include "tap.h"

#include <fcntl.h>
#include <green.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/ioctl.h>

#define THREADS 200
#define WRITE_MAX 600 /* more than one write of a report */

static green_t ids[THREADS];
static int fds[2];
static atomic_bool spawned, over;

static void *
nothing(void *arg)
{
	return arg;
}

static void *
dump(void *arg)
{
	for (int i = 0; i < THREADS; i++)
		green_spawn(&ids[i], NULL, nothing, NULL);
	spawned = true;
	green_dump(fds[1]);
	over = true;
	return arg;
}

/* Wait until the pipe is full, or all is written. */
static void
wait_until_full(int capacity)
{
	int held = 0;

	while (!over && held < capacity - WRITE_MAX) {
		sched_yield();
		ioctl(fds[0], FIONREAD, &held);
	}
}

int
main(void)
{
	char text[4096];
	pthread_t thread;
	long looked = 0, found = 0;
	int capacity;

	alarm(100);
	if (pipe(fds) < 0)
		return 99;
	capacity = fcntl(fds[1], F_SETPIPE_SZ, 4096);
	if (capacity < 0)
		skip_all("pipes have a fixed size");
	pthread_create(&thread, NULL, dump, NULL);
	while (!spawned)
		sched_yield();
	wait_until_full(capacity);
	while (!over) {
		for (int i = 0; i < THREADS; i++) {
			int error = green_join(ids[i], NULL, 0);

			looked++;
			found += error == -EAGAIN || error == -ESRCH;
		}
		if (read(fds[0], text, sizeof(text)) <= 0)
			break;
		wait_until_full(capacity);
	}
	pthread_join(thread, NULL);
	ok(looked > THREADS, "looked in the middle of the report");
	is(found, looked, "threads that were found");
	return tap_done();
}
