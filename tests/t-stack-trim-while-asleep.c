/* SPDX-License-Identifier: MIT */
/* Proves: a worker that sleeps gives the memory of a burst back by itself: not
 * at once, but within one long sleep, for which it wakes a few times and then
 * not any more. The time is ours here, and a sleep in the kernel ends at once,
 * when it is over by that time. */

#include "tap.h"

#include "config.h"

#include "valgrind.h"

#include <dlfcn.h>
#include <green.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#define BURST 2000
#define WARM 64 /* stacks that are not worth the trouble */

static int64_t now = 1000 * GREEN_SECOND;
static int sleeps;
static uintptr_t used[BURST]; /* an address in each stack */

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = (time_t)(now / GREEN_SECOND);
	ts->tv_nsec = (long)(now % GREEN_SECOND);
	return 0;
}

long
syscall(long number, ...)
{
	static long (*real)(long, ...);
	long arg[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_futex && (int)arg[1] == FUTEX_WAIT_BITSET_PRIVATE &&
	    arg[3]) {
		const struct timespec *until = (const void *)arg[3];

		sleeps++;
		now = until->tv_sec * GREEN_SECOND + until->tv_nsec;
		errno = ETIMEDOUT;
		return -1;
	}
	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return real(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

static void *
lives(void *arg)
{
	char here;

	*(uintptr_t *)arg = (uintptr_t)&here;
	green_yield();
	return arg;
}

static int
resident(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	int n = 0;

	for (int i = 0; i < BURST; i++) {
		unsigned char present = 0;

		mincore((void *)(used[i] & ~(page - 1)), 1, &present);
		n += present & 1;
	}
	return n;
}

int
main(void)
{
	int64_t until;

	for (int i = 0; i < BURST; i++)
		green_spawn(NULL, NULL, lives, &used[i]);
	green_yield();
	green_yield();
	is(resident(), BURST, "a burst leaves its pages behind");
	until = green_after(GREEN_SECOND / 2);
	is(green_sleep_until(until), 0, "a short sleep");
	is(resident(), BURST, "leaves them warm");
	is(sleeps, 1, "and is slept in one piece");

	sleeps = 0;
	until = green_after(1000 * GREEN_SECOND);
	is(green_sleep_until(until), 0, "a long sleep");
	is(green_now(), until, "until its end");
	ok(resident() <= WARM, "leaves %d of %d warm", resident(), BURST);
	ok(sleeps > 1 && sleeps < 50, "and was slept in %d pieces", sleeps);
	sleeps = 0;
	green_sleep_until(green_after(1000 * GREEN_SECOND));
	is(sleeps, 1, "the next is slept in one");
	return tap_done();
}
