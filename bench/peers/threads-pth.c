/* SPDX-License-Identifier: MIT */
/* Scheduler rows: GNU Pth. */

#include <stdlib.h>

#include <pth.h>

typedef pth_t peer_thread;
#define PEER_NAME "pth"
#define PEER_PREEMPTIVE 0

static pth_attr_t attr;

static int
peer_init(size_t stack)
{
	if (!pth_init())
		return -1;
	attr = pth_attr_new();
	if (stack)
		pth_attr_set(attr, PTH_ATTR_STACK_SIZE, (unsigned int)stack);
	return 0;
}

static inline int
peer_spawn(peer_thread *t, void *(*fn)(void *), void *arg)
{
	*t = pth_spawn(attr, fn, arg);
	return *t ? 0 : -1;
}

static inline void
peer_join(peer_thread *t)
{
	pth_join(*t, NULL);
}

static inline void
peer_yield(void)
{
	pth_yield(NULL);
}

#define PEER_ONE_OS_THREAD
#define PEER_HAS_MUTEXES
typedef pth_mutex_t peer_mutex;

static peer_mutex *
peer_mutex_make(void)
{
	static peer_mutex mutex = PTH_MUTEX_INIT;

	return &mutex;
}

static inline void
peer_lock(peer_mutex *mutex)
{
	pth_mutex_acquire(mutex, FALSE, NULL);
}

static inline void
peer_unlock(peer_mutex *mutex)
{
	pth_mutex_release(mutex);
}

#define PEER_HAS_SEMAPHORES

/* It has none: a number, a mutex and a condition variable. */
typedef struct {
	pth_mutex_t mutex;
	pth_cond_t cond;
	long value;
} peer_sem;

static peer_sem *
peer_sem_make(void)
{
	peer_sem *sem = calloc(1, sizeof(*sem));

	pth_mutex_init(&sem->mutex);
	pth_cond_init(&sem->cond);
	return sem;
}

static inline void
peer_post(peer_sem *sem)
{
	pth_mutex_acquire(&sem->mutex, FALSE, NULL);
	sem->value++;
	pth_cond_notify(&sem->cond, FALSE);
	pth_mutex_release(&sem->mutex);
}

static inline void
peer_wait(peer_sem *sem)
{
	pth_mutex_acquire(&sem->mutex, FALSE, NULL);
	while (!sem->value)
		pth_cond_await(&sem->cond, &sem->mutex, NULL);
	sem->value--;
	pth_mutex_release(&sem->mutex);
}

#define PEER_HAS_SLEEP

static inline void
peer_sleep(long ms)
{
	pth_nap(pth_time(ms / 1000, ms % 1000 * 1000));
}

static void
peer_say(void)
{
}

#include "../threads.h"
