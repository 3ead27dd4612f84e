/* SPDX-License-Identifier: MIT */
#ifndef TURNS_H
#define TURNS_H

/*
 * Turns between OS threads, without guessing how many they take. turn() lets
 * others run. The library's locks call sched_yield() while they wait, and that
 * is ours here: whoever waits for a lock is seen, and need not be given time.
 */

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Some OS thread has been waiting for a lock since this was made false. */
static atomic_bool held_up;

static inline void
turn(void)
{
	syscall(SYS_sched_yield);
}

int
sched_yield(void)
{
	held_up = true;
	turn();
	return 0;
}

/* Until another OS thread has said so, or cannot because of a lock that the
 * calling one holds. What lets the other one go comes between. */
#define turns_begin() ((void)(held_up = false))
#define turns_until(said) \
	do \
		turn(); \
	while (!(said) && !held_up)

#endif
