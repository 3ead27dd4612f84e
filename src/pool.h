/* SPDX-License-Identifier: MIT */
#ifndef GREEN__POOL_H
#define GREEN__POOL_H

/*
 * The inside of a stack pool, shared by stack.c (rights, taking and giving)
 * and trim.c (giving memory back).
 *
 * A slot is, from the low end: guard, then the stack. Of each class,
 *
 *   committed = taken by threads + on the free list + fresh
 *   reserved  = rights handed out, those that became taken stacks included
 *   reserved <= committed, which is why taking cannot fail
 *
 * The free list is an array used as a stack, away from the memory that it
 * describes: looking at it touches no cold page. Its lowest entries are the
 * ones that nobody has needed for longest. An entry is the address of the
 * stack's lowest byte with what else there is to know in the bits that page
 * alignment leaves free. Fresh slots have never run anything and are not on
 * it: they are handed out in the order of their addresses, after the warm
 * ones.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slab.h"
#include "stack.h"

/* An entry: address | colour, a multiple of 64 up to 960 | guard. */
typedef uintptr_t slot_entry;
#define ENTRY_GUARD 0x3u
#define ENTRY_COLOUR 0x3c0u
#define ENTRY_ADDRESS (~(uintptr_t)0xfff)

/* Fresh slots, one behind the other, with the same kind of guard. */
struct fresh {
	char *base; /* of the next slot, guard included */
	uint32_t slots;
	enum stack_guard guard;
};

struct stack_class {
	/* What every spawn and end of a thread looks at. */
	size_t reserved;
	size_t committed;
	slot_entry *free;
	size_t nfree;
	size_t low;    /* least nfree since trim.c last looked */
	uint32_t size; /* bytes of each stack */
	uint8_t shift; /* log2 of the slot */

	size_t free_room; /* entries that free has memory for: >= committed */
	struct fresh *fresh;
	size_t fresh_first, fresh_count, fresh_room; /* first <= count */
	size_t nfresh;                               /* slots in all of fresh */
	struct slab *slabs; /* only the last one has room for more */
	size_t nslabs, slab_room;
	size_t guards[3]; /* committed slots by enum stack_guard */

	/* Its OS thread is at work on the arrays: for a child that another one
	 * forks just then. */
	_Atomic bool growing;

	size_t clean;  /* lowest free entries whose pages are given back */
	size_t target; /* clean is to become this much, bit by bit */
};

struct stack_pool {
	struct stack_class classes[STACK_CLASSES];
	int64_t period_end; /* of trim.c, 0: none has begun */
};

#endif
