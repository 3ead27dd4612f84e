/* SPDX-License-Identifier: MIT */
#ifndef GREEN_SYNC_H
#define GREEN_SYNC_H

/*
 * What threads wait for each other with.
 *
 *	static struct green_mutex mutex = GREEN_MUTEX_INIT;
 *
 *	green_mutex_lock(&mutex, GREEN_NEVER);
 *	...
 *	green_mutex_unlock(&mutex);
 *
 * The storage of an object is the caller's. All zero is a valid object: a
 * static one needs no call, and one on the stack or the heap only its zeroes.
 * An init function asks for more than that. An object must not be moved,
 * copied or shared between processes, and its fields are not part of the
 * interface. The sizes are the same on all CPUs.
 *
 * An object may be used by green threads of any worker and by OS threads that
 * have none, which are then blocked as a pthread function would block them; a
 * signal does not end their wait. Those who wait are served in the order in
 * which they came.
 *
 * Every call that can block takes a deadline (see green/time.h) and returns
 * -EAGAIN or -ETIMEDOUT as that says, -EINTR when green_interrupt() ended the
 * wait, and -ECANCELED, before anything else, when the calling thread has been
 * cancelled. After any error the object is as if the call had not been made.
 * Who waits in vain can do so again.
 *
 * While the process has one OS thread no locked instruction is used.
 *
 * After fork() the child finds each object as it was, without those that
 *waited: green threads of whichever worker, and OS threads. What threads held
 *that do not exist there stays held. One thing cannot be put right: an object
 *that another OS thread was just changing may stay locked inside, or half
 *changed. The child must not use such an object, unless it makes a new one of
 *it by init.
 */

#include <green/base.h>
#include <green/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Flag: only green threads of the worker that calls init use the object. It
 * needs no locked instruction then, whatever other OS threads do; all others
 * get -EPERM. */
#define GREEN_PRIVATE 1
/** Flag of a mutex: its owner may lock it again, and unlocks as often. */
#define GREEN_RECURSIVE 2

/**
 * How an object is to be made. Set size to sizeof(struct green_sync_attr) and
 * the rest to zero, then change what matters. Read during the call only.
 */
struct green_sync_attr {
	/** sizeof(struct green_sync_attr). */
	size_t size;
	/** GREEN_PRIVATE, GREEN_RECURSIVE. */
	uint64_t flags;
};

/* ---- mutex -------------------------------------------------------------- */

/**
 * A mutex: held by one thread at a time. Who unlocks it while others wait hands
 * it to the first of these, so nobody starves. All zero (GREEN_MUTEX_INIT) is
 * one that is free. Since 0.1.
 */
struct green_mutex {
	uint64_t opaque[8];
};

#define GREEN_MUTEX_INIT \
	{ \
		{ \
			0 \
		} \
	}

/**
 * Make a mutex that is free. attr may be NULL: the same as all zero. Flags:
 * GREEN_PRIVATE, GREEN_RECURSIVE. The memory must not hold one that is in use.
 * Does not park. Returns 0; -EINVAL for NULL, an unknown flag or a wrong
 * attr->size; -E2BIG for fields unknown to this library; -ENOMEM when
 * GREEN_PRIVATE is asked for and the OS thread could not become a runtime.
 * Since 0.1.
 */
GREEN_API int
green_mutex_init(struct green_mutex *mutex, const struct green_sync_attr *attr);

/**
 * End the use of a mutex; afterwards it is all zero. Not needed before its
 * memory goes, which it may as soon as nobody holds it or waits for it. NULL is
 * ignored. Does not park. Returns 0; -EBUSY, and changes nothing, when it is
 * held; -EPERM for a private one of another worker. Since 0.1.
 */
GREEN_API int green_mutex_fini(struct green_mutex *mutex);

