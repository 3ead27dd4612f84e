/* SPDX-License-Identifier: MIT */
/*
 * See tests/arch/fill.h. The registers are those of arch/aarch64/switch.S, in
 * the order x19-x29 d8-d15. x9 and x10 are zero at the call, so that a
 * function that forgets to load them does not find something useful there.
 */

#include "asm.h"

#define FILL_ARG 8
#define FILL_RESULT 40
#define FILL_IN 48
#define FILL_OUT (FILL_IN + 24 * 8)

	BEGIN_FILE

/* op is stp or ldp: callee-saved registers to or from the stack. */
.macro own_registers op
	\op	x19, x20, [sp, #16]
	\op	x21, x22, [sp, #32]
	\op	x23, x24, [sp, #48]
	\op	x25, x26, [sp, #64]
	\op	x27, x28, [sp, #80]
	\op	d8, d9, [sp, #96]
	\op	d10, d11, [sp, #112]
	\op	d12, d13, [sp, #128]
	\op	d14, d15, [sp, #144]
.endm

/* The same, and x29, to or from the array at x9. */
.macro all_registers op, op1
	\op	x19, x20, [x9, #0]
	\op	x21, x22, [x9, #16]
	\op	x23, x24, [x9, #32]
	\op	x25, x26, [x9, #48]
	\op	x27, x28, [x9, #64]
	\op1	x29, [x9, #80]
	\op	d8, d9, [x9, #88]
	\op	d10, d11, [x9, #104]
	\op	d12, d13, [x9, #120]
	\op	d14, d15, [x9, #136]
.endm

.macro fill_call
	stp	x29, x30, [sp, #-176]!
	.cfi_def_cfa_offset 176
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	own_registers stp
	str	x0, [sp, #160]
	add	x9, x0, #FILL_IN
	all_registers ldp, ldr
	mov	x9, x0
	ldp	x0, x1, [x9, #FILL_ARG]
	ldp	x2, x3, [x9, #FILL_ARG + 16]
	ldr	x11, [x9]
	mov	x9, #0
	mov	x10, #0
	blr	x11
	ldr	x10, [sp, #160]
	str	x0, [x10, #FILL_RESULT]
	add	x9, x10, #FILL_OUT
	all_registers stp, str
	own_registers ldp
	ldp	x29, x30, [sp], #176
	.cfi_restore x29
	.cfi_restore x30
	.cfi_def_cfa_offset 0
	ret
.endm

FUNCTION(fill_call_a)
	fill_call
END_FUNCTION(fill_call_a)

FUNCTION(fill_call_b)
	fill_call
END_FUNCTION(fill_call_b)

FUNCTION(fill_count)
	mov	w0, #19
	ret
END_FUNCTION(fill_count)

FUNCTION(fill_misaligned)
	mov	x9, sp
	and	x0, x9, #15
	ret
END_FUNCTION(fill_misaligned)

	END_FILE
