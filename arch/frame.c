/* SPDX-License-Identifier: MIT */
/*
 * A fresh frame for every assembly backend: frame.h says where things lie.
 *
 * The frame is that of a suspended context, so that the first switch to it is
 * like any other; its return address is green__start, which calls the entry.
 */

#include "config.h"

#include "context.h"
#include "frame.h"

#include <string.h>

_Static_assert(offsetof(struct context, sp) == CONTEXT_SP, "frame.h");
_Static_assert(offsetof(struct context, flags) == CONTEXT_FLAGS, "frame.h");
_Static_assert((FRAME_TOP_PAD + FRAME_SIZE) % sizeof(uint64_t) == 0,
	       "whole words");
_Static_assert(FRAME_TOP_PAD + FRAME_SIZE + STACK_ALIGN <
		       GREEN_CONTEXT_STACK_MIN / 2,
	       "the smallest stack has room for a frame and more");

const uint32_t green__stack_probe = STACK_PROBE;

void green__start(void);

static void
put(char *sp, size_t offset, uintptr_t word)
{
	memcpy(sp + offset, &word, sizeof(word));
}

void *
green__frame_init(void *lo, void *top, green__entry entry, void *arg)
{
	uintptr_t end = (uintptr_t)top & ~(uintptr_t)(STACK_ALIGN - 1);
	char *sp = (char *)lo +
		   (end - FRAME_TOP_PAD - FRAME_SIZE - (uintptr_t)lo);

	memset(sp, 0, FRAME_SIZE + FRAME_TOP_PAD);
	put(sp, FRAME_ENTRY, (uintptr_t)entry);
	put(sp, FRAME_ARG, (uintptr_t)arg);
	put(sp, FRAME_PC,
	    FRAME_SIGN((uintptr_t)green__start + FRAME_START,
		       (uintptr_t)sp + FRAME_SIZE));
	return sp;
}
