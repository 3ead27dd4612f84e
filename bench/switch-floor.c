/* SPDX-License-Identifier: MIT */
/*
 * Raw switches: the floor. A reference, not a library: the least that a
 * called function can do (floor.S), without unwind information, landing pads,
 * values handed over, or a shared library between.
 */

#include <stdint.h>

void floor_switch(void **save_sp, void *load_sp);
void floor_start(void);

struct flow {
	void **self, **other;
};

static inline void
hop(struct flow *f)
{
	floor_switch(f->self, *f->other);
}

#include "switch.h"

static void *pointers[2];
static char stack[65536] __attribute__((aligned(16)));

void floor_entry(void);

void
floor_entry(void)
{
	struct flow f = { &pointers[1], &pointers[0] };

	switch_other(&f);
}

static void
make(struct flow *here)
{
	uintptr_t *frame = (uintptr_t *)(void *)(stack + sizeof(stack)) - 9;

	here->self = &pointers[0];
	here->other = &pointers[1];
	frame[6] = (uintptr_t)floor_start;
	pointers[1] = frame;
}

int
main(int argc, char **argv)
{
	return switch_main("floor", argc, argv, make);
}
