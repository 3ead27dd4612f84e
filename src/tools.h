/* SPDX-License-Identifier: MIT */
#ifndef GREEN__TOOLS_H
#define GREEN__TOOLS_H

/*
 * Debugging tools that want to know about stacks: AddressSanitizer,
 * ThreadSanitizer, LeakSanitizer and Valgrind.
 *
 * One build of the library serves them all. The sanitizers' calls are weak
 * references, present when the program was linked with that sanitizer;
 * Valgrind's are instructions that do nothing outside of it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool green__asan(void);
bool green__tsan(void);

/* What the sanitizers know of one stack. All zero for an OS thread's own,
 * whose bounds are learnt when it is first left. */
struct tool_stack {
	const void *lo;
	size_t size;
	void *fake;  /* AddressSanitizer's fake stack while suspended */
	void *fiber; /* ThreadSanitizer's fiber */
};

/* A new stack: make what the tools need for it. The returned number goes to
 * green__tools_forget() when nothing runs on the stack any more. */
uint32_t green__tools_stack(struct tool_stack *t, void *lo, size_t size);
void green__tools_forget(struct tool_stack *t, uint32_t valgrind_id);

/* Right before leaving one stack for another; ended: never to come back. */
void
green__tools_leave(struct tool_stack *from, struct tool_stack *to, bool ended);
/* Right after arriving on self from another, whose bounds this records. */
void green__tools_arrive(struct tool_stack *self, struct tool_stack *from);

/* Memory in which the leak checker is to look for pointers. */
void green__tools_root(const void *lo, size_t size);
void green__tools_unroot(const void *lo, size_t size);

#endif
