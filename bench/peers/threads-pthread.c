/* SPDX-License-Identifier: MIT */
/* Scheduler rows: the kernel's threads. The driver pins them to one CPU. */

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

typedef pthread_t peer_thread;
#define PEER_NAME "pthread"
#define PEER_PREEMPTIVE 1

static pthread_attr_t attr;

static int
peer_init(size_t stack)
{
	pthread_attr_init(&attr);
	return stack ? pthread_attr_setstacksize(&attr, stack) : 0;
}

static inline int
peer_spawn(peer_thread *t, void *(*fn)(void *), void *arg)
{
	return pthread_create(t, &attr, fn, arg);
}

static inline void
peer_join(peer_thread *t)
{
	pthread_join(*t, NULL);
}

static inline void
peer_yield(void)
{
	sched_yield();
}

#define PEER_HAS_MUTEXES
typedef pthread_mutex_t peer_mutex;

static peer_mutex *
peer_mutex_make(void)
{
	static peer_mutex mutex = PTHREAD_MUTEX_INITIALIZER;

	return &mutex;
}

static inline void
peer_lock(peer_mutex *mutex)
{
	pthread_mutex_lock(mutex);
}

static inline void
peer_unlock(peer_mutex *mutex)
{
	pthread_mutex_unlock(mutex);
}

#define PEER_HAS_SEMAPHORES
typedef sem_t peer_sem;

static peer_sem *
peer_sem_make(void)
{
	return calloc(1, sizeof(peer_sem));
}

static inline void
peer_post(peer_sem *sem)
{
	sem_post(sem);
}

static inline void
peer_wait(peer_sem *sem)
{
	while (sem_wait(sem))
		;
}

#define PEER_HAS_SLEEP

static inline void
peer_sleep(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void
peer_say(void)
{
}

#include "../threads.h"
