/* SPDX-License-Identifier: MIT */
/*
 * Stack switching on AArch64 (ELF and Mach-O).
 *
 * Source: "Procedure Call Standard for the Arm 64-bit Architecture", 6.1.1
 * (general-purpose registers), 6.1.2 (SIMD and floating point), 6.4.5 (the
 * stack); "ELF for the Arm 64-bit Architecture" for the property note.
 *
 *	register	saved here?
 *	x19-x28 x29	yes: callee-saved
 *	sp		yes: it is what a suspended context is
 *	x30		yes: the return address of the call that left
 *	d8-d15		yes: the low halves of v8-v15 are callee-saved
 *	x0-x17		no: the caller of a function expects them to be lost
 *	x18		no, and never touched: it belongs to the platform
 *	the rest of v0-v31, z0-z31, p0-p15	no: caller-saved
 *	fpcr		global by the standard; on request only (green__fp_get,
 *			green__fp_set)
 *	tpidr_el0	no: belongs to the OS thread
 *	za, svcr	no: the caller of a function that is not SME-aware has
 *			them off
 *
 * A suspended stack; the pointer to it is all that a context keeps:
 *
 *	sp ->	d8  d9  d10 d11 d12 d13 d14 d15
 *		x19 x20 x21 x22 x23 x24 x25 x26 x27 x28
 *		x29		with the next word an ordinary frame record
 *		x30		return address of the call that left
 *		the caller's frame ...
 *
 * A fresh one looks the same, so that there is one way to resume:
 *
 *	sp ->	0 ...		d8-d15
 *		entry		x19
 *		arg		x20
 *		0 ...		x21-x28
 *		0		x29: ends the chain of frame records
 *		green__start	x30
 *	top			sp is here in green__start
 *
 * Returning is always by `ret`: a return site has no landing pad, so that a
 * jump to it would be refused where branch targets are checked. Where the
 * compiler signs return addresses, so does this: x30 is signed for the stack
 * pointer of the call that left, lies signed on the suspended stack, and is
 * checked against that same stack pointer when it is resumed. Nothing is ever
 * signed for one stack and checked on another. green__start is signed when the
 * fresh frame is written.
 */

#include "asm.h"
#include "frame.h"

/* Numbers, because older assemblers know the names of hints only when told
 * of a newer CPU; on an older CPU all of them do nothing. */
#if defined __ARM_FEATURE_BTI_DEFAULT && __ARM_FEATURE_BTI_DEFAULT
#define LANDING_PAD hint #34 /* bti c */
#define FEATURE_BTI 1
#else
#define LANDING_PAD
#define FEATURE_BTI 0
#endif

#if defined __ARM_FEATURE_PAC_DEFAULT && (__ARM_FEATURE_PAC_DEFAULT & 1)
#define SIGN_X30 hint #25 /* paciasp */
#define CHECK_X30 hint #29 /* autiasp */
#define SIGN_X17 hint #8 /* pacia1716 */
#define FEATURE_PAC 2
#elif defined __ARM_FEATURE_PAC_DEFAULT && (__ARM_FEATURE_PAC_DEFAULT & 2)
#define SIGN_X30 hint #27 /* pacibsp */
#define CHECK_X30 hint #31 /* autibsp */
#define SIGN_X17 hint #10 /* pacib1716 */
#define KEY_B 1
#define FEATURE_PAC 2
#else
#define FEATURE_PAC 0
#endif

/* Before the first rule of a function that signs: with which key. */
.macro SIGNED
#ifdef KEY_B
	.cfi_b_key_frame
#endif
.endm

