/* SPDX-License-Identifier: MIT */
/*
 * Jump onto a stack of one's own: first by hand, then with libgreen.
 *
 * A CPU knows its stack by one register. Point that register at other memory
 * and you are on another stack; all that a thread library does begins here.
 * The first stack has 48 bytes, so that all of it can be shown.
 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <green.h>

#define STACK_SIZE 48
#define SLOTS (STACK_SIZE / 8)

/*
 * Three routines per CPU, in assembly because C has no word for the stack
 * pointer, and because 48 bytes leave no room for what a compiler may want:
 *
 *	jump_to(sp)	remember this stack, continue on the other one
 *	greet		runs there: write(1, ...) as a bare system call, since
 *			printf() takes kilobytes, and would write them over
 *			whatever lies below a stack as small as ours
 *	come_home	where greet returns to: back to the stack remembered
 */
#if defined __linux__ && defined __x86_64__
#define BY_HAND 1
#define POPS_ENTRY "ret pops it and goes there"
__asm__("	.text\n"
	"jump_to:\n"
	"	movq	%rsp, home(%rip)\n"
	"	movq	%rdi, %rsp\n" /* from here on: the other stack */
	"	ret\n"                /* pops greet's address */
	"greet:\n"
	"	movl	$1, %eax\n" /* system call 1: write */
	"	movl	$1, %edi\n"
	"	leaq	greeting(%rip), %rsi\n"
	"	movl	$greeting_end - greeting, %edx\n"
	"	syscall\n"
	"	ret\n" /* pops come_home's address */
	"come_home:\n"
	"	movq	home(%rip), %rsp\n"
	"	ret\n"); /* from jump_to, at last */
#elif defined __linux__ && defined __aarch64__
#define BY_HAND 1
#define POPS_ENTRY "loaded, and branched to"
__asm__("	.text\n"
	"jump_to:\n"
	"	adrp	x9, home\n"
	"	add	x9, x9, :lo12:home\n"
	"	mov	x10, sp\n"
	"	stp	x10, x30, [x9]\n"
	"	mov	sp, x0\n"              /* the other stack */
	"	ldp	x16, x30, [sp], #16\n" /* this CPU returns to x30 */
	"	br	x16\n"
	"greet:\n"
	"	hint	#34\n"     /* bti c: a branch may land here */
	"	mov	x8, #64\n" /* system call 64: write */
	"	mov	x0, #1\n"
	"	adrp	x1, greeting\n"
	"	add	x1, x1, :lo12:greeting\n"
	"	mov	x2, #greeting_end - greeting\n"
	"	svc	#0\n"
	"	ret\n" /* to x30: come_home */
	"come_home:\n"
	"	adrp	x9, home\n"
	"	add	x9, x9, :lo12:home\n"
	"	ldp	x10, x30, [x9]\n"
	"	mov	sp, x10\n"
	"	ret\n");
#endif

#ifdef BY_HAND
__asm__("	.globl	jump_to, greet, come_home\n"
	"	.section .rodata\n"
	"greeting:\n"
	"	.ascii	\"  Hello from a stack of 48 bytes!\\n\"\n"
	"greeting_end:\n"
	"	.bss\n"
	"	.balign	16\n"
	"home:	.skip	16\n"
	"	.text\n");

void jump_to(void *sp);
void greet(void);
void come_home(void);

static void
show(uint64_t *slot, uint64_t *sp)
{
	for (int i = SLOTS - 1; i >= 0; i--) {
		const char *what = "free; greet's calls would grow down here";

		if (slot[i] == (uintptr_t)come_home)
			what = "come_home: where greet returns to";
		if (&slot[i] == sp)
			what = "greet: the stack pointer is here; " POPS_ENTRY;
		printf("  %p  %#18jx  %s\n", (void *)&slot[i],
		       (uintmax_t)slot[i], what);
	}
}

static void
by_hand(void)
{
	/* Not a local array: that would be part of the stack being left. */
	static char memory[STACK_SIZE + 15];
	/* Stacks grow downwards, so a stack begins at the end of its memory,
	 * at a multiple of 16: both ABIs want it, and instructions that move
	 * 16 bytes at a time fault without it. */
	uintptr_t top = ((uintptr_t)memory + sizeof(memory)) & ~(uintptr_t)15;
	uint64_t *sp = (uint64_t *)top;

	/* What a call would have left behind, had anybody called greet. On
	 * x86-64 the return address is on the stack, and the stack pointer is
	 * 8 below a multiple of 16 when a function begins. */
	*--sp = (uintptr_t)come_home;
	*--sp = (uintptr_t)greet;

	printf("A stack of %d bytes, from its top down:\n", STACK_SIZE);
	show((uint64_t *)(top - STACK_SIZE), sp);
	printf("Jump.\n");
	fflush(stdout);
	jump_to(sp);
	printf("And back on the stack that the kernel gave us.\n\n");
}
#else
static void
by_hand(void)
{
	printf("No jump by hand for this CPU in this example.\n\n");
}
#endif

/* The same with libgreen: any CPU, C on the other stack, and both sides can
 * leave and come back as often as they like. */
static struct green_context here = GREEN_CONTEXT_INIT, there;

static char hello[] = "hello", who[] = "who are you?", myself[] = "main",
	    goodbye[] = "goodbye";

static void *
greet_in_c(void *value)
{
	char local;

	printf("  Hello from the stack around %p! I was sent \"%s\".\n", &local,
	       (char *)value);
	value = green_context_switch(&there, &here, who);
	printf("  Pleased to meet you, %s.\n", (char *)value);
	return goodbye;
}

static void
with_libgreen(void)
{
	static char stack[16384];
	char *reply;

	green_context_init(&there, stack, sizeof(stack), 0, greet_in_c, &here);
	printf("green_context_init() prepared the stack from %p to %p.\n",
	       (void *)stack, (void *)(stack + sizeof(stack)));
	printf("Switch.\n");
	reply = green_context_switch(&here, &there, hello);
	printf("It answers \"%s\"; switch again.\n", reply);
	reply = green_context_switch(&here, &there, myself);
	printf("Its function has returned \"%s\".\n", reply);
}

int
main(void)
{
	by_hand();
	with_libgreen();
	return 0;
}
