/* SPDX-License-Identifier: MIT */
#ifndef GREEN__OS_H
#define GREEN__OS_H

/*
 * What we ask of the kernel beyond POSIX: waiting on a word of memory, and
 * counting CPUs and the OS threads of the process.
 */

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

/* Wait while *word is value, until the deadline (CLOCK_MONOTONIC, ns, or
 * GREEN_NEVER). Returns 0 when woken or when *word differs, -ETIMEDOUT, or
 * -EINTR after a signal. */
int green__futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline);
void green__futex_wake(_Atomic uint32_t *word);

/* The kernel's number of the calling OS thread, not 0. In the child of fork()
 * it is still that of the thread that forked: what that held is held by the
 * same flow. */
uint32_t green__os_thread(void);

/* write(2), but no cancellation point. */
ssize_t green__write(int fd, const void *buf, size_t size);

/* The time of CLOCK_MONOTONIC in ns. */
int64_t green__monotonic(void);

/* How many CPUs this process may run on. */
uint32_t green__cpus(void);

/* How many OS threads the process has; 0: that cannot be told. Unlike
 * green__alone() it knows when other threads have come and gone. */
uint32_t green__os_threads(void);

/* Around the making of OS threads of our own: they are not to run the
 * program's signal handlers. Faults stay unblocked, since a blocked one would
 * end the process without our report. */
void green__signals_block(sigset_t *ret_old);

#endif
