/* SPDX-License-Identifier: MIT */
/*
 * The floor that bench/ compares switches with, x86-64: push what the ABI
 * calls callee-saved, change stacks, pop, ret. No code to build on.
 */

	.text
	.globl	floor_switch
	.type	floor_switch, @function
	.p2align 4
floor_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	.size	floor_switch, . - floor_switch

	.globl	floor_start
	.type	floor_start, @function
floor_start:
	call	floor_entry
	ud2
	.size	floor_start, . - floor_start

	.section .note.GNU-stack, "", @progbits
