/* SPDX-License-Identifier: MIT */
/*
 * fork(): around it, and what is left of the workers in the child.
 *
 * Before it the locks are taken of what is to be in one piece in the child: the
 * list of workers, the keys, the table of ids, the list of pthreads that wait;
 * in that order. Other OS threads may hold any other lock, which nobody will
 * release in the child; those that are needed there are made anew.
 */

#include "config.h"

#include "runtime.h"
#include "sched.h"
#include "worker.h"

#include <pthread.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_error;

static void
before_fork(void)
{
	green__workers_lock();
	green__keys_lock();
	green__id_fork_prepare();
	green__waiters_lock();
}

static void
after_fork_parent(void)
{
	green__waiters_unlock();
	green__id_fork_parent();
	green__keys_unlock();
	green__workers_unlock();
}

/* Only the calling green thread lives on. */
static void
reset_worker(struct worker *w)
{
	struct thread *self = w->current;

	green__wheel_init(&w->wheel, green__now(w));
	w->head = w->tail = 0;
	w->holes = 0;
	w->forever = 0;
	w->tick = 1;
	green__lobby_init(&w->lobby);
	atomic_store(&w->inbox, NULL);
	green__fds_leave(w);
	if (w->event_fd >= 0)
		close(w->event_fd);
	w->event_fd = -1;
	self->joiner = NULL;
	w->orphan = w->main_exits = !(self->flags & T_MAIN);
	if (w->orphan)
		self->flags |= T_UNUSUAL;
	w->main = self; /* its hooks are those of the worker's sleep now */
	green__abandon_all(w, self, false);
	green__scopes_fork(self);
	w->alive = 1;
	atomic_store(&w->abandoned, 0);
	if (w->explorer) {
		w->explorer = NULL;
		w->preempts = false;
		green__seed_set(w, w->seed);
	}
}

/* No runtime outlives its workers; the one that forked is on its own. All of
 * their threads are gone by now, and their blocks, of which one of the
 * survivor's may be the survivor's own, become its worker's. */
static void
leave_runtimes(struct worker *own)
{
	struct green_runtime *rt = own ? own->runtime : NULL;
	struct worker *w;

	for (w = green__workers_first(); w; w = w->next) {
		if (w->runtime)
			w->runtime->dead = true;
		if (rt && w != own && w->runtime == rt)
			green__thread_slab_move(&own->slab, &w->slab);
	}
	if (!rt)
		return;
	own->runtime = NULL;
	/* These may still say that they are another worker's. */
	own->slab.free = NULL;
	atomic_store(&own->slab.remote, NULL);
	own->shares = own->lobbied = own->starved = false;
	atomic_store(&own->away, 0);
}

static void
after_fork_child(void)
{
	struct worker *w, *next, *own = green__worker;

	green__forks++;
	green__id_fork_child(own ? own->current->entry : NULL);
	green__keys_unlock();
	green__workers_unlock();
	green__waiters_fork();
	for (w = green__workers_first(); w; w = w->next)
		if (w == own)
			reset_worker(w);
		else
			green__abandon_all(w, NULL, false);
	leave_runtimes(own);
	green__fds_fork();
	for (w = green__workers_first(); w; w = next) {
		next = w->next;
		if (w != own)
			green__worker_free(w, false);
	}
	green__workers_keep(own);
}

static void
init_once(void)
{
	once_error = -pthread_atfork(before_fork, after_fork_parent,
				     after_fork_child);
}

int
green__fork_init(void)
{
	pthread_once(&once, init_once);
	return once_error;
}
