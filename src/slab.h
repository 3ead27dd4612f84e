/* SPDX-License-Identifier: MIT */
#ifndef GREEN__SLAB_H
#define GREEN__SLAB_H

/*
 * Slabs: reserved address space that becomes stacks chunk by chunk.
 *
 * Between the reservation (PROT_NONE, costs nothing but addresses) and a slot
 * that can be used stand one mprotect() for a whole chunk and the guards.
 */

#include <stddef.h>
#include <stdint.h>

#include "stack.h"

struct slab {
	char *base;
	size_t size;      /* bytes reserved */
	size_t committed; /* bytes from base on that are writable slots */
};

/*
 * Reserve about want bytes, a power of two times slot; less when the address
 * space is short, but at least one slot. Returns 0 or -ENOMEM.
 */
int green__slab_reserve(struct slab *slab, size_t slot, size_t want);

/* Make up to want more slots writable, less when memory is short. Returns how
 * many, or -ENOMEM. No guards yet. */
long green__slab_commit(struct slab *slab, size_t slot, size_t want);

void green__slab_release(struct slab *slab);

#endif
