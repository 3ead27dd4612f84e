/* SPDX-License-Identifier: MIT */
/* Scheduler rows: libgreen, through the public ABI of the shared library. */

#include <green.h>

typedef green_t peer_thread;
#define PEER_NAME "libgreen"
#define PEER_PREEMPTIVE 0

static struct green_attr attr;
static const struct green_attr *use_attr;

static int
peer_init(size_t stack)
{
	attr.size = sizeof(attr);
	attr.stack_size = stack;
	if (stack)
		use_attr = &attr;
	return 0;
}

static inline int
peer_spawn(peer_thread *t, void *(*fn)(void *), void *arg)
{
	return green_spawn(t, use_attr, fn, arg);
}

static inline void
peer_join(peer_thread *t)
{
	green_join(*t, NULL, GREEN_NEVER);
}

static inline void
peer_yield(void)
{
	green_yield();
}

static void peer_say(void);

#include "threads.h"

/* Which guards the stacks had. */
static void
peer_say(void)
{
	struct green_stats s;

	memset(&s, 0, sizeof(s));
	s.size = sizeof(s);
	if (green_stats_get(&s))
		return;
	say("guard_install", (double)s.stacks_guard_install);
	say("guard_mprotect", (double)s.stacks_guard_mprotect);
	say("guard_none", (double)s.stacks_guard_none);
}
