/* SPDX-License-Identifier: MIT */
/* Scheduler rows: Boost.Fiber with pooled stacks, its fastest allocator; they
 * have no guard. */

#include <boost/fiber/all.hpp>

typedef boost::fibers::fiber peer_thread;
#define PEER_NAME "boost.fiber"
#define PEER_PREEMPTIVE 0

static boost::fibers::pooled_fixedsize_stack *stacks;

static int
peer_init(size_t stack)
{
	stacks = new boost::fibers::pooled_fixedsize_stack(stack ? stack
								 : 128 * 1024);
	return 0;
}

static inline int
peer_spawn(peer_thread *t, void *(*fn)(void *), void *arg)
{
	*t = boost::fibers::fiber(boost::fibers::launch::post,
				  std::allocator_arg, *stacks, fn, arg);
	return 0;
}

static inline void
peer_join(peer_thread *t)
{
	t->join();
}

static inline void
peer_yield(void)
{
	boost::this_fiber::yield();
}

static void
peer_say(void)
{
}

#include "../threads.h"
