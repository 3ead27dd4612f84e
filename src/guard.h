/* SPDX-License-Identifier: MIT */
#ifndef GREEN__GUARD_H
#define GREEN__GUARD_H

/*
 * Guards below stacks, and advice to the kernel about many ranges at once.
 */

#include <stdbool.h>
#include <stddef.h>

#include <sys/uio.h>

#include "stack.h"

/* Bytes of guard that a slot has. */
size_t green__guard_size(void);

/*
 * Give each of n writable slots, one behind the other from base on, a guard at
 * its low end. A run of them, at least one, gets the same kind; its length is
 * returned. *kind is the strongest to try, and says what the run has.
 */
size_t
green__guard_set(char *base, size_t slot, size_t n, enum stack_guard *kind);

/* The strongest kind that is worth trying now. */
enum stack_guard green__guard_strongest(void);

/* n slots with guards of this kind are gone. */
void green__guard_release(enum stack_guard kind, size_t n);

/* madvise() of n ranges, in one call where the kernel can. Returns how many
 * of them, from the first on, are done. */
size_t green__pages_advise(const struct iovec *ranges, size_t n, int advice);

/* Ranges in one batch; an array of them lives on a green thread's stack. */
#define PAGES_BATCH 64

#endif
