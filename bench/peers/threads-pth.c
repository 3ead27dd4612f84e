/* SPDX-License-Identifier: MIT */
/* Scheduler rows: GNU Pth. */

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

static void
peer_say(void)
{
}

#include "../threads.h"
