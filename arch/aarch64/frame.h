/* SPDX-License-Identifier: MIT */
#ifndef GREEN_FRAME_H
#define GREEN_FRAME_H

/*
 * The frame of a suspended context on AArch64, from its saved stack pointer
 * upwards. switch.S stores and loads it, arch/frame.c writes a fresh one. The
 * offsets into struct context are asserted in arch/frame.c.
 */

/* struct green_context, as far as assembly looks at it. */
#define CONTEXT_SP 0
#define CONTEXT_FLAGS 8

#define FRAME_D8 0
#define FRAME_D10 16
#define FRAME_D12 32
#define FRAME_D14 48
#define FRAME_X19 64
#define FRAME_X21 80
#define FRAME_X23 96
#define FRAME_X25 112
#define FRAME_X27 128
#define FRAME_X29 144
#define FRAME_PC 152
#define FRAME_SIZE 160

/* Where a fresh frame carries the entry function and its argument. The stack
 * pointer is a multiple of 16 at all times: AAPCS64, 6.4.5. */
#define FRAME_ENTRY FRAME_X19
#define FRAME_ARG (FRAME_X19 + 8)
#define FRAME_TOP_PAD 0

#define STACK_ALIGN 16

/* How far -fstack-clash-protection lets code go between two probes: gcc's
 * default on this CPU, which libc and kernel are built for, too. */
#define STACK_PROBE 65536

/* A fresh frame returns to this far into green__start: behind a nop. */
#define FRAME_START 4

#ifndef __ASSEMBLER__
#include <stdint.h>

/* A return address as the switch wants it in a frame: signed for the stack
 * pointer that holds after the frame is gone, where the compiler was asked
 * for signed return addresses; else as it is. */
uintptr_t green__sign(uintptr_t pc, uintptr_t sp);
#define FRAME_SIGN(pc, sp) green__sign((pc), (sp))
#endif

#endif
