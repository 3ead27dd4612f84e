/* SPDX-License-Identifier: MIT */
#ifndef GREEN__OS_H
#define GREEN__OS_H

/*
 * What we ask of the kernel beyond POSIX: waiting on a word of memory, and
 * counting CPUs and the OS threads of the process.
 */

#include <stdatomic.h>
#include <stdbool.h>
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

/* Is the calling OS thread certainly the only one of the process? Unlike
 * green__alone() it knows when other threads have come and gone. */
bool green__only_os_thread(void);

#endif
