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

#define PEER_HAS_CHANNELS

/* Two kinds of channel, behind one type. buffered_channel has room for one
 * less than its size, which is a power of two. */
struct peer_chan {
	boost::fibers::unbuffered_channel<long> *handing;
	boost::fibers::buffered_channel<long> *holding;
};

static peer_chan *
peer_chan_make(long capacity)
{
	peer_chan *ch = new peer_chan();

	if (capacity)
		ch->holding = new boost::fibers::buffered_channel<long>(
			(std::size_t)capacity);
	else
		ch->handing = new boost::fibers::unbuffered_channel<long>();
	return ch;
}

static inline void
peer_send(peer_chan *ch, long item)
{
	if (ch->handing)
		ch->handing->push(item);
	else
		ch->holding->push(item);
}

static inline long
peer_recv(peer_chan *ch)
{
	long item = -1;

	if (ch->handing)
		ch->handing->pop(item);
	else
		ch->holding->pop(item);
	return item;
}

#define PEER_HAS_MUTEXES
typedef boost::fibers::mutex peer_mutex;

static peer_mutex *
peer_mutex_make(void)
{
	return new peer_mutex();
}

static inline void
peer_lock(peer_mutex *mutex)
{
	mutex->lock();
}

static inline void
peer_unlock(peer_mutex *mutex)
{
	mutex->unlock();
}

#define PEER_HAS_SEMAPHORES

/* It has none: a number, a mutex and a condition variable. */
struct peer_sem {
	boost::fibers::mutex mutex;
	boost::fibers::condition_variable cond;
	long value;
};

static peer_sem *
peer_sem_make(void)
{
	return new peer_sem();
}

static inline void
peer_post(peer_sem *sem)
{
	std::unique_lock<boost::fibers::mutex> lock(sem->mutex);

	sem->value++;
	sem->cond.notify_one();
}

static inline void
peer_wait(peer_sem *sem)
{
	std::unique_lock<boost::fibers::mutex> lock(sem->mutex);

	while (!sem->value)
		sem->cond.wait(lock);
	sem->value--;
}

#define PEER_HAS_SLEEP

static inline void
peer_sleep(long ms)
{
	boost::this_fiber::sleep_for(std::chrono::milliseconds(ms));
}

#define PEER_HAS_DEADLINES

static inline void
peer_wait_hour(peer_sem *sem)
{
	static auto deadline = std::chrono::steady_clock::now() +
			       std::chrono::hours(1);
	std::unique_lock<boost::fibers::mutex> lock(sem->mutex);

	deadline += std::chrono::microseconds(1);
	while (!sem->value)
		sem->cond.wait_until(lock, deadline);
	sem->value--;
}

static void
peer_say(void)
{
}

#include "../threads.h"
