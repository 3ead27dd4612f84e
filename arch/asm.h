/* SPDX-License-Identifier: MIT */
#ifndef GREEN_ASM_H
#define GREEN_ASM_H

/*
 * What differs between object formats, for every assembly file.
 *
 *	BEGIN_FILE / END_FILE	section, and the marks an object carries
 *	FUNCTION(name)		begin a function that the linker sees
 *	HIDDEN_FUNCTION(name)	the same, not exported from the library
 *	END_FUNCTION(name)
 *	SYM(name)		the symbol of a C name
 *
 * ELF marks symbols hidden and records their size; Mach-O prefixes C names
 * with an underscore and calls hidden symbols private_extern. The bodies are
 * assembler macros, one statement a line, because no character separates
 * statements everywhere (";" begins a comment on AArch64 Mach-O).
 */

#ifdef __APPLE__
#define SYM(name) _##name
#define END_FILE .subsections_via_symbols
#else
#define SYM(name) name
/* No executable stack: without this note the linker marks all of the library
 * as needing one. */
#define END_FILE .section .note.GNU-stack, "", %progbits
#endif

/* Functions begin on a line of the instruction cache: 2.9 against 3.2 ns for a
 * switch on x86-64. What lies between them traps when it is run: int3 on x86,
 * zero (udf) elsewhere. */
#if defined __x86_64__ || defined __i386__
#define BETWEEN_FUNCTIONS 0xcc
#else
#define BETWEEN_FUNCTIONS 0
#endif

#define BEGIN_FILE .text
#define FUNCTION(name) begin_function SYM(name)
#define HIDDEN_FUNCTION(name) begin_hidden SYM(name)
#define END_FUNCTION(name) end_function SYM(name)

.macro begin_function symbol
	.globl	\symbol
#ifdef __ELF__
	.type	\symbol, %function
#endif
	.p2align 6, BETWEEN_FUNCTIONS
\symbol:
	.cfi_startproc
.endm

.macro begin_hidden symbol
	hide	\symbol
	begin_function \symbol
.endm

.macro hide symbol
#ifdef __APPLE__
	.private_extern \symbol
#else
	.hidden	\symbol
#endif
.endm

.macro end_function symbol
	.cfi_endproc
#ifdef __ELF__
	.size	\symbol, . - \symbol
#endif
.endm

#endif
