/* SPDX-License-Identifier: MIT */
#ifndef GREEN_FRAME_H
#define GREEN_FRAME_H

/*
 * The frame of a suspended context where there is no assembly: what
 * swapcontext() saved, and what is handed over. It lies on the context's own
 * stack, so that struct green_context is the same with every backend.
 */

#include <stdint.h>
#include <ucontext.h>

#include "context.h"

/* How far -fstack-clash-protection lets code go between two probes. */
#if defined __x86_64__ || defined __i386__
#define STACK_PROBE 4096
#else
#define STACK_PROBE 65536
#endif

struct frame {
	ucontext_t uc;
	void *value;         /* what whoever switched here has sent */
	green_context_fn fn; /* to be called with value first, or NULL */
	uint64_t fp;         /* control words in force at that moment */
	green__entry entry;  /* a fresh frame's */
	void *arg;           /* a fresh frame's */
};

#endif
