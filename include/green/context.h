/* SPDX-License-Identifier: MIT */
#ifndef GREEN_CONTEXT_H
#define GREEN_CONTEXT_H

/*
 * Contexts: raw stack switching for those who build their own runtime.
 *
 * A context is a flow of execution that can be left and entered again. The
 * memory of its stack and of its struct belongs to the caller; nothing here
 * allocates, takes a lock or uses thread-local storage.
 *
 *	struct green_context main_flow = GREEN_CONTEXT_INIT, ctx;
 *
 *	green_context_init(&ctx, stack, sizeof(stack), 0, entry, &main_flow);
 *	reply = green_context_switch(&main_flow, &ctx, "hello");
 *
 * What a switch preserves: the registers that the platform's procedure call
 * standard calls callee-saved, the stack pointer, and with
 * GREEN_CONTEXT_FP the floating-point control words. What it does not: the
 * signal mask, errno, thread-local variables, C++ exception state (do not
 * switch inside a catch block and throw elsewhere), and without
 * GREEN_CONTEXT_FP the rounding mode and exception masks, which are then
 * those of the OS thread.
 *
 * A context is suspended from green_context_init() or from the switch that
 * left it, until it is switched to. Only a suspended context may be switched
 * to, by one OS thread at a time; it may resume on another OS thread than the
 * one that left it, with the usual care for thread-local variables. Its
 * struct must not move or be copied while it is in use.
 */

#include <green/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A context. An all-zero struct (GREEN_CONTEXT_INIT) stands for the running
 * flow, as the first argument of a switch. The size is the same on all CPUs
 * and with every backend. The fields are not part of the interface.
 *
 * Since 0.1.
 */
struct green_context {
	uint64_t opaque[16];
};

#define GREEN_CONTEXT_INIT \
	{ \
		{ \
			0 \
		} \
	}

/**
 * Flag: the context has floating-point control words (rounding mode,
 * exception masks, flush-to-zero) of its own. It begins with those in force
 * when green_context_init() is called; they are saved when it is left and
 * loaded when it is entered, and whoever it switches to gets back the words
 * that were in force when it was entered. Flags of exceptions that were raised
 * are not among them. Costs a few nanoseconds a switch.
 */
#define GREEN_CONTEXT_FP 1

/**
 * Smallest stack that green_context_init() accepts, in bytes. Where contexts
 * are switched with ucontext, room for a few ucontext_t comes on top.
 */
#define GREEN_CONTEXT_STACK_MIN 1024

/**
 * What a context runs. value is what the first switch to it sent; the
 * returned pointer arrives at the link context as the result of its switch.
 */
typedef void *(*green_context_fn)(void *value);

/**
 * Prepare a context that will run fn on the given stack.
 *
 * ctx: storage owned by the caller, alive and unmoved until the context has
 * ended or green_context_fini() was called.
 * stack, size: lowest address and number of bytes of the stack, owned by the
 * caller, alive as long as the context. No alignment is asked for; the stack
 * pointer is aligned as the platform's ABI wants it. No guard is added.
 * flags: 0 or GREEN_CONTEXT_FP.
 * link: suspended context that runs on when fn returns, and receives what it
 * returned; it is looked at only then. NULL: a return of fn prints one line
 * to stderr and aborts.
 *
 * May be called from anywhere; does not park. Returns 0, or -EINVAL for a
 * NULL ctx, stack or fn, a size that is too small (GREEN_CONTEXT_STACK_MIN) or
 * wraps around the address space, or an unknown flag. Since 0.1.
 */
GREEN_API int
green_context_init(struct green_context *ctx, void *stack, size_t size,
		   unsigned flags, green_context_fn fn,
		   struct green_context *link);

/**
 * Leave the running flow, saved in from, and continue to where to was left.
 *
 * value arrives there as the result of the switch that left it, or as the
 * argument of its fn if it had not run yet. The call returns when somebody
 * switches back to from, with the value sent by that switch.
 *
 * The arguments are not checked; to must be suspended, and not from.
 * Switching to a context that has ended prints one line to stderr and aborts.
 * Not async-signal-safe. Since 0.1.
 */
GREEN_API void *green_context_switch(struct green_context *from,
				     struct green_context *to, void *value);

/**
 * As green_context_switch(), but fn(value) runs first on the stack of to, on
 * top of its frames, and what it returns is what arrives there. An exception
 * thrown by fn unwinds into to. fn may not switch away. Since 0.1.
 */
GREEN_API void *
green_context_switch_with(struct green_context *from, struct green_context *to,
			  green_context_fn fn, void *value);

/**
 * Continue to where to was left, with value, without saving anything: the
 * flow that calls this cannot be entered again. Its context, if it has one,
 * wants green_context_fini() from elsewhere. If it has GREEN_CONTEXT_FP, its
 * control words stay in force, because nothing here knows whose flow it is.
 * Since 0.1.
 */
GREEN_API GREEN_NORETURN void
green_context_jump(struct green_context *to, void *value);

/**
 * Forget a context that will not be entered any more, before its stack is
 * reused or freed: tells the debugging tools (Valgrind, sanitizers) that are
 * watching. Runs nothing on its stack; destructors of its frames do not run.
 * Not needed, and harmless, when fn has returned. NULL is ignored. The struct
 * is all zero afterwards. Since 0.1.
 */
GREEN_API void green_context_fini(struct green_context *ctx);

#ifdef __cplusplus
}
#endif

#endif