/**
 * Lock the mutex: wait until it is free, and then hold it. May park.
 *
 * The holder is the calling green thread, or an OS thread that is no runtime.
 * Returns 0; -EDEADLK when the caller holds it already and it is not
 * recursive, -EAGAIN when it is recursive and was locked 2^32 times; -EAGAIN
 * or -ETIMEDOUT as the deadline says; -EINVAL for NULL or a negative deadline;
 * -EINTR, -ECANCELED; -EPERM for a private one of another worker. Since 0.1.
 */
GREEN_API int green_mutex_lock(struct green_mutex *mutex, int64_t deadline);

/**
 * Unlock the mutex; the first of those who wait for it holds it from now on.
 * Does not park. Returns 0; -EPERM when the caller does not hold it; -EINVAL
 * for NULL. Since 0.1.
 */
GREEN_API int green_mutex_unlock(struct green_mutex *mutex);

/* ---- condition ---------------------------------------------------------- */

/**
 * A condition: what threads wait for that is told by the state which a mutex
 * protects. All zero (GREEN_COND_INIT) is one for which nobody waits.
 * Since 0.1.
 */
struct green_cond {
	uint64_t opaque[8];
};

#define GREEN_COND_INIT \
	{ \
		{ \
			0 \
		} \
	}

/**
 * Make a condition. attr may be NULL: the same as all zero. Flag:
 * GREEN_PRIVATE. Does not park. Errors as green_mutex_init(). Since 0.1.
 */
GREEN_API int
green_cond_init(struct green_cond *cond, const struct green_sync_attr *attr);

/**
 * End the use of a condition; afterwards it is all zero. NULL is ignored. Does
 * not park. Returns 0; -EBUSY, and changes nothing, when somebody waits for it
 * or has not returned from that; -EPERM for a private one of another worker.
 * Since 0.1.
 */
GREEN_API int green_cond_fini(struct green_cond *cond);

/**
 * Unlock the mutex and wait until the condition is signalled, in one step: what
 * is signalled once the mutex is unlocked ends the wait. Then the mutex is
 * locked again. May park.
 *
 * There are no wake-ups without a signal, but whoever locks the mutex in
 * between may have changed what the condition stands for: look again, in a
 * loop.
 *
 * The mutex is held when this returns, with whatever result, as often as it
 * was before; the wait for it is not ended by the deadline, an interruption or
 * a cancellation. Returns 0; -EAGAIN or -ETIMEDOUT as the deadline says;
 * -EINVAL for NULL, a negative deadline, or a private mutex with a condition
 * that is not; -EINTR, -ECANCELED; -EPERM when the caller does not hold the
 * mutex, or for a private condition of another worker. Since 0.1.
 */
GREEN_API int green_cond_wait(struct green_cond *cond,
			      struct green_mutex *mutex, int64_t deadline);

/**
 * End the wait of the thread that waits longest, if any does. It goes on as
 * soon as it can have the mutex, which the caller may hold or not. Does not
 * park. Returns 0; -EINVAL for NULL; -EPERM for a private condition of another
 * worker. Since 0.1.
 */
GREEN_API int green_cond_signal(struct green_cond *cond);

/**
 * End the wait of all threads that wait, in order. None of them runs only to
 * find that another has the mutex. Does not park. Returns as
 * green_cond_signal(). Since 0.1.
 */
GREEN_API int green_cond_broadcast(struct green_cond *cond);

/* ---- semaphores --------------------------------------------------------- */

/** The highest value of a semaphore. */
#define GREEN_SEM_MAX 2147483647

/** A counting semaphore; all zero is one with the value 0. */
struct green_sem {
	/** libgreen's own. */
	uint64_t opaque[8];
};

/** First value of a static semaphore. */
#define GREEN_SEM_INIT \
	{ \
		{ \
			0 \
		} \
	}

/**
 * Make a semaphore with a value. attr may be NULL; it knows GREEN_PRIVATE,
 * which makes the calling OS thread a runtime if it is none. Does not park.
 *
 * Returns 0; -EINVAL for a NULL sem, a value above GREEN_SEM_MAX, unknown
 * flags or a wrong attr->size; -E2BIG for fields unknown to this library;
 * -ENOMEM when the runtime could not be made. Since 0.1.
 */
