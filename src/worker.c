/* SPDX-License-Identifier: MIT */
/*
 * Workers: an OS thread becomes one, and ends.
 *
 * The end. A destructor of pthread's thread-specific data ends the worker; it
 * asks for a second round first, so that other destructors can still use
 * green threads.
 */

#include "config.h"

#include "base.h"
#include "mem.h"
#include "os.h"
#include "overflow.h"
#include "runtime.h"
#include "sched.h"
#include "worker.h"

#include "valgrind.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <green/runtime.h>

_Thread_local struct worker *green__worker
	__attribute__((tls_model("initial-exec")));

static pthread_mutex_t workers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct worker *workers;    /* under workers_lock */
static uint64_t abandoned_before; /* by workers that are gone */
static uint64_t spawned_before;
static pthread_key_t end_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_error;

__attribute__((weak)) struct cxx_globals *__cxa_get_globals(void);

/* ---- the list of workers ----------------------------------------------- */

void
green__workers_lock(void)
{
	pthread_mutex_lock(&workers_lock);
}

void
green__workers_unlock(void)
{
	pthread_mutex_unlock(&workers_lock);
}

struct worker *
green__workers_first(void)
{
	return workers;
}

void
green__workers_gone(uint64_t *ret_spawned, uint64_t *ret_abandoned)
{
	*ret_spawned = spawned_before;
	*ret_abandoned = abandoned_before;
}

static uint64_t
relaxed(_Atomic uint64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

void
green__workers_keep(struct worker *own)
{
	workers = own;
	if (own)
		own->next = NULL;
}

static void
unlist(struct worker *w)
{
	struct worker **p = &workers;

	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	spawned_before += relaxed(&w->spawned);
	abandoned_before += relaxed(&w->abandoned);
}

/* ---- the end ----------------------------------------------------------- */

uint32_t
green__worker_blocks(struct worker *w)
{
	return w->blocks -
	       atomic_load_explicit(&w->released, memory_order_relaxed);
}

void
green__worker_free(struct worker *w, bool hooks)
{
	green__abandon_all(w, NULL, hooks);
	green__stack_pool_destroy(w->stacks);
	green__thread_slab_destroy(&w->slab);
	if (w->ring)
		green__unmap(w->ring, (w->mask + 1) * sizeof(*w->ring));
	green__fds_leave(w);
	if (w->event_fd >= 0)
		close(w->event_fd);
	green__overflow_thread_fini(w->alt_stack);
	green__free(w);
}

/* pthread_exit() on a green stack: some systems end the OS thread right there,
 * glibc goes back to the OS thread's own stack first. */
static bool
standing_on(const struct stack *stack)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return here - (uintptr_t)stack->lo < stack->size;
}

/* The OS thread ends. */
static void
at_thread_end(void *arg)
{
	struct worker *w = green__worker;
	static char second_round;
	int state;

	if (!w)
		return;
	if (arg != &second_round) {
		pthread_setspecific(end_key, &second_round);
		return;
	}
	if (w->runtime)
		green__die("pthread_exit() in a green thread of a runtime");
	if (!(w->current->flags & T_MAIN) && standing_on(&w->current->stack))
		return; /* nothing can be freed */
	if (w->current == w->main && w->main->flags & T_UNUSUAL)
		green__thread_wind_up(w->main);
	if (w->current != w->main && w->main && w->main->waits &&
	    w->main->waits != &w->main_joins.waiter)
		green__die("pthread_exit() on a green stack while the main "
			   "flow waits for an object");
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	green__worker = NULL;
	/* Counted before the numbers are taken. */
	green__abandon_all(w, NULL, true);
	green__workers_lock();
	unlist(w);
	green__workers_unlock();
	green__worker_free(w, true);
	pthread_setcancelstate(state, NULL);
}

void
green__worker_leave(struct worker *w)
{
	pthread_setspecific(end_key, NULL);
	green__overflow_thread_fini(w->alt_stack);
	w->alt_stack = NULL;
	green__worker = NULL;
}

void
green__worker_empty(struct worker *w)
{
	green__abandon_all(w, NULL, true);
}

