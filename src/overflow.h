/* SPDX-License-Identifier: MIT */
#ifndef GREEN__OVERFLOW_H
#define GREEN__OVERFLOW_H

/*
 * What happens when a green thread's stack overflows: a message, then death.
 */

#include <stdbool.h>
#include <stdint.h>

#include "stack.h"

/* Whose stack it was. */
struct overflow {
	const char *name; /* "" if it has none */
	uint64_t id;
	const void *spawned_at; /* may be NULL */
	struct stack stack;
	bool running; /* false: of the guards below, only addr is known */
};

/*
 * Who knows the threads registers this: does addr lie in a guard of the
 * calling OS thread's stacks? Fills in *ret and returns true if so. Called
 * from a signal handler.
 */
typedef bool (*overflow_describe)(uintptr_t addr, struct overflow *ret);

/*
 * The calling OS thread becomes a worker: gets an alternate signal stack, if
 * it has none, and the handlers are put in place, unless switched off.
 * *ret_alt is for green__overflow_thread_fini(). Returns 0 or -ENOMEM.
 */
int green__overflow_thread_init(overflow_describe describe, void **ret_alt);
/* It ceases to be one, or is gone (after fork()). NULL is ignored. */
void green__overflow_thread_fini(void *alt);

/* The range check at a switch found the stack pointer out of bounds. */
_Noreturn void green__overflow_die(const struct overflow *o, uintptr_t sp);

#endif
