/* SPDX-License-Identifier: MIT */
/* Scheduler rows: libgreen, through the public ABI of the shared library. */

#include <stdlib.h>

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

#define PEER_HAS_CHANNELS
typedef struct green_chan peer_chan;

static peer_chan *
peer_chan_make(long capacity)
{
	peer_chan *ch = NULL;

	green_chan_create(&ch, sizeof(long), capacity, NULL);
	return ch;
}

static inline void
peer_send(peer_chan *ch, long item)
{
	green_chan_send(ch, &item, sizeof(item), GREEN_NEVER);
}

static inline long
peer_recv(peer_chan *ch)
{
	long item = -1;

	green_chan_recv(ch, &item, sizeof(item), GREEN_NEVER);
	return item;
}

#define PEER_HAS_MUTEXES
typedef struct green_mutex peer_mutex;

static peer_mutex *
peer_mutex_make(void)
{
	static peer_mutex mutex;

	return &mutex;
}

static inline void
peer_lock(peer_mutex *mutex)
{
	green_mutex_lock(mutex, GREEN_NEVER);
}

static inline void
peer_unlock(peer_mutex *mutex)
{
	green_mutex_unlock(mutex);
}

#define PEER_HAS_SEMAPHORES
typedef struct green_sem peer_sem;

static peer_sem *
peer_sem_make(void)
{
	return calloc(1, sizeof(peer_sem));
}

static inline void
peer_post(peer_sem *sem)
{
	green_sem_post(sem);
}

static inline void
peer_wait(peer_sem *sem)
{
	green_sem_wait(sem, GREEN_NEVER);
}

#define PEER_HAS_SLEEP

static inline void
peer_sleep(long ms)
{
	green_sleep_until(green_after(ms * GREEN_MILLISECOND));
}

#define PEER_HAS_DEADLINES

/* Different times, without reading the clock for each. */
static inline void
peer_wait_hour(peer_sem *sem)
{
	static int64_t deadline;

	if (!deadline)
		deadline = green_after(3600 * GREEN_SECOND);
	green_sem_wait(sem, deadline += GREEN_MICROSECOND);
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
