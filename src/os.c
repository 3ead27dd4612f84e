/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side: futex(2), write(2), the numbers of CPUs and OS threads,
 * signals.
 *
 * The first two are called directly and not through libc's functions, so that
 * they are no cancellation points: a pthread that waits for a green thread must
 * not be cancelled with its waiter in the thread's control block, nor one that
 * wakes a worker or writes a report with a lock held.
 */

#include "config.h"

#include "os.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <green/time.h>

/* 32-bit systems with 64-bit time have a call of their own. */
#if !defined SYS_futex || \
	(defined SYS_futex_time64 && defined _TIME_BITS && _TIME_BITS == 64)
#define FUTEX_CALL SYS_futex_time64
#else
#define FUTEX_CALL SYS_futex
#endif

_Static_assert(sizeof(_Atomic uint32_t) == sizeof(uint32_t), "a futex");

int
green__futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline)
{
	struct timespec ts, *until = NULL;
	int saved = errno, error = 0;

	if (deadline != GREEN_NEVER) {
		ts.tv_sec = (time_t)(deadline / GREEN_SECOND);
		ts.tv_nsec = (long)(deadline % GREEN_SECOND);
		until = &ts;
	}
	if (syscall(FUTEX_CALL, word, FUTEX_WAIT_BITSET_PRIVATE, value, until,
		    NULL, FUTEX_BITSET_MATCH_ANY) < 0)
		error = errno == EAGAIN ? 0 : -errno;
	errno = saved;
	return error;
}

void
green__futex_wake(_Atomic uint32_t *word)
{
	int saved = errno;

	syscall(FUTEX_CALL, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	errno = saved;
}

uint32_t
green__os_thread(void)
{
	static _Thread_local uint32_t number
		__attribute__((tls_model("initial-exec")));

	if (!number)
		number = (uint32_t)syscall(SYS_gettid);
	return number;
}

ssize_t
green__write(int fd, const void *buf, size_t size)
{
	return syscall(SYS_write, fd, buf, size);
}

int64_t
green__monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * GREEN_SECOND + ts.tv_nsec;
}

uint32_t
green__cpus(void)
{
	cpu_set_t set;
	long n = 0;

	/* It fails where there are more than the set has room for. */
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	if (n < 1)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : (uint32_t)n;
}

uint32_t
green__os_threads(void)
{
	struct stat st;

	/* A directory has a link from its name, its own dot, and the dots of
	 * its folders: one per thread. */
	if (stat("/proc/self/task", &st) || st.st_nlink < 3)
		return 0;
	return (uint32_t)st.st_nlink - 2;
}

void
green__signals_block(sigset_t *ret_old)
{
	static const int faults[] = { SIGSEGV, SIGBUS,  SIGILL, SIGFPE,
				      SIGTRAP, SIGABRT, SIGSYS };
	sigset_t set;

	sigfillset(&set);
	for (unsigned i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&set, faults[i]);
	pthread_sigmask(SIG_SETMASK, &set, ret_old);
}
