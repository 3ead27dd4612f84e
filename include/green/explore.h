/* SPDX-License-Identifier: MIT */
#ifndef GREEN_EXPLORE_H
#define GREEN_EXPLORE_H

/*
 * For tests: the order in which threads run. Usually it is first in first
 * out, so a program that is wrong in another order passes its tests for ever.
 *
 * With a seed each switch chooses by a pseudo-random generator, and the same
 * seed chooses the same. An order is replayed as far as nothing from outside
 * takes part: the clock (see green_clock_virtual()), other OS threads, I/O.
 */

#include <green/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Have the calling OS thread's green threads run in an order that seed
 * determines: whenever one yields or parks, any of those that can run goes
 * on, a yielding one included. 0: first in first out, as usual. The generator
 * begins anew with each call. A worker begins with the seed that the
 * environment variable GREEN_SEED has, a number as in C; green_dump() and the
 * report of a deadlock tell it. Does not park. Returns 0, or -ENOMEM when the
 * OS thread could not become a runtime. Since 0.1.
 */
GREEN_API int green_seed_set(uint64_t seed);

#ifdef __cplusplus
}
#endif

#endif
