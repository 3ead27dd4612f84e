/* SPDX-License-Identifier: MIT */
#ifndef GREEN__STACK_H
#define GREEN__STACK_H

/*
 * Stacks: slots of address space with a guard below, by size class.
 *
 * A pool belongs to one worker and is used by its OS thread only: no locks.
 * A thread first reserves the right to a stack (at spawn, which may fail),
 * takes one when it first runs (which cannot), and gives it back when it has
 * ended. Between reserve and take no slot is chosen, so that a storm of short
 * threads runs on one warm stack.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stack_guard {
	STACK_GUARD_NONE,     /* the scheduler checks the stack pointer */
	STACK_GUARD_INSTALL,  /* MADV_GUARD_INSTALL: no mapping per guard */
	STACK_GUARD_MPROTECT, /* PROT_NONE pages: two mappings each */
};

/* Least bytes of guard below each stack of a pool. */
#define STACK_GUARD_MIN 16384

/* Slots of 32 KiB, 64 KiB, ... 2 GiB, guards included. */
#define STACK_CLASSES 17
#define STACK_CLASS_OWN 255 /* memory of the user's own */

/* One stack. Copied freely; says everything needed to give it back. */
struct stack {
	char *lo;        /* lowest byte that may be used */
	uint32_t size;   /* bytes from lo to the end of the mapping */
	uint8_t class;   /* size class, or STACK_CLASS_OWN */
	uint8_t guard;   /* enum stack_guard */
	uint16_t colour; /* bytes to leave unused at the top, see stack.c */
};

struct stack_pool;

/* A pool without any memory yet, or NULL. */
struct stack_pool *green__stack_pool_create(void);
/* All memory goes back, stacks that were never given back included; in the
 * child of a fork, not that of classes in the middle of a change. */
void green__stack_pool_destroy(struct stack_pool *pool);

/* The class for at least size usable bytes, or -EINVAL if there is none that
 * large. size 0: the default. */
int green__stack_class(uint64_t size);

/* The right to one stack of the class. Returns 0 or -ENOMEM. */
int green__stack_reserve(struct stack_pool *pool, unsigned class);
void green__stack_unreserve(struct stack_pool *pool, unsigned class);

/* Use the right: the warmest free stack. Cannot fail. */
struct stack green__stack_take(struct stack_pool *pool, unsigned class);
/* Give it back, and the right with it. May be called on the very stack, as
 * long as nothing is taken before it was left. */
void green__stack_give(struct stack_pool *pool, struct stack stack);

/* Give the pages of free stacks back to the system; returns bytes. */
size_t green__stack_trim(struct stack_pool *pool);
/* The worker is about to sleep: give back some of what has been unused for a
 * while. Cheap when there is nothing to do. now is real time, in ns. Returns
 * when to be called again, should the worker still sleep then; INT64_MAX when
 * there is nothing left to give back, which comes soon in one long sleep. */
int64_t green__stack_idle(struct stack_pool *pool, int64_t now);

/* Bytes of guard below a stack: 0 if it has none. */
size_t green__stack_guard_size(const struct stack *stack);
/* The slot of this pool, its guard included, that addr lies in. False if
 * there is none. The kind of guard is not filled in. Async-signal-safe. */
bool green__stack_at(const struct stack_pool *pool, uintptr_t addr,
		     struct stack *ret);

/* Most bytes ever used, to the page: from the lowest page that was touched
 * to the end. */
size_t green__stack_used(const struct stack *stack);

/* Adds this pool's numbers. */
struct stack_counts {
	uint64_t guard_install, guard_mprotect, guard_none;
	uint64_t free;
	uint64_t bytes;
};
void
green__stack_counts(const struct stack_pool *pool, struct stack_counts *counts);

/* For tests: the strongest guard that may be used from now on, in the order
 * INSTALL, MPROTECT, NONE, and how many mprotect guards the process may have
 * (0: as computed). */
void green__stack_force(enum stack_guard strongest, size_t mprotect_budget);

#endif