/* Where things lie, relative to sp, once there is a frame at sp. */
.macro FRAME_RULES
	.cfi_def_cfa_offset FRAME_SIZE
	.cfi_rel_offset d8, FRAME_D8
	.cfi_rel_offset d9, FRAME_D8 + 8
	.cfi_rel_offset d10, FRAME_D10
	.cfi_rel_offset d11, FRAME_D10 + 8
	.cfi_rel_offset d12, FRAME_D12
	.cfi_rel_offset d13, FRAME_D12 + 8
	.cfi_rel_offset d14, FRAME_D14
	.cfi_rel_offset d15, FRAME_D14 + 8
	.cfi_rel_offset x19, FRAME_X19
	.cfi_rel_offset x20, FRAME_X19 + 8
	.cfi_rel_offset x21, FRAME_X21
	.cfi_rel_offset x22, FRAME_X21 + 8
	.cfi_rel_offset x23, FRAME_X23
	.cfi_rel_offset x24, FRAME_X23 + 8
	.cfi_rel_offset x25, FRAME_X25
	.cfi_rel_offset x26, FRAME_X25 + 8
	.cfi_rel_offset x27, FRAME_X27
	.cfi_rel_offset x28, FRAME_X27 + 8
	.cfi_rel_offset x29, FRAME_X29
	.cfi_rel_offset x30, FRAME_PC
.endm

/* Store what the standard wants preserved; leaves the frame of frame.h at sp.
 * Until all is stored the registers still hold what they held, so that the
 * rules may come at the end. */
.macro SAVE
#if FEATURE_PAC
	SIGN_X30
	.cfi_negate_ra_state
