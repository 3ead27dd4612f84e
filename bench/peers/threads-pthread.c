/* SPDX-License-Identifier: MIT */
/* Scheduler rows: the kernel's threads. The driver pins them to one CPU. */

#include <pthread.h>
#include <sched.h>

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

static void
peer_say(void)
{
}

#include "../threads.h"
