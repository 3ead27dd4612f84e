/* SPDX-License-Identifier: MIT */
#ifndef GREEN_THREAD_H
#define GREEN_THREAD_H

/*
 * Green threads: spawn, yield, join.
 *
 *	green_t id;
 *	void *result;
 *
 *	green_spawn(&id, NULL, work, arg);
 *	green_join(id, &result, GREEN_NEVER);
 *
 * A call that needs a current thread (spawn, yield, self, sleep) makes the
 * calling OS thread a private one-worker runtime whose main flow is itself a
 * green thread. Threads run on the worker that spawned them, one at a time,
 * each until it parks or yields; yields are first in, first out, and threads
 * start in the order of their spawning. A runtime of several workers, for all
 * cores, has to be asked for: see green/runtime.h.
 *
 * When an OS thread ends, or main returns, while green threads of it are
 * alive, these are abandoned: they never run again, their memory is freed,
 * their destructors do not run, and green_stats_get() counts them.
 *
 * After fork() the child has the one green thread that called it. The ids of
 * all others give -ESRCH there; their memory is released without running
 * destructors. A child whose surviving thread is not the main flow exits with
 * status 0 when that thread and all those that it made, and they made in turn,
 * have ended.
 *
 * Async-signal-safe: green_self(), green_name_get() for the own thread.
 */

#include <green/base.h>
#include <green/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Id of a green thread; 0 is none. Ids are not reused: that of a thread which
 * is gone gives -ESRCH for ever. How the number is made up is not part of the
 * interface.
 */
typedef uint64_t green_t;

/** What a thread runs; the returned pointer goes to whoever joins it. */
typedef void *(*green_fn)(void *arg);

struct green_hooks;
struct green_runtime;
struct green_scope;

/** Longest name of a thread, in bytes with the terminating zero. */
#define GREEN_NAME_MAX 32

/** Smallest stack_size that is accepted, in bytes. */
#define GREEN_STACK_MIN 4096
/** Stack of a thread that asks for no size, in bytes that it can use. */
#define GREEN_STACK_DEFAULT 114688

/** Flag: the thread has floating-point control words of its own; it begins
 * with those of its worker and those of others are never its own. */
#define GREEN_FP 1
/** Flag: nobody will join the thread; it cleans up after itself. */
#define GREEN_DETACHED 2
/** Flag: the thread starts before older ones that have this flag, too. For
 * trees of threads that fork and join: these are walked in depth, and few are
 * alive at a time. One that has not started may wait for as long as newer ones
 * come; all others have their turns: threads with the flag start when nothing
 * else can run, or one in every few switches. Not together with worker. */
#define GREEN_NEWEST_FIRST 4

/**
 * How a thread is to be made. Set size to sizeof(struct green_attr) and the
 * rest to zero, then change what matters. Read during green_spawn() only,
 * unless a field says otherwise.
 */
struct green_attr {
	/** sizeof(struct green_attr). */
	size_t size;
	/** GREEN_FP, GREEN_DETACHED, GREEN_NEWEST_FIRST. */
	uint64_t flags;
	/** Bytes of stack the thread can use, rounded up to a size class;
	 * 0: GREEN_STACK_DEFAULT. At most 1 GiB. With stack: exactly its
	 * bytes. */
	uint64_t stack_size;
	/** Stack of the caller's own: its lowest address. It gets no guard,
	 * and must live until the thread was joined, or has ended if it is
	 * detached. NULL: one from the pool. */
	void *stack;
	/** Name for reports, copied and cut to GREEN_NAME_MAX; may be NULL. */
	const char *name;
	/** For language bindings, see green/embed.h: table of hooks, which
	 * must stay for as long as the thread lives. */
	const struct green_hooks *hooks;
	/** For language bindings: first value of the thread's user slot. */
	void *user;
	/** For language bindings: bytes at the high end of the stack's mapping
	 * that are the caller's; the C stack begins below them. A multiple
	 * of 16. They are part of what stack_size asks for. */
	uint64_t reserve_top;
	/** For language bindings: memory for the control block, at least
	 * green_control_size() bytes aligned to 64, the caller's again when
	 * its destroy hook has run. NULL: libgreen's own. */
	void *control;
	/** The scope whose member the thread is to be, see green/scope.h;
	 * NULL: none. */
	struct green_scope *scope;
	/** The runtime of which it is to be a thread, see green/runtime.h.
	 * NULL: that of the caller. */
	struct green_runtime *runtime;
	/** The worker on which it is to start, and so to stay: 1 for the
	 * runtime's first, and so on. 0: any of them. */
	uint64_t worker;
};