void
green__worker_destroy(struct worker *w)
{
	green__workers_lock();
	unlist(w);
	green__workers_unlock();
	green__worker_free(w, true);
}

/* ---- the beginning ----------------------------------------------------- */

static void
init_once(void)
{
	const char *times = getenv("GREEN_DUMP_TIMES");

	if (times && !strcmp(times, "1"))
		green_dump_times(1);
	once_error = -pthread_key_create(&end_key, at_thread_end);
	if (!once_error)
		once_error = green__fork_init();
}

/* The main flow: a thread that has always run, on the OS thread's stack. */
static int
make_main(struct worker *w)
{
	int error;
	struct thread *t = green__thread_alloc(w, &w->slab, NULL, &error);

	if (!t)
		return error;
	t->flags = T_MAIN | (w->watched ? T_TOOLS : 0) |
		   (uint32_t)w->index << T_HOME;
	t->stack.class = STACK_CLASS_OWN;
	t->end = END_DETACHED;
	t->state = THREAD_READY;
	w->main = w->current = t;
	w->alive = w->blocks = 1;
	if (w->watched && !green__thread_extra(t))
		return -ENOMEM;
	green__id_publish(t->entry, t);
	return 0;
}

/* Is a tool present that wants to know about stacks? GREEN_VALGRIND=0 is for
 * callgrind, which then counts what runs without it. */
static bool
watched(void)
{
	const char *env = getenv("GREEN_VALGRIND");

	return green__watched() && !(env && !strcmp(env, "0"));
}

static void
list(struct worker *w)
{
	green__workers_lock();
	w->next = workers;
	workers = w;
	green__workers_unlock();
}

/* What a worker is without an OS thread. */
static struct worker *
worker_alloc(uint16_t index)
{
	struct worker *w;

	pthread_once(&once, init_once);
	if (once_error || !(w = green__alloc(sizeof(*w))))
		return NULL;
	w->index = index;
	w->event_fd = -1;
	w->watched = watched();
	green__wheel_init(&w->wheel, green__now(w));
	w->default_class = (uint8_t)green__stack_class(0);
	w->stacks = green__stack_pool_create();
	if (!w->stacks) {
		green__free(w);
		return NULL;
	}
	return w;
}

static noinline struct worker *
worker_make(struct green_runtime *rt, uint16_t index)
{
	struct worker *w = worker_alloc(index);

	if (!w)
		return NULL;
	w->tick = 1;
	w->err = &errno;
	w->cxx = __cxa_get_globals ? __cxa_get_globals() : &w->no_cxx;
	w->nobody.state = THREAD_ENDED;
	w->nobody.worker = w;
	if (make_main(w) || green__queue_reserve(w) ||
	    green__overflow_thread_init(green__overflow_find, &w->alt_stack) ||
	    pthread_setspecific(end_key, w)) {
		green__worker_free(w, false);
		return NULL;
	}
	w->runtime = rt;
	w->shares = rt && rt->count > 1;
	w->lobbied = rt != NULL;
	list(w);
	if (!rt)
		green__seed_environment(w);
	green__worker = w;
	return w;
}

struct worker *
green__worker_enter(struct green_runtime *rt, uint16_t index)
{
	struct worker *w = worker_make(rt, index);

	/* Even without memory it is to start threads from outside, if only a
	 * few at a time: what is reserved once is never given back. */
	if (!w)
		return NULL;
	if (green__stack_reserve(w->stacks, w->default_class)) {
		w->runtime = NULL; /* which does not know it */
		green__worker_leave(w);
		green__worker_destroy(w);
		return NULL;
	}
	green__stack_unreserve(w->stacks, w->default_class);
	return w;
}

struct worker *
green__worker_door(struct green_runtime *rt)
{
	struct worker *w = worker_alloc((uint16_t)rt->count);

	if (!w)
		return NULL;
	w->runtime = rt;
	w->door = true;
	list(w);
	return w;
}

struct worker *
green__worker_get(void)
{
	struct worker *w = green__worker;
	int saved = errno;

	if (unlikely(!w)) {
		w = worker_make(NULL, 0);
		errno = saved;
	}
	return w;
}

struct thread *
green__current(void)
{
	struct worker *w = green__worker_get();

	return w ? w->current : NULL;
}
