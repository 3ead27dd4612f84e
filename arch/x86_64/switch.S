/* SPDX-License-Identifier: MIT */
/*
 * Stack switching on x86-64, System V ABI (ELF and Mach-O).
 *
 * Source: "System V Application Binary Interface, AMD64 Architecture
 * Processor Supplement", 3.2.1 (registers), 3.2.2 (the stack frame), and
 * figure 3.4 (who preserves what).
 *
 *	register	saved here?
 *	rbx rbp r12-r15	yes: callee-saved
 *	rsp		yes: it is what a suspended context is
 *	rip		yes: the return address of the call that left
 *	rax rcx rdx rsi rdi r8-r11	no: the caller of a function expects
 *			them to be lost
 *	xmm, ymm, zmm, k	no: all caller-saved
 *	mxcsr control bits, x87 control word	callee-saved by the ABI, but they
 *			cost more than all the rest; on request only
 *			(green__fp_get, green__fp_set)
 *	fs base		no: belongs to the OS thread
 *	DF		no: clear at every call by the ABI
 *
 * A suspended stack; the pointer to it is all that a context keeps:
 *
 *	sp ->	r15
 *		r14
 *		r13
 *		r12
 *		rbx
 *		rbp		with the next word an ordinary frame record
 *		return address	of the call that left
 *		the caller's frame ...
 *
 * A fresh one looks the same, so that there is one way to resume:
 *
 *	sp ->	0		r15
 *		0		r14
 *		0		r13
 *		arg		r12
 *		entry		rbx
 *		0		rbp: ends the chain of frame records
 *		green__start	return address
 *		0		rsp is here in green__start, a multiple of 16
 *		0
 *	top
 *
 * Returning. The call that left pushed its return address on the CPU's
 * return stack; the side that is resumed wants to go elsewhere. If both sides
 * were left from the same place, `ret` is predicted right and keeps that
 * stack balanced. If not, `ret` is mispredicted; an indirect jump is predicted
 * by history but leaves the return stack one entry too deep, which nested
 * callers pay for. So the two addresses are compared, and each case gets what
 * suits it. The jump, in turn, is one of two, chosen by whether it goes up or
 * down: the conditional branch brings into the history from where and to where
 * we went. Without it, two loops that look alike are often one and the same to
 * the predictor, and the jump is mispredicted each time. The target's return
 * address is looked at before anything is pushed: the stores would stand in
 * the way of the load.
 *
 * ns a switch, through the PLT of a shared library, Zen 3, the least of
 * interleaved rounds on a busy machine. `make bench` has the first and the last
 * row; the others were variants of this file.
 *
 *				same	two	nested	nested calls,
 *				loop	loops	calls	two sites
 *	this			2.8	4.2	6.6	27.0
 *	one jump for all	2.9	10.1	6.6	32.1
 *	compare after the pops	5.2	10	7.4	32
 *	always ret		2.8	11.4	6.8	32.5
 *	always jump		3.6	10.2	26.7	32.5
 *	mov, not push and pop	5.2	4.6	7.1	27.6
 *	Boost fcontext		6.6	12.0	29.9	33.9
 *
 * The jumps have the notrack prefix, because a return site has no ENDBR: legal
 * under the IBT note below. Popping a return address that was never pushed is
 * not legal under a shadow stack: SHSTK is not claimed.
 */

#include "asm.h"
#include "frame.h"

#if defined __CET__ && (__CET__ & 1)
#define LANDING_PAD endbr64
#else
#define LANDING_PAD
#endif

	BEGIN_FILE

/* Push what the ABI wants preserved; leaves the frame of frame.h at rsp. */
.macro SAVE
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %r15, 0
.endm

/* The other way round, on whichever stack rsp is now: every suspended stack
 * looks the same, so the unwind rules hold across the change of rsp. */
.macro RESTORE
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore %r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbp
.endm

/* Take the return address at rsp, which is in r9 as well; the flags are those
 * of its comparison with the address that the side that left goes back to. */
.macro RETURN
	jne	1f			/* speed */
	ret				/* speed */
1:	leaq	8(%rsp), %rsp
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %r9
	ja	2f			/* speed */
	notrack jmp *%r9		/* speed */
2:	notrack jmp *%r9
.endm

/* rdi: where to save the stack pointer; r8: the one to load; rdx: the value
 * to hand over, which leaves in rax. Neither push, pop, mov nor lea change the
 * flags, so the comparison can come first, when nobody waits for it. */
.macro SWITCH
	movq	(%rsp), %rcx		/* speed */
	movq	FRAME_PC(%r8), %r9
	movq	%rdx, %rax
	cmpq	%r9, %rcx		/* speed */
	SAVE
	movq	%rsp, CONTEXT_SP(%rdi)
	movq	%r8, %rsp
	RESTORE
	RETURN
.endm

/* void *green_context_switch(struct green_context *from,
 *			      struct green_context *to, void *value) */
FUNCTION(green_context_switch)
	LANDING_PAD
	movq	CONTEXT_SP(%rsi), %r8
	movl	CONTEXT_FLAGS(%rdi), %eax
	orl	CONTEXT_FLAGS(%rsi), %eax
	jnz	SYM(green__context_switch_slow)
	SWITCH
END_FUNCTION(green_context_switch)

