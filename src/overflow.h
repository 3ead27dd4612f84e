/* SPDX-License-Identifier: MIT */
#ifndef GREEN__OVERFLOW_H
#define GREEN__OVERFLOW_H

/*
 * What happens when a green thread's stack overflows.
 */

#include <stdint.h>

/* The calling OS thread becomes, or ceases to be, a worker. */
int green__overflow_thread_init(void);
void green__overflow_thread_fini(void);

/* The range check at a switch found the stack pointer out of bounds. */
_Noreturn void green__overflow_die(uintptr_t sp);

#endif
