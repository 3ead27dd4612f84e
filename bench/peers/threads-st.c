/* SPDX-License-Identifier: MIT */
/* Scheduler rows: State Threads. It has no call that yields; a sleep of no
 * time is the nearest, and what its users write. */

#include <stdlib.h>

#include <st.h>

typedef st_thread_t peer_thread;
#define PEER_NAME "st"
#define PEER_PREEMPTIVE 0

static int stack_size;

static int
peer_init(size_t stack)
{
	stack_size = (int)stack;
	return st_init();
}

static inline int
peer_spawn(peer_thread *t, void *(*fn)(void *), void *arg)
{
	*t = st_thread_create(fn, arg, 1, stack_size);
	return *t ? 0 : -1;
}

static inline void
peer_join(peer_thread *t)
{
	st_thread_join(*t, NULL);
}

static inline void
peer_yield(void)
{
	st_usleep(0);
}

#define PEER_ONE_OS_THREAD
#define PEER_HAS_MUTEXES
typedef struct _st_mutex peer_mutex;

static peer_mutex *
peer_mutex_make(void)
{
	return st_mutex_new();
}

static inline void
peer_lock(peer_mutex *mutex)
{
	st_mutex_lock(mutex);
}

static inline void
peer_unlock(peer_mutex *mutex)
{
	st_mutex_unlock(mutex);
}

#define PEER_HAS_SEMAPHORES

/* It has none, but its condition variables need no lock. */
typedef struct {
	st_cond_t cond;
	long value;
} peer_sem;

static peer_sem *
peer_sem_make(void)
{
	peer_sem *sem = calloc(1, sizeof(*sem));

	sem->cond = st_cond_new();
	return sem;
}

static inline void
peer_post(peer_sem *sem)
{
	sem->value++;
	st_cond_signal(sem->cond);
}

static inline void
peer_wait(peer_sem *sem)
{
	while (!sem->value)
		st_cond_wait(sem->cond);
	sem->value--;
}

#define PEER_HAS_SLEEP

static inline void
peer_sleep(long ms)
{
	st_usleep((st_utime_t)ms * 1000);
}

#define PEER_HAS_DEADLINES

static inline void
peer_wait_hour(peer_sem *sem)
{
	while (!sem->value)
		st_cond_timedwait(sem->cond, 3600000000ULL);
	sem->value--;
}

static void
peer_say(void)
{
}

#include "../threads.h"
