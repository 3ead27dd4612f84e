/* SPDX-License-Identifier: MIT */
#ifndef GREEN_ASM_H
#define GREEN_ASM_H

/*
 * What differs between object formats, for every arch/<cpu>/switch.S.
 *
 *	FUNCTION(name)		begin a function seen by the linker
 *	HIDDEN_FUNCTION(name)	the same, not exported from the library
 *	END_FUNCTION(name)
 *	SYM(name)		the symbol of a C name
 *	BEGIN_FILE / END_FILE	section, and the marks an object carries
 *
 * ELF marks symbols hidden and records their size; Mach-O prefixes C names
 * with an underscore and calls hidden symbols private_extern.
 */

#ifdef __APPLE__
#define SYM(name) _##name
#define HIDE(name) .private_extern SYM(name)
#define TYPE_SIZE_BEGIN(name)
#define TYPE_SIZE_END(name)
#define BEGIN_FILE .text
#define END_FILE .subsections_via_symbols
#else
#define SYM(name) name
#define HIDE(name) .hidden SYM(name)
#define TYPE_SIZE_BEGIN(name) .type SYM(name), %function
#define TYPE_SIZE_END(name) .size SYM(name), . - SYM(name)
#define BEGIN_FILE .text
/* No executable stack: without this note the linker marks all of the library
 * as needing one. */
#define END_FILE .section .note.GNU-stack, "", %progbits
#endif

#define FUNCTION(name) \
	.globl SYM(name); \
	TYPE_SIZE_BEGIN(name); \
	.p2align 4; \
	SYM(name):; \
	.cfi_startproc

#define HIDDEN_FUNCTION(name) HIDE(name); FUNCTION(name)

#define END_FUNCTION(name) \
	.cfi_endproc; \
	TYPE_SIZE_END(name)

#endif