GREEN_API int green_sem_init(struct green_sem *sem, uint32_t value,
			     const struct green_sync_attr *attr);

/**
 * The end of a semaphore: it becomes all zero. NULL does nothing. Does not
 * park. Returns 0; -EBUSY, and it stays as it is, while somebody waits or has
 * not returned from waiting; -EPERM. Since 0.1.
 */
GREEN_API int green_sem_fini(struct green_sem *sem);

/**
 * Take one from the value, or wait until green_sem_post() gives one. For
 * deadline see green/time.h. May park.
 *
 * Returns 0; -EAGAIN or -ETIMEDOUT as the deadline says; -EINVAL for a NULL
 * sem or a negative deadline; -EINTR when green_interrupt() ended the wait;
 * -ECANCELED when the caller is cancelled; -EPERM for a private one of others.
 * Unless it returns 0 nothing was taken. Since 0.1.
 */
GREEN_API int green_sem_wait(struct green_sem *sem, int64_t deadline);

/**
 * Give one: to the thread that has waited longest, if there is one, otherwise
 * to the value. Does not park. Not from a signal handler.
 *
 * Returns 0; -EOVERFLOW when the value is GREEN_SEM_MAX; -EINVAL for NULL;
 * -EPERM for a private one of others. Since 0.1.
 */
GREEN_API int green_sem_post(struct green_sem *sem);

/* ---- events ------------------------------------------------------------- */

/** Flag: an event that lets one waiter go for each time it is set. */
#define GREEN_EVENT_AUTO 4

/** Something that has happened or not; all zero is one that has not, and that
 * stays set until it is reset. */
struct green_event {
	/** libgreen's own. */
	uint64_t opaque[8];
};

/** First value of a static event. */
#define GREEN_EVENT_INIT \
	{ \
		{ \
			0 \
		} \
	}

/**
 * Make an event that is not set. attr may be NULL; it knows GREEN_PRIVATE,
 * which makes the calling OS thread a runtime if it is none, and
 * GREEN_EVENT_AUTO. Does not park.
 *
 * Returns 0; -EINVAL for a NULL event, unknown flags or a wrong attr->size;
 * -E2BIG for fields unknown to this library; -ENOMEM when the runtime could
 * not be made. Since 0.1.
 */
GREEN_API int
green_event_init(struct green_event *event, const struct green_sync_attr *attr);

/**
 * The end of an event: it becomes all zero. NULL does nothing. Does not park.
 * Returns 0; -EBUSY, and it stays as it is, while somebody waits or has not
 * returned from waiting; -EPERM. Since 0.1.
 */
GREEN_API int green_event_fini(struct green_event *event);

/**
 * It has happened. All who wait go on, and whoever waits later does not wait,
 * until it is reset. With GREEN_EVENT_AUTO: the one who has waited longest
 * goes on; if nobody waits, the next one that comes does, and resets it. To
 * set one that is set changes nothing. Does not park. Not from a signal
 * handler.
 *
 * Returns 0, -EINVAL for NULL, -EPERM for a private one of others. Since 0.1.
 */
GREEN_API int green_event_set(struct green_event *event);

/**
 * It has not happened, from now on: those who were let go before stay so.
 * Does not park. Returns 0, -EINVAL for NULL, -EPERM for a private one of
 * others. Since 0.1.
 */
GREEN_API int green_event_reset(struct green_event *event);

/**
 * Wait until it has happened. For deadline see green/time.h; 0 asks whether it
 * has, and with GREEN_EVENT_AUTO resets it. May park.
 *
 * Returns 0; -EAGAIN or -ETIMEDOUT as the deadline says; -EINVAL for a NULL
 * event or a negative deadline; -EINTR when green_interrupt() ended the wait;
 * -ECANCELED when the caller is cancelled; -EPERM for a private one of others.
 * Since 0.1.
 */
GREEN_API int green_event_wait(struct green_event *event, int64_t deadline);

/* ---- wait group --------------------------------------------------------- */

