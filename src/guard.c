/* SPDX-License-Identifier: MIT */
/*
 * Guards: whatever makes the kernel answer an access below a stack with a
 * signal.
 *
 * In order of strength:
 *
 *   INSTALL   madvise(MADV_GUARD_INSTALL), Linux 6.13. A mark in the page
 *             table; no mapping of its own, so a million of them are fine.
 *             Refused (EINVAL) in locked memory.
 *   MPROTECT  PROT_NONE pages. Each costs two of the vm.max_map_count
 *             mappings that the whole process shares, so all pools together
 *             get half of these and leave the rest to the program.
 *   NONE      The scheduler looks at the stack pointer when it switches.
 *
 * Each step is tried anew for every chunk, not decided once: mlockall() may
 * come and go, and other pools return their share of the mappings. A slot
 * that ends up weaker than hoped is counted as such; it never fails.
 *
 * INSTALL is believed only when a guard was seen to work: user-mode emulators
 * answer 0 to advice that they do not know. The probe is mincore() writing
 * its result into a guard; it needs no file descriptor, which the process may
 * have run out of.
 *
 * A guard is as wide as the compiler's probes are apart: 4 KiB on x86-64, 64
 * KiB on AArch64. Less could be jumped over by code that did all it should.
 * It is 16 KiB at least, for libc's large frames have no probes at all.
 *
 * Rejected: a canary word at the low end (touches a second page of every
 * stack), UFFDIO_POISON (SIGBUS, a kernel log line each, older kernels only),
 * guards made when a thread first runs (a system call per spawn).
 */

#include "config.h"

#include "guard.h"

#include "base.h"
#include "context.h"
#include "mem.h"
#include "valgrind.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In <sys/mman.h> of glibc 2.42. */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
/* In <linux/pidfd.h> of Linux 6.14. */
#ifndef PIDFD_SELF
#define PIDFD_SELF (-10000)
#endif

/* What vm.max_map_count is where we cannot read it. */
#define MAPS_DEFAULT 65530
/* A guard takes two mappings, and guards may take half of all. */
#define MAPS_PER_GUARD 4

enum answer {
	UNKNOWN,
	YES,
	NO
};

/* All four are relaxed: each stands for itself, and a thread that sees an old
 * value does what it would have done a moment ago. */
static _Atomic(enum stack_guard) forced = STACK_GUARD_INSTALL;
static _Atomic(enum answer) probed;
static atomic_size_t budget; /* PROT_NONE guards allowed; 0: not read yet */
static atomic_size_t spent;  /* of that */

#define load(a) atomic_load_explicit(&(a), memory_order_relaxed)
#define store(a, n) atomic_store_explicit(&(a), n, memory_order_relaxed)

size_t
green__guard_size(void)
{
	size_t size = green__page_size();

	if (size < STACK_GUARD_MIN)
		size = STACK_GUARD_MIN;
	return size > green__stack_probe ? size : green__stack_probe;
}

/* ---- many ranges at once ------------------------------------------------ */

#ifdef SYS_process_madvise
/* Bytes done, or -1. */
static ssize_t
advise_vector(const struct iovec *ranges, size_t n, int advice)
{
	ssize_t done = syscall(SYS_process_madvise, PIDFD_SELF, ranges, n,
			       advice, 0);

#ifdef SYS_pidfd_open
	if (done < 0 && errno == EBADF) {
		/* Linux 6.13. Not kept open: it would name the parent in a
		 * forked child. */
		int fd = (int)syscall(SYS_pidfd_open, getpid(), 0), state;

		if (fd < 0)
			return -1;
		done = syscall(SYS_process_madvise, fd, ranges, n, advice, 0);
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
		close(fd);
		pthread_setcancelstate(state, NULL);
	}
#endif
	return done;
}
#else
static ssize_t
advise_vector(const struct iovec *ranges, size_t n, int advice)
{
	(void)ranges, (void)n, (void)advice;
	return -1;
}
#endif