/**
 * Make a green thread that will run fn(arg).
 *
 * ret_id receives its id; NULL makes it detached. attr may be NULL. The new
 * thread waits its turn: on this OS thread nothing runs before this returns.
 * It inherits nothing. May be called from a green thread or from any OS thread
 * (which then becomes a one-worker runtime, unless attr names a runtime); does
 * not park.
 *
 * Returns 0; -EINVAL for a NULL fn, unknown flags, a stack_size out of range,
 * a reserve_top that is no multiple of 16 or leaves less than
 * GREEN_STACK_MIN, a worker that the runtime does not have, one together with
 * GREEN_NEWEST_FIRST, or wrong attr->size; -ESRCH for a runtime of before a
 * fork(); -E2BIG for fields unknown to this library; -ENOMEM when there is no
 * memory or address space; -EAGAIN when 2^26 threads are alive. A spawn that
 * succeeded cannot fail later; but one that goes from one worker to another
 * gets its stack when it starts, and waits if there is no memory for that.
 * Since 0.1.
 */
GREEN_API int green_spawn(green_t *ret_id, const struct green_attr *attr,
			  green_fn fn, void *arg);

/**
 * Wait until the thread has ended, fetch what it returned, and let go of it:
 * its id is stale afterwards. A thread that has not started yet runs next.
 *
 * ret_value may be NULL. For deadline see green/time.h; when it passes, the
 * thread goes on and can be joined again. A thread may be joined from any OS
 * thread: one without a runtime is blocked, as pthread_join() would. May
 * park.
 *
 * Returns 0; -EAGAIN or -ETIMEDOUT as the deadline says; -EINVAL for id 0, a
 * negative deadline or a thread that is detached (main flows are); -ESRCH for
 * an id that is stale or never was, and when the thread is abandoned because
 * its OS thread ends; -EDEADLK for the own id; -EBUSY when another thread is
 * joining it; -EINTR when green_interrupt() ended the wait; -ECANCELED when the
 * caller is cancelled (see green/scope.h). Since 0.1.
 */
GREEN_API int green_join(green_t id, void **ret_value, int64_t deadline);

/**
 * Declare that nobody will join the thread: it cleans up after itself when it
 * ends, at once if it has. May be called from any OS thread; does not park.
 *
 * Returns 0; -EINVAL for id 0 or a thread detached already; -ESRCH for an id
 * that is stale or never was; -EBUSY when somebody is joining it. Since 0.1.
 */
GREEN_API int green_detach(green_t id);

/**
 * Id of the calling green thread; for the main flow of an OS thread too.
 * An OS thread that is no runtime becomes one; 0 if memory is exhausted.
 * Async-signal-safe on a thread that has a runtime. Does not park. Since 0.1.
 */
GREEN_API green_t green_self(void);

/**
 * Let every other runnable thread of this worker run once, in order; returns
 * at once when there is none. errno and C++ exception state are kept.
 * May park. Since 0.1.
 */
GREEN_API void green_yield(void);

/**
 * End the calling thread as if its function had returned value. Cleanup
 * handlers (green/scope.h) and key destructors run, C++ destructors of its
 * frames do not. In the main flow of
 * an OS thread: waits until the worker's other threads have ended, then ends
 * the OS thread with pthread_exit(value). Since 0.1.
 */
GREEN_API GREEN_NORETURN void green_exit(void *value);

/**
 * Give a thread of the calling worker a name for reports, copied and cut to
 * GREEN_NAME_MAX; NULL takes the name away. id 0 means the calling thread.
 * Does not park. Returns 0, -ESRCH, -EPERM for a thread of another worker,
 * -ENOMEM. Since 0.1.
 */
GREEN_API int green_name_set(green_t id, const char *name);

/**
 * Copy the thread's name into buf, cut to size bytes with the terminating
 * zero; an empty string if it has none. id 0 means the calling thread.
 * Does not park. Returns 0; -EINVAL for a NULL buf or size 0, -ESRCH,
 * -EPERM for a thread of another worker. Since 0.1.
 */
GREEN_API int green_name_get(green_t id, char *buf, size_t size);

/** Key of a thread-specific value; 0 is never one. */
typedef uint32_t green_key_t;

/** How many keys can exist at a time. */
#define GREEN_KEYS_MAX 1024

/**
 * Make a key under which every green thread can keep one pointer, NULL at
 * first. When a thread ends with a non-NULL value, destructor (may be NULL)
 * is called with it, in that thread; it may park, and set values again, up to
 * four rounds. Does not park.
 *
 * Returns 0; -EINVAL for a NULL ret_key; -EAGAIN when GREEN_KEYS_MAX exist.
 * Since 0.1.
 */
GREEN_API int
green_key_create(green_key_t *ret_key, void (*destructor)(void *value));

/**
 * Give a key back. Values under it are forgotten, no destructor runs for
 * them. Returns 0 or -EINVAL for a key that does not exist. Since 0.1.
 */
GREEN_API int green_key_delete(green_key_t key);

/**
 * Set the calling thread's value. Returns 0, -EINVAL for a key that does not
 * exist, -ENOMEM. Does not park. Since 0.1.
 */
GREEN_API int green_key_set(green_key_t key, void *value);

/**
 * The calling thread's value; NULL if it has none or the key does not exist.
 * Does not park. Since 0.1.
 */
GREEN_API void *green_key_get(green_key_t key);

#ifdef __cplusplus
}
#endif

#endif
