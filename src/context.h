/* SPDX-License-Identifier: MIT */
#ifndef GREEN__CONTEXT_H
#define GREEN__CONTEXT_H

/*
 * Inside of contexts: what every backend in arch/ provides, and the struct
 * behind struct green_context.
 */

#include <stddef.h>
#include <stdint.h>

#include <green/context.h>

#include "tools.h"

/* ---- provided by arch/<cpu>/switch.S or arch/generic/switch.c ---------- */

/* Save the running flow and its stack pointer in *save_sp, go on with the one
 * whose stack pointer is in *load_sp. value is returned there. Preserves what
 * the ABI calls callee-saved, except the FP control words. */
void *green__switch(void **save_sp, void **load_sp, void *value);

/* The same, with fn(value) run on the other stack first; its result is
 * returned there. */
void *green__switch_with(void **save_sp, void **load_sp, green_context_fn fn,
			 void *value);

/* Go on there without saving anything. */
_Noreturn void green__jump(void **load_sp, void *value);

/* Where a flow that has ended goes: as the arguments of green__jump(). Two
 * words, which assembly expects in the registers of a result. */
struct green__next {
	void **load_sp;
	void *value;
};
typedef struct green__next (*green__entry)(void *arg, void *value);

/* Write the frame of a flow that will call entry(arg, value) below top, which
 * needs no alignment, and go on where it says. Returns the stack pointer to
 * switch to; NULL if there is too little room above lo (ucontext alone). */
void *green__frame_init(void *lo, void *top, green__entry entry, void *arg);

/* Code built with -fstack-clash-protection touches the stack at least once in
 * so many bytes, so that a guard of this size cannot be jumped over. */
extern const uint32_t green__stack_probe;

/* The floating-point control words of the CPU, as one number. */
uint64_t green__fp_get(void);
void green__fp_set(uint64_t words);

/* ---- struct green_context from the inside ------------------------------ */

enum {
	CONTEXT_FP = GREEN_CONTEXT_FP,
	CONTEXT_ENDED = 1u << 8, /* fn has returned */
	CONTEXT_TOOLS = 1u << 9, /* a tool is watching */
};

struct context;

/* What is handed over while a tool is watching, see context.c. */
struct handover {
	struct context *from;
	void *value;
	bool arrived;
};

struct context {
	void *sp;       /* of the suspended frame; assembly knows its offset */
	uint32_t flags; /* not 0: assembly leaves the switch to C */
	uint32_t valgrind_id;
	uint64_t fp;      /* own FP control words while suspended */
	uint64_t fp_base; /* whoever switched here had these */
	green_context_fn fn;
	struct green_context *link;
	struct tool_stack tools;
	struct handover handover; /* when fn has returned */
};

/* Called by the assembly when a flag is set on either side. */
void *green__context_switch_slow(struct green_context *from,
				 struct green_context *to, void *value);
void *green__context_switch_with_slow(struct green_context *from,
				      struct green_context *to,
				      green_context_fn fn, void *value);

#endif
