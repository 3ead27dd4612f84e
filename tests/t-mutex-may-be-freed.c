/* SPDX-License-Identifier: MIT */
/* Proves: an unlock does not touch the mutex after it is free, or another's:
 * that one may give its memory back. Between any two instructions of an unlock,
 * the page of a mutex that is free is taken away; if it is touched afterwards,
 * the test dies. With nobody waiting, and with one that has given up. */

#include "tap.h"

#include <pthread.h>
#include <sys/mman.h>

#include "steps.h"

#include <green.h>

#include "mutex.h"

static struct mutex *m;
static int taken_away;

/* What a locker that has just come, and gone, may do. */
static void
take_away(void)
{
	if (taken_away || m->state != MUTEX_FREE)
		return;
	taken_away = 1;
	mprotect(m, 4096, PROT_NONE);
}

static void *
gives_up(void *arg)
{
	(void)arg;
	is(green_mutex_lock((struct green_mutex *)m, GREEN_NEVER), -EINTR,
	   "somebody waited, and gave up");
	return NULL;
}

static pthread_barrier_t barrier;

/* It need only be there: locks are taken then. */
static void *
other(void *arg)
{
	pthread_barrier_wait(&barrier);
	return arg;
}

static void
unlock(const char *what)
{
	int error = -1;

	taken_away = 0;
	if (steps_begin(take_away)) {
		error = green_mutex_unlock((struct green_mutex *)m);
		steps_end();
	}
	if (!steps_seen()) {
		skip(what, "no single steps here");
		green_mutex_unlock((struct green_mutex *)m);
		return;
	}
	is(error, 0, "%s: unlocked", what);
	is(taken_away, 1, "%s: the memory went in the middle of it", what);
	mprotect(m, 4096, PROT_READ | PROT_WRITE);
}

int
main(void)
{
	pthread_t thread;
	green_t id;

	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, other, NULL);

	green_mutex_lock((struct green_mutex *)m, GREEN_NEVER);
	unlock("nobody waits");
	is(m->state, MUTEX_FREE, "it is free");

	green_mutex_lock((struct green_mutex *)m, GREEN_NEVER);
	green_spawn(&id, NULL, gives_up, NULL);
	green_yield();
	green_interrupt(id);
	green_join(id, NULL, GREEN_NEVER);
	is(m->state, MUTEX_AWAITED, "the unlock will look for it");
	unlock("somebody waited");
	is(m->state, MUTEX_FREE, "it is free");

	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	return tap_done();
}
