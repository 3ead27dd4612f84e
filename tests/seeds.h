/* SPDX-License-Identifier: MIT */
#ifndef SEEDS_H
#define SEEDS_H

/*
 * Where stress tests have their random numbers from. GREEN_STRESS_SEED gives
 * all of them others; without it they are the same each time. What the OS does
 * between them is not repeated, though.
 */

#include "tap.h"

#include <stdlib.h>

/* Null when nobody asked for a seed. */
static inline const char *
stress_seed_asked(void)
{
	const char *text = getenv("GREEN_STRESS_SEED");

	return text && *text ? text : NULL;
}

/* The first seed of a test that tries many. */
static inline unsigned
stress_seed(void)
{
	const char *text = stress_seed_asked();

	return text ? (unsigned)strtoul(text, NULL, 0) : 1;
}

/* How many seeds such a test tries: just the one that was asked for. */
static inline int
stress_seeds(int many, int few)
{
	return stress_seed_asked() ? 1 : tap_scale(many, few);
}

/* The seed of the nth of those who draw numbers at the same time: n itself,
 * unless a seed was asked for. */
static inline unsigned
stress_seed_of(unsigned n)
{
	return n + (stress_seed() - 1) * 2654435769u;
}

static inline unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

#endif
