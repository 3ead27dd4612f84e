/* SPDX-License-Identifier: MIT */
/*
 * Runtimes: made, and ended.
 *
 * Each worker makes itself in its own OS thread, because much of it belongs to
 * that. All wait then until all are there, since they look into each other's
 * lobbies; if one is missing, all end again. A worker's main flow does nothing
 * but wait for the end.
 *
 * Control blocks go from worker to worker with the threads, and back to where
 * they came from. So the memory of no worker is given back before all OS
 * threads have ended, and before the blocks of all threads are home.
 */

#include "config.h"

#include "runtime.h"

#include "base.h"
#include "mem.h"
#include "os.h"
#include "sched.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <green/runtime.h>
#include <green/time.h>

#define ATTR_MIN sizeof(struct green_runtime_attr) /* of the first release */

/* ---- an OS thread ------------------------------------------------------- */

static void
name(uint16_t index)
{
	char text[16] = "green-", digits[6];
	unsigned n = 6, i = 0;

	do
		digits[i++] = (char)('0' + index % 10);
	while (index /= 10);
	while (i)
		text[n++] = digits[--i];
	pthread_setname_np(pthread_self(), text);
}

static enum runtime_go
go(struct green_runtime *rt)
{
	/* Acquire pairs with the release in tell(). */
	return atomic_load_explicit(&rt->go, memory_order_acquire);
}

static void *
work(void *arg)
{
	struct seat *seat = arg;
	struct green_runtime *rt = seat->runtime;
	struct worker *w;

	name(seat->index);
	w = rt->workers[seat->index] = green__worker_enter(rt, seat->index);
	/* Release pairs with the acquire in start(). */
	atomic_fetch_add_explicit(&rt->made, 1, memory_order_release);
	green__futex_wake(&rt->made);
	while (go(rt) == RUNTIME_WAIT)
		green__futex_wait(&rt->go, RUNTIME_WAIT, GREEN_NEVER);
	if (!w)
		return NULL;
	while (go(rt) != RUNTIME_QUIT)
		green__park(w, GREEN_NEVER, NULL);
	green__worker_leave(w);
	return NULL;
}

/* ---- the beginning ------------------------------------------------------ */

/* To all OS threads, of which there are n. */
static void
tell(struct green_runtime *rt, enum runtime_go what, uint32_t n)
{
	/* Release pairs with the acquire in go(). */
	atomic_store_explicit(&rt->go, what, memory_order_release);
	while (n--)
		green__futex_wake(&rt->go);
}

/* Returns how many OS threads there are, with all of their workers, or as many
 * as could be had. */
static uint32_t
start(struct green_runtime *rt, int *ret_error)
{
	uint32_t i, made;
	sigset_t old;

	*ret_error = 0;
	green__signals_block(&old);
	for (i = 0; i < rt->count; i++) {
		rt->seats[i].runtime = rt;
		rt->seats[i].index = (uint16_t)i;
		*ret_error = -pthread_create(&rt->seats[i].os_thread, NULL,
					     work, &rt->seats[i]);
		if (*ret_error)
			break;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	/* Acquire pairs with the release in work(). */
	while ((made = atomic_load_explicit(&rt->made, memory_order_acquire)) <
	       i)
		green__futex_wait(&rt->made, made, GREEN_NEVER);
	for (uint32_t k = 0; k < i && !*ret_error; k++)
		if (!rt->workers[k])
			*ret_error = -ENOMEM;
	return i;
}

/* ---- the end ------------------------------------------------------------ */

static void
release(struct green_runtime *rt)
{
	if (rt->dead) {
		green__free(rt);
		return;
	}
	for (uint32_t i = 0; i < rt->count; i++)
		if (rt->workers[i])
			green__worker_empty(rt->workers[i]);
	green__worker_empty(rt->door);
	for (uint32_t i = 0; i < rt->count; i++)
		if (rt->workers[i])
			green__worker_destroy(rt->workers[i]);
	green__worker_destroy(rt->door);
	pthread_mutex_destroy(&rt->lock);
	green__free(rt);
}

/* With n OS threads, none of which has anything to run. */
static void
stop(struct green_runtime *rt, uint32_t n)
{
	uint32_t i;
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	tell(rt, RUNTIME_QUIT, n);
	for (i = 0; i < n; i++)
		if (rt->workers[i])
			green__wake(rt->workers[i]->main);
	for (i = 0; i < n; i++)
		pthread_join(rt->seats[i].os_thread, NULL);
	release(rt);
	pthread_setcancelstate(state, NULL);
}

/*
 * Is a thread of the runtime alive? Both numbers only grow, and no thread ends
 * before it was spawned: if as many were spawned, by the time of the second
 * look, as had ended at the first, then none was alive in between, and nobody
 * is left who could spawn one but callers from outside, who must not.
 */
static bool
alive(struct green_runtime *rt)
{
	uint64_t ended = 0, spawned = 0;

	/* Acquire pairs with the release in green__finish(): whatever a thread
	 * that has ended had spawned is seen below. */
	for (uint32_t i = 0; i < rt->count; i++)
		ended += atomic_load_explicit(&rt->workers[i]->ended,
					      memory_order_acquire);
	for (uint32_t i = 0; i < rt->count; i++)
		spawned += atomic_load_explicit(&rt->workers[i]->spawned,
						memory_order_acquire);
	spawned += atomic_load_explicit(&rt->door->spawned,
					memory_order_acquire);
	return spawned != ended;
}

/* ---- the calls ----------------------------------------------------------- */

static int
count_workers(const struct green_runtime_attr *attr, uint32_t *ret_count)
{
	uint64_t n = attr ? attr->workers : 0;
	const char *env = n ? NULL : getenv("GREEN_WORKERS");
	char *end;

	if (n > GREEN_WORKERS_MAX)
		return -EINVAL;
	if (env) {
		int saved = errno;
		unsigned long given = strtoul(env, &end, 10);

		errno = saved;
		if (!*end && given <= GREEN_WORKERS_MAX)
			n = given;
	}
	if (!n)
		n = green__cpus();
	*ret_count = n < GREEN_WORKERS_MAX ? (uint32_t)n : GREEN_WORKERS_MAX;
	return 0;
}

int
green_runtime_create(struct green_runtime **ret_runtime,
		     const struct green_runtime_attr *attr)
{
	struct green_runtime *rt;
	uint32_t count, n;
	int error = 0;

	if (!ret_runtime)
		return -EINVAL;
	if (attr)
		error = green__struct_check(attr, attr->size, ATTR_MIN,
					    sizeof(*attr));
	if (error || (error = count_workers(attr, &count)))
		return error;
	rt = green__alloc(sizeof(*rt) + count * sizeof(rt->workers[0]) +
			  count * sizeof(rt->seats[0]));
	if (!rt)
		return -ENOMEM;
	rt->count = count;
	rt->seats = (struct seat *)&rt->workers[count];
	pthread_mutex_init(&rt->lock, NULL);
	rt->door = green__worker_door(rt);
	if (!rt->door) {
		green__free(rt);
		return -ENOMEM;
	}
	n = start(rt, &error);
	if (error) {
		stop(rt, n);
		return error;
	}
	tell(rt, RUNTIME_GO, n);
	*ret_runtime = rt;
	return 0;
}

int
green_runtime_destroy(struct green_runtime *rt)
{
	const struct worker *w = green__worker;

	if (!rt)
		return 0;
	if (rt->dead) {
		release(rt);
		return 0;
	}
	if (w && w->runtime == rt)
		return -EDEADLK;
	if (alive(rt))
		return -EBUSY;
	stop(rt, rt->count);
	return 0;
}
