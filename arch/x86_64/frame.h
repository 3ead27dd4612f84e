/* SPDX-License-Identifier: MIT */
#ifndef GREEN_FRAME_H
#define GREEN_FRAME_H

/*
 * The frame of a suspended context on x86-64, from its saved stack pointer
 * upwards. switch.S pushes and pops it, arch/frame.c writes a fresh one. The
 * offsets into struct context are asserted in arch/frame.c.
 */

/* struct green_context, as far as assembly looks at it. */
#define CONTEXT_SP 0
#define CONTEXT_FLAGS 8

#define FRAME_R15 0
#define FRAME_R14 8
#define FRAME_R13 16
#define FRAME_R12 24
#define FRAME_RBX 32
#define FRAME_RBP 40
#define FRAME_PC 48
#define FRAME_SIZE 56

/* Where a fresh frame carries the entry function and its argument, and what
 * lies between the frame and the top of the stack: a zero return address and
 * padding, so that the stack pointer is a multiple of 16 in the first code
 * that runs, as psABI 3.2.2 wants it before a call. */
#define FRAME_ENTRY FRAME_RBX
#define FRAME_ARG FRAME_R12
#define FRAME_TOP_PAD 16

#define STACK_ALIGN 16

/* How far -fstack-clash-protection lets code go between two probes. */
#define STACK_PROBE 4096

/* A fresh frame returns to this far into green__start: behind a nop. */
#define FRAME_START 1

/* Return addresses are not signed on this CPU. */
#define FRAME_SIGN(pc, sp) (pc)

#endif
