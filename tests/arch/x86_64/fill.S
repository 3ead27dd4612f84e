/* SPDX-License-Identifier: MIT */
/*
 * See tests/arch/fill.h. The registers are those of arch/x86_64/switch.S, in
 * the order rbx rbp r12 r13 r14 r15. rax is zero at the call, so that a
 * function that forgets to load it does not find something useful there.
 */

#include "asm.h"

#define FILL_ARG 8
#define FILL_RESULT 40
#define FILL_IN 48
#define FILL_OUT (FILL_IN + 24 * 8)

	BEGIN_FILE

.macro save register
	pushq	\register
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \register, 0
.endm

.macro restore register
	popq	\register
	.cfi_adjust_cfa_offset -8
	.cfi_restore \register
.endm

/* Seven words and the return address: rsp is a multiple of 16 at the call. */
.macro fill_call
	save	%rbp
	save	%rbx
	save	%r12
	save	%r13
	save	%r14
	save	%r15
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	movq	FILL_IN + 0(%rdi), %rbx
	movq	FILL_IN + 8(%rdi), %rbp
	movq	FILL_IN + 16(%rdi), %r12
	movq	FILL_IN + 24(%rdi), %r13
	movq	FILL_IN + 32(%rdi), %r14
	movq	FILL_IN + 40(%rdi), %r15
	movq	%rdi, %r10
	movq	FILL_ARG + 0(%r10), %rdi
	movq	FILL_ARG + 8(%r10), %rsi
	movq	FILL_ARG + 16(%r10), %rdx
	movq	FILL_ARG + 24(%r10), %rcx
	xorl	%eax, %eax
	call	*(%r10)
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	movq	%rax, FILL_RESULT(%rdi)
	movq	%rbx, FILL_OUT + 0(%rdi)
	movq	%rbp, FILL_OUT + 8(%rdi)
	movq	%r12, FILL_OUT + 16(%rdi)
	movq	%r13, FILL_OUT + 24(%rdi)
	movq	%r14, FILL_OUT + 32(%rdi)
	movq	%r15, FILL_OUT + 40(%rdi)
	restore	%r15
	restore	%r14
	restore	%r13
	restore	%r12
	restore	%rbx
	restore	%rbp
	ret
.endm

FUNCTION(fill_call_a)
	fill_call
END_FUNCTION(fill_call_a)

FUNCTION(fill_call_b)
	fill_call
END_FUNCTION(fill_call_b)

FUNCTION(fill_count)
	movl	$6, %eax
	ret
END_FUNCTION(fill_count)

/* The return address makes it 8 off a multiple of 16. */
FUNCTION(fill_misaligned)
	leaq	8(%rsp), %rax
	andl	$15, %eax
	ret
END_FUNCTION(fill_misaligned)

	END_FILE
