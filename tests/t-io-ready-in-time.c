/* SPDX-License-Identifier: MIT */
/* Proves: whoever waits for a descriptor that has become ready has not timed
 * out, though the worker was busy until long after the deadline; and who waits
 * for one that has not, has. Here, time passes when the test says so. */

#include "tap.h"

#include <sys/syscall.h>
#include <time.h>

#include <green.h>

#define MANY 300

static int64_t passed;

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int error = (int)syscall(SYS_clock_gettime, clock, ts);

	ts->tv_sec += (time_t)(passed / GREEN_SECOND);
	return error;
}

static int fds[MANY][2];

static void *
reads(void *arg)
{
	int *pipe = arg;
	char c;

	return (void *)(intptr_t)green_read(pipe[0], &c, 1,
					    green_after(1000 * GREEN_SECOND));
}

/* n of those are ready in time. */
static void
long_after(int n)
{
	int in_time = 0, late = 0;
	green_t ids[MANY];
	void *value;

	for (int i = 0; i < MANY; i++) {
		green_pipe(fds[i]);
		green_spawn(&ids[i], NULL, reads, fds[i]);
	}
	green_yield();
	for (int i = 0; i < n; i++)
		if (write(fds[i][1], "z", 1) != 1)
			perror("write");
	passed += 2000 * GREEN_SECOND;
	for (int i = 0; i < MANY; i++) {
		green_join(ids[i], &value, GREEN_NEVER);
		in_time += (intptr_t)value == 1;
		late += (intptr_t)value == -ETIMEDOUT;
		green_close(fds[i][0]);
		green_close(fds[i][1]);
	}
	is(in_time, n, "%d of %d have not timed out", n, MANY);
	is(late, MANY - n, "the others have");
}

int
main(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	long_after(0);
	long_after(1);
	long_after(MANY);
	return tap_done();
}