#endif
	sub	sp, sp, #FRAME_SIZE
	.cfi_def_cfa_offset FRAME_SIZE
	stp	d8, d9, [sp, #FRAME_D8]
	stp	d10, d11, [sp, #FRAME_D10]
	stp	d12, d13, [sp, #FRAME_D12]
	stp	d14, d15, [sp, #FRAME_D14]
	stp	x19, x20, [sp, #FRAME_X19]
	stp	x21, x22, [sp, #FRAME_X21]
	stp	x23, x24, [sp, #FRAME_X23]
	stp	x25, x26, [sp, #FRAME_X25]
	stp	x27, x28, [sp, #FRAME_X27]
	stp	x29, x30, [sp, #FRAME_X29]
	FRAME_RULES
.endm

/* Load from whichever stack sp is on now: every suspended stack looks the
 * same, so the unwind rules hold across the change of sp. They hold until the
 * frame is gone, too: the memory still has what was loaded from it. */
.macro RESTORE_AND_RETURN
	ldp	d8, d9, [sp, #FRAME_D8]
	ldp	d10, d11, [sp, #FRAME_D10]
	ldp	d12, d13, [sp, #FRAME_D12]
	ldp	d14, d15, [sp, #FRAME_D14]
	ldp	x19, x20, [sp, #FRAME_X19]
	ldp	x21, x22, [sp, #FRAME_X21]
	ldp	x23, x24, [sp, #FRAME_X23]
	ldp	x25, x26, [sp, #FRAME_X25]
	ldp	x27, x28, [sp, #FRAME_X27]
	ldp	x29, x30, [sp, #FRAME_X29]
	.cfi_restore d8
	.cfi_restore d9
	.cfi_restore d10
	.cfi_restore d11
	.cfi_restore d12
	.cfi_restore d13
	.cfi_restore d14
	.cfi_restore d15
	.cfi_restore x19
	.cfi_restore x20
	.cfi_restore x21
	.cfi_restore x22
	.cfi_restore x23
	.cfi_restore x24
	.cfi_restore x25
	.cfi_restore x26
	.cfi_restore x27
	.cfi_restore x28
	.cfi_restore x29
	.cfi_restore x30
	add	sp, sp, #FRAME_SIZE
	.cfi_def_cfa_offset 0
#if FEATURE_PAC
	CHECK_X30
	.cfi_negate_ra_state
#endif
	ret
.endm

/* x0: where to save the stack pointer; x1: where to load it from; x2: the
 * value to hand over, which leaves in x0. */
.macro SWITCH
	SAVE
	mov	x9, sp
	ldr	x10, [x1, #CONTEXT_SP]
	str	x9, [x0, #CONTEXT_SP]
	mov	x0, x2
	mov	sp, x10
	RESTORE_AND_RETURN
.endm

/* x2: function to call on the other stack; x3: its argument. What it returns
 * is handed over. */
.macro SWITCH_WITH
	SAVE
	mov	x9, sp
	ldr	x10, [x1, #CONTEXT_SP]
	str	x9, [x0, #CONTEXT_SP]
	mov	x0, x3
	mov	sp, x10
	blr	x2
	RESTORE_AND_RETURN
.endm

/* Leave the switch to C if there is a flag on either side. */
.macro CHECK_FLAGS slow
	ldr	w9, [x0, #CONTEXT_FLAGS]
	ldr	w10, [x1, #CONTEXT_FLAGS]
	orr	w9, w9, w10
	cbz	w9, 1f			/* speed: C could do it all */
	b	\slow
1:
.endm

	BEGIN_FILE

/* void *green_context_switch(struct green_context *from,
 *			      struct green_context *to, void *value) */
FUNCTION(green_context_switch)
	SIGNED
	LANDING_PAD
	CHECK_FLAGS SYM(green__context_switch_slow)
	SWITCH
END_FUNCTION(green_context_switch)

/* void *green__switch(void **save_sp, void **load_sp, void *value) */
HIDDEN_FUNCTION(green__switch)
	SIGNED
	LANDING_PAD
	SWITCH
END_FUNCTION(green__switch)

/* void *green_context_switch_with(struct green_context *from,
 *				   struct green_context *to,
 *				   green_context_fn fn, void *value) */
FUNCTION(green_context_switch_with)
	SIGNED
	LANDING_PAD
	CHECK_FLAGS SYM(green__context_switch_with_slow)
	SWITCH_WITH
END_FUNCTION(green_context_switch_with)

/* void *green__switch_with(void **save_sp, void **load_sp,
 *			    green_context_fn fn, void *value) */
HIDDEN_FUNCTION(green__switch_with)
	SIGNED
	LANDING_PAD
	SWITCH_WITH
END_FUNCTION(green__switch_with)

/* x0: where to load the stack pointer from; x1: the value. Once sp has
 * changed the unwind rules are those of the target's frame. */
.macro JUMP
	ldr	x10, [x0, #CONTEXT_SP]
	mov	x0, x1
	mov	sp, x10
#if FEATURE_PAC
	.cfi_negate_ra_state
#endif
	FRAME_RULES
	RESTORE_AND_RETURN
.endm

/* void green__jump(void **load_sp, void *value); never returns. */
HIDDEN_FUNCTION(green__jump)
	SIGNED
	LANDING_PAD
	JUMP
END_FUNCTION(green__jump)

/*
 * The first code on a fresh stack: call entry(arg, value), then go on where
 * it says: with the flow whose stack pointer is at x0, handing over x1. Every
 * call in a context's life is thus matched by a return, which keeps the CPU's
 * prediction of returns in step. There is no caller: the undefined return
 * address tells unwinders so. A fresh frame returns to behind the nop, because
 * unwinders look up the address before the one they return to.
 */
HIDDEN_FUNCTION(green__start)
	SIGNED
	.cfi_undefined x30
	nop
	mov	x1, x0
	mov	x0, x20
	blr	x19
	JUMP
END_FUNCTION(green__start)

/* uintptr_t green__sign(uintptr_t pc, uintptr_t sp) */
HIDDEN_FUNCTION(green__sign)
	LANDING_PAD
#if FEATURE_PAC
	mov	x17, x0
	mov	x16, x1
	SIGN_X17
	mov	x0, x17
#endif
	ret
END_FUNCTION(green__sign)

/* uint64_t green__fp_get(void): fpcr. */
HIDDEN_FUNCTION(green__fp_get)
	LANDING_PAD
	mrs	x0, fpcr
	ret
END_FUNCTION(green__fp_get)

/* void green__fp_set(uint64_t words) */
HIDDEN_FUNCTION(green__fp_set)
	LANDING_PAD
	msr	fpcr, x0
	ret
END_FUNCTION(green__fp_set)

	END_FILE

#if defined __ELF__ && (FEATURE_BTI || FEATURE_PAC)
/* Marks the object as having landing pads (1) and signed return addresses
 * (2); one object without the note takes the marks from the whole library. */
	.section .note.gnu.property, "a", %note
	.p2align 3
	.long	4			/* size of the name */
	.long	16			/* size of the description */
	.long	5			/* NT_GNU_PROPERTY_TYPE_0 */
	.asciz	"GNU"
	.long	0xc0000000		/* GNU_PROPERTY_AARCH64_FEATURE_1_AND */
	.long	4
	.long	FEATURE_BTI | FEATURE_PAC
	.long	0
#endif
