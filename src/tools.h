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

/*
 * For functions that run between the announcement of a switch and the switch:
 * a sanitizer that the library itself may be built with must add nothing to
 * them, because what it adds would be booked on the other stack.
 */
#if defined __clang__ && defined __has_attribute
#if __has_attribute(disable_sanitizer_instrumentation)
#define unwatched __attribute__((disable_sanitizer_instrumentation))
#else
#define unwatched __attribute__((no_sanitize("address", "thread", "memory")))
#endif
#elif defined __GNUC__
#define unwatched __attribute__((no_sanitize_address, no_sanitize_thread))
#else
#define unwatched
#endif

bool green__asan(void);
bool green__tsan(void);
/* Any of them, LeakSanitizer or Valgrind. */
bool green__watched(void);

/* What the sanitizers know of one stack. All zero for an OS thread's own:
 * what is known of that is learnt anew each time it is left. */
struct tool_stack {
	const void *lo;
	size_t size;
	void *fake;  /* AddressSanitizer's fake stack while suspended */
	void *fiber; /* ThreadSanitizer's fiber */
	bool ours;   /* made by green__tools_stack() */
};

/* A new stack: make what the tools need for it. The returned number goes to
 * green__tools_forget() when nothing will run on the stack any more. A caller
 * who is in its last function there leaves Memcheck taking what it uses from
 * then on for dead: fine if the memory becomes a stack again. */
uint32_t green__tools_stack(struct tool_stack *t, void *lo, size_t size);
void green__tools_forget(struct tool_stack *t, uint32_t valgrind_id);

/* Right before leaving one stack for another; from NULL: whichever runs now.
 * ended: never to come back. The caller, too, must be unwatched. */
void
green__tools_leave(struct tool_stack *from, struct tool_stack *to, bool ended);
/* Right after arriving on self from another, whose bounds this records. */
void green__tools_arrive(struct tool_stack *self, struct tool_stack *from);

/* Give back what is still held for a stack that was left for good while
 * suspended in the middle of some functions: its fake stack, and the marks
 * that these functions made on its memory. Not while running on it. */
void green__tools_abandon(struct tool_stack *t);

/* Is ThreadSanitizer there, to hear what the two below say? Where their calls
 * would cost a frame. */
extern void __tsan_acquire(void *) __attribute__((weak));
static inline bool
green__tools_listen(void)
{
	return __tsan_acquire != NULL;
}

/* What this OS thread did before the one happens before what another does
 * after the other, on the same address: for ThreadSanitizer, which does not
 * see our own synchronization. */
void green__tools_release(void *addr);
void green__tools_acquire(void *addr);

/* The last function on a stack has been left: all of it can be used again. */
void green__tools_revive(const void *lo, size_t size);

/* Memory in which the leak checker is to look for pointers. */
void green__tools_root(const void *lo, size_t size);
void green__tools_unroot(const void *lo, size_t size);

#endif
