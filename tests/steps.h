/* SPDX-License-Identifier: MIT */
#ifndef STEPS_H
#define STEPS_H

/*
 * Single steps: a function of the test runs before each instruction of a
 * stretch of code, the library's included. What another OS thread could do in
 * the middle of anything is so tried at every instruction, in order, instead
 * of waiting for chance.
 *
 *	if (steps_begin(between)) {
 *		...
 *		steps_end();
 *	}
 *
 * The trap flag of x86 raises SIGTRAP after each instruction. It stays on
 * while green threads switch: begin and end may be in different ones.
 */

#include <signal.h>
#include <string.h>

static void (*steps_between)(void);
static volatile sig_atomic_t steps_count;

#if defined __x86_64__ && defined __linux__
__attribute__((unused)) static void
steps_trap(int sig)
{
	(void)sig;
	steps_count++;
	steps_between();
}

/* Without touching the red zone. */
#define STEPS_FLAG(change) \
	__asm__ volatile("leaq -128(%%rsp), %%rsp\n\t" \
			 "pushfq\n\t" change "popfq\n\t" \
			 "leaq 128(%%rsp), %%rsp" :: \
				 : "memory", "cc")

/* ThreadSanitizer's own locks would be held between the steps. */
extern void __tsan_acquire(void *) __attribute__((weak));

/* False where there are no single steps. */
__attribute__((unused, __noinline__)) static int
steps_begin(void (*between)(void))
{
	struct sigaction sa;

	if (__tsan_acquire)
		return 0;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = steps_trap;
	sigaction(SIGTRAP, &sa, NULL);
	steps_between = between;
	steps_count = 0;
	STEPS_FLAG("orl $0x100, (%%rsp)\n\t");
	return 1;
}

__attribute__((unused, __noinline__)) static void
steps_end(void)
{
	STEPS_FLAG("andl $~0x100, (%%rsp)\n\t");
}
#else
__attribute__((unused)) static int
steps_begin(void (*between)(void))
{
	steps_between = between;
	return 0;
}

__attribute__((unused)) static void
steps_end(void)
{
}
#endif

/* Did it step? Valgrind and emulators ignore the flag. */
__attribute__((unused)) static int
steps_seen(void)
{
	return steps_count > 0;
}

#endif
