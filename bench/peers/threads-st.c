/* SPDX-License-Identifier: MIT */
/* Scheduler rows: State Threads. It has no call that yields; a sleep of no
 * time is the nearest, and what its users write. */

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

static void
peer_say(void)
{
}

#include "../threads.h"