/**
 * A wait group: a count of what is still to be done. All zero
 * (GREEN_WAITGROUP_INIT) is one with nothing to do. Since 0.1.
 */
struct green_waitgroup {
	uint64_t opaque[8];
};

#define GREEN_WAITGROUP_INIT \
	{ \
		{ \
			0 \
		} \
	}

/**
 * Make a wait group with nothing to do. attr may be NULL: the same as all zero.
 * Flag: GREEN_PRIVATE. Does not park. Errors as green_mutex_init(). Since 0.1.
 */
GREEN_API int green_waitgroup_init(struct green_waitgroup *group,
				   const struct green_sync_attr *attr);

/**
 * End the use of a wait group; afterwards it is all zero. NULL is ignored. Does
 * not park. Returns 0; -EBUSY, and changes nothing, when the count is not 0, or
 * somebody waits or has not returned from that; -EPERM for a private one of
 * another worker. Since 0.1.
 */
GREEN_API int green_waitgroup_fini(struct green_waitgroup *group);

/**
 * Add n to the count; n may be negative. When the count becomes 0, all who wait
 * go on. Add before what is to be waited for begins, not in it: or it may be
 * waited for too early. Does not park. Returns 0; -EINVAL, and changes nothing,
 * for NULL or if the count would become negative or too large; -EPERM for a
 * private one of another worker. Since 0.1.
 */
GREEN_API int green_waitgroup_add(struct green_waitgroup *group, int64_t n);

/** The same with -1. Since 0.1. */
GREEN_API int green_waitgroup_done(struct green_waitgroup *group);

/**
 * Wait until the count is 0. May park. Returns 0; -EAGAIN or -ETIMEDOUT as the
 * deadline says; -EINVAL for NULL or a negative deadline; -EINTR, -ECANCELED;
 * -EPERM for a private one of another worker. Since 0.1.
 */
GREEN_API int
green_waitgroup_wait(struct green_waitgroup *group, int64_t deadline);

/* ---- reader-writer lock ------------------------------------------------- */

/**
 * A lock that many readers can hold at a time, or one writer. Those who wait
 * are served in the order in which they came, readers that stand together at
 * once, so neither readers nor writers starve. All zero (GREEN_RWLOCK_INIT) is
 * one that is free. Since 0.1.
 */
struct green_rwlock {
	uint64_t opaque[12];
};

#define GREEN_RWLOCK_INIT \
	{ \
		{ \
			0 \
		} \
	}

/**
 * Make a reader-writer lock that is free. attr may be NULL: the same as all
 * zero. Flag: GREEN_PRIVATE. Does not park. Errors as green_mutex_init().
 * Since 0.1.
 */
GREEN_API int green_rwlock_init(struct green_rwlock *lock,
				const struct green_sync_attr *attr);

/**
 * End the use of a reader-writer lock; afterwards it is all zero. NULL is
 * ignored. Does not park. Returns 0; -EBUSY, and changes nothing, when it is
 * held or waited for; -EPERM for a private one of another worker. Since 0.1.
 */
GREEN_API int green_rwlock_fini(struct green_rwlock *lock);

/**
 * Hold the lock as a reader: wait until no writer holds it, and none waits that
 * came before. A reader that comes a second time therefore waits for a writer
 * who waits for the reader: do not. May park.
 *
 * Returns 0; -EDEADLK when the caller holds it as a writer; -EAGAIN or
 * -ETIMEDOUT as the deadline says, -EAGAIN also for 2^32 readers; -EINVAL for
 * NULL or a negative deadline; -EINTR, -ECANCELED; -EPERM for a private one of
 * another worker. Since 0.1.
 */
GREEN_API int green_rwlock_read(struct green_rwlock *lock, int64_t deadline);

/**
 * Hold the lock as its writer: wait until nobody holds it. May park. Returns as
 * green_rwlock_read(). Since 0.1.
 */
GREEN_API int green_rwlock_write(struct green_rwlock *lock, int64_t deadline);

