/* SPDX-License-Identifier: MIT */
#ifndef FILL_H
#define FILL_H

/*
 * What tests/arch/<cpu>/fill.S provides: calls with every callee-saved
 * register under control. A C function with many local variables does not do:
 * compilers leave some registers alone and rename the rest.
 */

#include <stdint.h>

#define FILL_MAX 24

/* Assembly knows the layout. */
struct fill {
	void *fn;
	void *arg[4];
	void *result;
	uint64_t in[FILL_MAX];
	uint64_t out[FILL_MAX];
};

/* How many callee-saved registers there are. */
unsigned fill_count(void);

/* Load all of them from f->in, call f->fn with f->arg, store them in f->out
 * and what it returned in f->result. Two functions with the same body, for two
 * places to come back to. */
void fill_call_a(struct fill *f);
void fill_call_b(struct fill *f);

/* By how many bytes the stack pointer is off where a function begins. */
void *fill_misaligned(void *value);

#endif
