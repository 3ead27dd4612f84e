/* SPDX-License-Identifier: MIT */
#ifndef GREEN_EMBED_H
#define GREEN_EMBED_H

/*
 * For bindings of other languages: an interpreter keeps state per thread, and
 * each green thread that runs its code wants its own. libgreen calls hooks at
 * each switch, gives every thread a user slot, and tells where stacks are.
 *
 * For programs with an event loop of their own: a descriptor for that loop to
 * poll, and a call that lets green threads run; they are at the end.
 *
 * None of the hooks may park, spawn, join or fork; they may call
 * green_interrupt(), and what is async-signal-safe.
 */

#include <green/base.h>
#include <green/thread.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Hooks of a thread; any may be NULL. user is the thread's user slot.
 *
 * The order at a switch from A to B is A's leave, then B's enter, both on A's
 * stack; only then the stacks change. leave is not called for a thread that
 * has ended; enter is called before a thread's first run too.
 */
struct green_hooks {
	/** sizeof(struct green_hooks). */
	size_t size;
	/** The thread is about to be left. On its own stack. */
	void (*leave)(void *user);
	/** The thread is about to run. On the stack of the one before it. */
	void (*enter)(void *user);
	/** The control block is about to be gone: the thread was joined, or
	 * ended detached, or was abandoned or never started. The last call
	 * for it, and the only one for a thread that never ran; on any stack
	 * of the same OS thread, or of the one that joined or detached it. */
	void (*destroy)(void *user);
	/** The worker is about to sleep in the kernel, and has slept. Taken
	 * from the hooks of the worker's main flow only, with its user slot.
	 * On the stack of whichever thread parked or ended last, which may be
	 * any thread of the worker, before its leave is called. Signals are
	 * blocked from before before_sleep until the kernel sleeps, so that a
	 * before_sleep which looks for what a signal handler has noted misses
	 * none; if it returns non-zero the worker does not sleep. interrupted
	 * is 1 when it did so, or a signal ended the sleep. */
	int (*before_sleep)(void *user);
	void (*after_wake)(void *user, int interrupted);
};

/**
 * Set the hooks and the user slot of the calling thread, e.g. of the main
 * flow of an OS thread. hooks must stay; NULL takes them away. No hook is
 * called by this. Does not park. Returns 0; -EINVAL for a wrong hooks->size,
 * -E2BIG, -ENOMEM when the OS thread could not become a runtime. Since 0.1.
 */
GREEN_API int green_hooks_set(const struct green_hooks *hooks, void *user);

/**
 * The calling thread's user slot, NULL if there is none or no runtime.
 * Async-signal-safe; does not park. Since 0.1.
 */
GREEN_API void *green_user(void);

/**
 * End the wait of a parked thread of the calling worker: the call in which it
 * parked returns -EINTR. Does nothing for one that is not parked in a call
 * that can return that. If what it waits for comes before it runs again, the
 * call may succeed instead. Does not park; not async-signal-safe.
 * Returns 0, -EINVAL for id 0, -ESRCH, -EPERM for a thread of another worker,
 * -EALREADY when the thread is not parked. Since 0.1.
 */
GREEN_API int green_interrupt(green_t id);

/**
 * Park the calling thread until green_interrupt(), for what a binding builds
 * itself out of waiting and waking. Unlike a green_sleep_until(), one without
 * a deadline waits for another green thread: it counts when a deadlock is
 * looked for. May park.
 *
 * Returns -EINTR when it was woken; -EAGAIN or -ETIMEDOUT as the deadline says
 * (see green/time.h), -ECANCELED when the caller is cancelled, -EINVAL for a
 * negative deadline, -ENOMEM when the OS thread could not become a runtime.
 * Since 0.1.
 */
GREEN_API int green_park(int64_t deadline);

/** Bytes that attr.control must have; the block is aligned to 64.
 * Since 0.1. */
GREEN_API size_t green_control_size(void);

/**
 * Where the calling thread's reserve_top bytes begin; NULL if it has none.
 * Cheap, unlike green_stack_get(): for the first thing that a thread does.
 * Async-signal-safe; does not park. Since 0.1.
 */
GREEN_API void *green_reserve(void);

/** Where a thread's stack is. Set size before the call. */
struct green_stack_info {
	/** sizeof(struct green_stack_info). */
	size_t size;
	/** Lowest and one past the highest address of the C stack. */
	uintptr_t low;
	uintptr_t high;
	/** Bytes of guard below low; 0 if there is none. */
	uint64_t guard_size;
	/** One past the highest address of the mapping: the bytes from high to
	 * here are the thread's reserve_top. */
	uintptr_t reserve_end;
	/** The most bytes of the C stack ever used, to the page: pages that
	 * were touched, by this thread or by one before it on the same
	 * stack. */
	uint64_t used;
};

/**
 * Tell where the stack of a thread of the calling worker is; id 0 means the
 * calling thread. A thread that has not run yet has none: -EAGAIN. For the
 * main flow of an OS thread the numbers are those of the OS thread's stack.
 * Does not park. Returns 0; -EINVAL for NULL or a short size, -ESRCH, -EPERM
 * for a thread of another worker. Since 0.1.
 */
GREEN_API int green_stack_get(green_t id, struct green_stack_info *ret_info);

/* ---- in somebody else's event loop --------------------------------------- */

/**
 * A descriptor for an event loop that is not libgreen's (GLib, libuv, poll(2)):
 * it can be read from (POLLIN) when green threads of the calling OS thread have
 * something to do: a descriptor or a time that they wait for, or a wake-up from
 * another OS thread. It is only to be polled, always the same, and closed with
 * the OS thread; after fork() the child asks for its own.
 *
 * To be called in the main flow of an OS thread that is no worker of a runtime
 * made by green_runtime_create(). Does not park. Returns the descriptor; -EPERM
 * from elsewhere; -ENOMEM, -EMFILE. Since 0.1.
 */
GREEN_API int green_poll_fd(void);

/**
 * Let the green threads of the calling OS thread run until none can go on. To
 * be called by the loop when the descriptor is ready, and before each of its
 * sleeps: what its own callbacks have done for green threads does not show in
 * the descriptor. *ret_next_deadline is when to call again at the latest, see
 * green/time.h, GREEN_NEVER if there is no time for that; the descriptor is
 * ready then. A virtual clock goes on to the next deadline instead.
 *
 * Where green_poll_fd() may be called. May park, but never sleeps. Returns 0; 1
 * when some can still go on, but the loop should have its turn: the deadline
 * has come already, then; -EPERM from elsewhere; -ENOMEM. Since 0.1.
 */
GREEN_API int green_run_ready(int64_t *ret_next_deadline);

#ifdef __cplusplus
}
#endif

#endif