/* void *green__switch(void **save_sp, void **load_sp, void *value) */
HIDDEN_FUNCTION(green__switch)
	LANDING_PAD
	movq	CONTEXT_SP(%rsi), %r8
	SWITCH
END_FUNCTION(green__switch)

/* rdx: function to call on the other stack; rcx: its argument. What it
 * returns is handed over. The frame is 8 off a multiple of 16, which leaves a
 * word for the address that we would go back to. */
.macro SWITCH_WITH
	movq	(%rsp), %r9		/* speed */
	SAVE
	movq	%rsp, CONTEXT_SP(%rdi)
	movq	CONTEXT_SP(%rsi), %rsp
	movq	%rcx, %rdi
	pushq	%r9
	.cfi_adjust_cfa_offset 8
	call	*%rdx
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	RESTORE
	movq	(%rsp), %r9
	cmpq	%r9, %rcx		/* speed */
	RETURN
.endm

/* void *green_context_switch_with(struct green_context *from,
 *				   struct green_context *to,
 *				   green_context_fn fn, void *value) */
FUNCTION(green_context_switch_with)
	LANDING_PAD
	movl	CONTEXT_FLAGS(%rdi), %eax
	orl	CONTEXT_FLAGS(%rsi), %eax
	jnz	SYM(green__context_switch_with_slow)
	SWITCH_WITH
END_FUNCTION(green_context_switch_with)

/* void *green__switch_with(void **save_sp, void **load_sp,
 *			    green_context_fn fn, void *value) */
HIDDEN_FUNCTION(green__switch_with)
	LANDING_PAD
	SWITCH_WITH
END_FUNCTION(green__switch_with)

/* rdi: where to load the stack pointer from; rax: the value. Afterwards only
 * the return address is left to be taken; the unwind rules are those of the
 * target's frame from the change of rsp on. */
.macro LOAD
	movq	CONTEXT_SP(%rdi), %rsp
	.cfi_def_cfa %rsp, FRAME_SIZE
	.cfi_restore %rip
	.cfi_rel_offset %r15, FRAME_R15
	.cfi_rel_offset %r14, FRAME_R14
	.cfi_rel_offset %r13, FRAME_R13
	.cfi_rel_offset %r12, FRAME_R12
	.cfi_rel_offset %rbx, FRAME_RBX
	.cfi_rel_offset %rbp, FRAME_RBP
	RESTORE
.endm

/* void green__jump(void **load_sp, void *value); never returns. */
HIDDEN_FUNCTION(green__jump)
	LANDING_PAD
	movq	%rsi, %rax
	LOAD
	ret
END_FUNCTION(green__jump)

/*
 * The first code on a fresh stack: call entry(arg, value), then go on where
 * it says: with the flow whose stack pointer is at rax, handing over rdx.
 * There is no caller: the undefined return address tells unwinders so. A fresh
 * frame returns to behind the nop, because unwinders look up the address
 * before the one they return to.
 *
 * Every call in a context's life is matched by a return, so the CPU's return
 * stack is as it was before the context was entered. It still has the address
 * that the switch to a fresh context did not use (it jumped), and if that is
 * the flow that now goes on, `ret` finds it: a thread that is spawned and
 * joined costs no misprediction. A flow that is fresh itself is jumped to.
 */
HIDDEN_FUNCTION(green__start)
	.cfi_undefined %rip
	nop
2:
	movq	%r12, %rdi
	movq	%rax, %rsi
	call	*%rbx
	movq	%rax, %rdi
	movq	%rdx, %rax
	LOAD
	leaq	2b(%rip), %rcx		/* speed */
	cmpq	%rcx, (%rsp)
	je	1f			/* speed */
	ret
1:	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_undefined %rip
	jmp	2b
END_FUNCTION(green__start)

/* uint64_t green__fp_get(void): mxcsr in the low half, x87 control word in
 * the high half. */
HIDDEN_FUNCTION(green__fp_get)
	LANDING_PAD
	stmxcsr	-8(%rsp)
	fnstcw	-4(%rsp)
	movl	-8(%rsp), %eax
	movzwl	-4(%rsp), %ecx
	shlq	$32, %rcx
	orq	%rcx, %rax
	ret
END_FUNCTION(green__fp_get)

/* void green__fp_set(uint64_t words): control bits; mxcsr's exception flags
 * come along, as they do in the ABI's setjmp. */
HIDDEN_FUNCTION(green__fp_set)
	LANDING_PAD
	movq	%rdi, -8(%rsp)
	ldmxcsr	-8(%rsp)
	fldcw	-4(%rsp)
	ret
END_FUNCTION(green__fp_set)

	END_FILE

#if defined __ELF__ && defined __CET__ && (__CET__ & 1)
/* Marks the object fit for indirect branch tracking, and for that alone
 * (x86-64 psABI, "Program Property"): one object without the note takes the
 * mark from the whole library. */
	.section .note.gnu.property, "a", @note
	.p2align 3
	.long	4			/* size of the name */
	.long	16			/* size of the description */
	.long	5			/* NT_GNU_PROPERTY_TYPE_0 */
	.asciz	"GNU"
	.long	0xc0000002		/* GNU_PROPERTY_X86_FEATURE_1_AND */
	.long	4
	.long	1			/* IBT */
	.long	0
#endif