/**
 * Let go of the lock. Readers are counted only: that the caller is one of them
 * is not checked. Does not park. Returns 0; -EPERM when another thread holds it
 * as a writer, or nobody does; -EINVAL for NULL. Since 0.1.
 */
GREEN_API int green_rwlock_unlock(struct green_rwlock *lock);

/* ---- barrier ------------------------------------------------------------ */

/**
 * A barrier: it opens when a number of threads have come to it, and then closes
 * behind them. All zero (GREEN_BARRIER_INIT) is one for one thread, which is
 * always open; others are made with green_barrier_init(). Since 0.1.
 */
struct green_barrier {
	uint64_t opaque[8];
};

#define GREEN_BARRIER_INIT \
	{ \
		{ \
			0 \
		} \
	}

/** What green_barrier_wait() returns to the thread that came last. */
#define GREEN_BARRIER_SERIAL 1

/**
 * Make a barrier for count threads. attr may be NULL. Flag: GREEN_PRIVATE. Does
 * not park. Returns 0; -EINVAL for count 0; else as green_mutex_init().
 * Since 0.1.
 */
GREEN_API int green_barrier_init(struct green_barrier *barrier, uint32_t count,
				 const struct green_sync_attr *attr);

/**
 * End the use of a barrier; afterwards it is all zero. NULL is ignored. Does
 * not park. Returns 0; -EBUSY, and changes nothing, when somebody waits or has
 * not returned from that; -EPERM for a private one of another worker. Since
 * 0.1.
 */
GREEN_API int green_barrier_fini(struct green_barrier *barrier);

/**
 * Wait until as many threads have come as the barrier is for. A wait that ends
 * otherwise, with an error, is as if the thread had not come: the others wait
 * for one more. May park.
 *
 * Returns GREEN_BARRIER_SERIAL to the last that came, 0 to all others; -EAGAIN
 * or -ETIMEDOUT as the deadline says; -EINVAL for NULL or a negative deadline;
 * -EINTR, -ECANCELED; -EPERM for a private one of another worker. Since 0.1.
 */
GREEN_API int
green_barrier_wait(struct green_barrier *barrier, int64_t deadline);

/* ---- once --------------------------------------------------------------- */

/**
 * What is to be done once, by whoever needs it first. All zero
 * (GREEN_ONCE_INIT) is one that is still to be done. Since 0.1.
 */
struct green_once {
	uint64_t opaque[8];
};

#define GREEN_ONCE_INIT \
	{ \
		{ \
			0 \
		} \
	}

/**
 * Make one that is still to be done. attr may be NULL: the same as all zero.
 * Flag: GREEN_PRIVATE. Does not park. Errors as green_mutex_init(). Since 0.1.
 */
GREEN_API int
green_once_init(struct green_once *once, const struct green_sync_attr *attr);

/**
 * End the use of one; afterwards it is all zero, so that it is still to be
 * done. NULL is ignored. Does not park. Returns 0; -EBUSY, and changes nothing,
 * while it is being done; -EPERM for a private one of another worker.
 * Since 0.1.
 */
GREEN_API int green_once_fini(struct green_once *once);

/**
 * Call fn(arg), unless that was done before; while another thread does it, wait
 * for that. When fn returns 0 it is done for all, and what it did happens
 * before any of these calls return. When it returns a negative number, that is
 * what the call of the same thread returns, nothing is done, and the next that
 * waits, or comes, calls its fn. fn may park. The deadline is for the wait
 * only. May park.
 *
 * Returns 0 when it is done; what fn returned if that was negative; -EDEADLK
 * when called by fn itself; -EAGAIN or -ETIMEDOUT as the deadline says; -EINVAL
 * for NULL or a negative deadline; -EINTR, -ECANCELED; -EPERM for a private one
 * of another worker. Since 0.1.
 */
GREEN_API int green_once_run(struct green_once *once, int (*fn)(void *arg),
			     void *arg, int64_t deadline);

#ifdef __cplusplus
}
#endif

#endif