size_t
green__pages_advise(const struct iovec *ranges, size_t n, int advice)
{
	ssize_t bytes = -1;
	size_t i = 0;

	/* Valgrind complains loudly about the call that it does not know. */
	if (n > 1 && !RUNNING_ON_VALGRIND)
		bytes = advise_vector(ranges, n, advice);
	/* What is left, if only to learn that the next range is refused. */
	while (i < n && bytes >= (ssize_t)ranges[i].iov_len)
		bytes -= (ssize_t)ranges[i++].iov_len;
	while (i < n && !madvise(ranges[i].iov_base, ranges[i].iov_len, advice))
		i++;
	return i;
}

/* ---- INSTALL ------------------------------------------------------------ */

static enum answer
probe(void)
{
	size_t page = green__page_size();
	char *p = green__map(2 * page);
	bool works;

	if (!p)
		return UNKNOWN;
	works = !madvise(p, page, MADV_GUARD_INSTALL) &&
		mincore(p + page, page, (void *)p) < 0 && errno == EFAULT;
	green__unmap(p, 2 * page);
	return works ? YES : NO;
}

static bool
can_install(void)
{
	enum answer answer = load(probed);

	if (answer == UNKNOWN) {
		answer = probe();
		store(probed, answer);
	}
	return answer == YES;
}

static size_t
install(char *base, size_t slot, size_t n)
{
	struct iovec ranges[PAGES_BATCH];
	size_t size = green__guard_size(), done = 0;

	while (done < n) {
		size_t batch = n - done < PAGES_BATCH ? n - done : PAGES_BATCH;
		size_t got;

		for (size_t i = 0; i < batch; i++)
			ranges[i] = (struct iovec){
				base + (done + i) * slot,
				size,
			};
		got = green__pages_advise(ranges, batch, MADV_GUARD_INSTALL);
		done += got;
		if (got < batch)
			break;
	}
	return done;
}

/* ---- MPROTECT ----------------------------------------------------------- */

static size_t
read_max_maps(void)
{
	char text[24] = { 0 };
	int fd, state;
	long n = 0;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	fd = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (read(fd, text, sizeof(text) - 1) > 0)
			n = strtol(text, NULL, 10);
		close(fd);
	}
	pthread_setcancelstate(state, NULL);
	return n > 0 ? (size_t)n : MAPS_DEFAULT;
}

/* Take up to n guards out of the budget; returns how many. */
static size_t
spend(size_t n)
{
	size_t old = load(spent), take, all = load(budget);

	if (!all) {
		all = read_max_maps() / MAPS_PER_GUARD + 1;
		store(budget, all);
	}
	do {
		take = old < all ? all - old : 0;
		if (take > n)
			take = n;
		if (!take)
			return 0;
	} while (!atomic_compare_exchange_weak_explicit(
		&spent, &old, old + take, memory_order_relaxed,
		memory_order_relaxed));
	return take;
}

static size_t
protect(char *base, size_t slot, size_t n)
{
	size_t granted = spend(n), size = green__guard_size(), done = 0;

	while (done < granted && green__mem_allowed() &&
	       !mprotect(base + done * slot, size, PROT_NONE))
		done++;
	green__guard_release(STACK_GUARD_MPROTECT, granted - done);
	return done;
}

/* ---- the chain ---------------------------------------------------------- */

enum stack_guard
green__guard_strongest(void)
{
	enum stack_guard may = load(forced);

	if (may == STACK_GUARD_INSTALL && !can_install())
		may = STACK_GUARD_MPROTECT;
	return may;
}

size_t
green__guard_set(char *base, size_t slot, size_t n, enum stack_guard *kind)
{
	size_t done;

	if (*kind == STACK_GUARD_INSTALL) {
		done = install(base, slot, n);
		if (done)
			return done;
		*kind = STACK_GUARD_MPROTECT;
	}
	if (*kind == STACK_GUARD_MPROTECT) {
		done = protect(base, slot, n);
		if (done)
			return done;
		*kind = STACK_GUARD_NONE;
	}
	return n;
}

void
green__guard_release(enum stack_guard kind, size_t n)
{
	if (kind == STACK_GUARD_MPROTECT)
		atomic_fetch_sub_explicit(&spent, n, memory_order_relaxed);
}

void
green__stack_force(enum stack_guard strongest, size_t mprotect_budget)
{
	store(forced, strongest);
	store(budget, mprotect_budget);
}
