/* SPDX-License-Identifier: MIT */
/* Proves: in the child of fork() nobody waits any more for what pthreads
 * without a worker waited for in the parent, whatever it was; whether a pthread
 * forks, in a process that never had a worker, or a green thread. The parent
 * does not notice. */

#include "tap.h"

#include "chan.h"
#include "wait.h"

#include <green.h>
#include <pthread.h>
#include <sched.h>

static struct green_sem sem;
static struct green_event event;
static struct green_mutex mutex, of_cond, of_signalled;
static struct green_cond cond, signalled;
static struct green_rwlock lock;
static struct green_barrier barrier;
static struct green_waitgroup group;
static struct green_chan *full, *empty, *among;

static void *
for_sem(void *arg)
{
	return green_sem_wait(&sem, GREEN_NEVER) ? NULL : arg;
}

static void *
for_event(void *arg)
{
	return green_event_wait(&event, GREEN_NEVER) ? NULL : arg;
}

static void *
for_mutex(void *arg)
{
	if (green_mutex_lock(&mutex, GREEN_NEVER))
		return NULL;
	return green_mutex_unlock(&mutex) ? NULL : arg;
}

static void *
wait_for(struct green_cond *c, struct green_mutex *m, void *arg)
{
	int error = green_mutex_lock(m, GREEN_NEVER);

	if (!error)
		error = green_cond_wait(c, m, GREEN_NEVER);
	if (!error)
		error = green_mutex_unlock(m);
	return error ? NULL : arg;
}

static void *
for_cond(void *arg)
{
	return wait_for(&cond, &of_cond, arg);
}

/* It has got its signal, and waits for the mutex. */
static void *
for_signalled(void *arg)
{
	return wait_for(&signalled, &of_signalled, arg);
}

static void *
for_lock(void *arg)
{
	if (green_rwlock_write(&lock, GREEN_NEVER))
		return NULL;
	return green_rwlock_unlock(&lock) ? NULL : arg;
}

static void *
for_barrier(void *arg)
{
	return green_barrier_wait(&barrier, GREEN_NEVER) < 0 ? NULL : arg;
}

static void *
for_group(void *arg)
{
	return green_waitgroup_wait(&group, GREEN_NEVER) ? NULL : arg;
}

static void *
sends(void *arg)
{
	uint64_t n = 2;

	return green_chan_send(full, &n, 8, GREEN_NEVER) ? NULL : arg;
}

static void *
receives(void *arg)
{
	uint64_t n;

	return green_chan_recv(empty, &n, 8, GREEN_NEVER) ? NULL : arg;
}

#define CLAUSES 10 /* more than there is room for on the stack */

static void *
selects(void *arg)
{
	struct green_clause c[CLAUSES] = { { 0 } };
	uint64_t n;

	for (int i = 0; i < CLAUSES; i++) {
		c[i].kind = GREEN_CLAUSE_RECV;
		c[i].object = among;
		c[i].item = &n;
		c[i].size = 8;
	}
	return green_select(c, CLAUSES, GREEN_NEVER) < 0 ? NULL : arg;
}

/* ---- all of them ----------------------------------------------------------
 */

static const struct kind {
	void *(*fn)(void *);
	void *object;
	uint32_t nodes;
} kinds[] = {
	{ for_sem, &sem, 1 },
	{ for_event, &event, 1 },
	{ for_mutex, &mutex, 1 },
	{ for_cond, &cond, 1 },
	{ for_signalled, &signalled, 1 },
	{ for_lock, &lock, 1 },
	{ for_barrier, &barrier, 1 },
	{ for_group, &group, 1 },
	{ sends, &full, 1 },
	{ receives, &empty, 1 },
	{ selects, &among, CLAUSES },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

static struct wait_queue *
queue_of(const struct kind *k)
{
	if (k->fn == sends)
		return &full->senders;
	if (k->fn == receives)
		return &empty->receivers;
	return k->fn == selects ? &among->receivers : k->object;
}

/* Until so many nodes are in a queue. */
static void
until_linked(struct wait_queue *q, uint32_t nodes)
{
	struct wait_queue *first = green__queue_first(q);
	uint32_t n;

	for (;;) {
		green__queue_lock(first);
		n = q->length;
		green__queue_unlock(first);
		if (n == nodes)
			return;
		sched_yield();
	}
}

static void
prepare(pthread_t *threads)
{
	uint64_t one = 1;

	green_event_init(&event, NULL);
	green_barrier_init(&barrier, 2, NULL);
	green_waitgroup_add(&group, 1);
	green_mutex_lock(&mutex, GREEN_NEVER);
	green_rwlock_read(&lock, GREEN_NEVER);
	if (green_chan_create(&full, 8, 1, NULL) ||
	    green_chan_create(&empty, 8, 0, NULL) ||
	    green_chan_create(&among, 8, 0, NULL))
		exit(99);
	green_chan_send(full, &one, 8, 0);
	for (size_t i = 0; i < KINDS; i++) {
		if (pthread_create(&threads[i], NULL, kinds[i].fn, &event))
			exit(99);
		until_linked(queue_of(&kinds[i]), kinds[i].nodes);
	}
	/* They let go of it after they have begun to wait. */
	green_mutex_lock(&of_cond, GREEN_NEVER);
	green_mutex_unlock(&of_cond);
	green_mutex_lock(&of_signalled, GREEN_NEVER);
	green_cond_signal(&signalled);
}

/* Each of these would serve somebody who waits. Returns how many went wrong,
 * if nobody does. */
static int
use_all(void)
{
	uint64_t n = 0;
	int wrong = 0;

	wrong += green_sem_post(&sem) || green_sem_wait(&sem, 0);
	wrong += green_event_set(&event) || green_event_wait(&event, 0);
	wrong += green_mutex_unlock(&mutex) || green_mutex_lock(&mutex, 0);
	wrong += green_cond_signal(&cond) || green_mutex_lock(&of_cond, 0);
	wrong += green_mutex_unlock(&of_signalled) ||
		 green_mutex_lock(&of_signalled, 0);
	wrong += green_rwlock_unlock(&lock) || green_rwlock_write(&lock, 0);
	wrong += green_barrier_wait(&barrier, 0) != -EAGAIN;
	wrong += green_chan_recv(full, &n, 8, 0) || n != 1 ||
		 green_chan_recv(full, &n, 8, 0) != -EAGAIN;
	wrong += green_chan_send(empty, &n, 8, 0) != -EAGAIN;
	wrong += green_chan_send(among, &n, 8, 0) != -EAGAIN;
	wrong += green_waitgroup_done(&group) ||
		 green_waitgroup_wait(&group, 0);
	return wrong;
}

static int
end_all(void)
{
	int wrong = 0;

	wrong += green_sem_fini(&sem) != 0;
	wrong += green_event_fini(&event) != 0;
	wrong += green_mutex_fini(&mutex) != 0;
	wrong += green_cond_fini(&cond) != 0;
	wrong += green_mutex_fini(&of_cond) != 0;
	wrong += green_cond_fini(&signalled) != 0;
	wrong += green_mutex_fini(&of_signalled) != 0;
	wrong += green_rwlock_fini(&lock) != 0;
	wrong += green_barrier_fini(&barrier) != 0;
	wrong += green_waitgroup_fini(&group) != 0;
	wrong += green_chan_destroy(full) != 0;
	wrong += green_chan_destroy(empty) != 0;
	wrong += green_chan_destroy(among) != 0;
	return wrong;
}

static int
in_child(void)
{
	int wrong;

	alarm(100);
	wrong = use_all();
	green_mutex_unlock(&mutex);
	green_mutex_unlock(&of_cond);
	green_mutex_unlock(&of_signalled);
	green_rwlock_unlock(&lock);
	return wrong + 20 * end_all();
}

static void
let_all_go(void)
{
	uint64_t n = 1;

	green_sem_post(&sem);
	green_event_set(&event);
	green_mutex_unlock(&mutex);
	green_cond_signal(&cond);
	green_mutex_unlock(&of_signalled);
	green_rwlock_unlock(&lock);
	green_barrier_wait(&barrier, GREEN_NEVER);
	green_waitgroup_done(&group);
	green_chan_recv(full, &n, 8, 0);
	green_chan_send(empty, &n, 8, 0);
	green_chan_send(among, &n, 8, 0);
}

static void *
forks(void *arg)
{
	pthread_t threads[KINDS];
	int status, back = 0;
	void *value;
	pid_t pid;

	prepare(threads);
	pid = fork();
	if (!pid)
		_exit(in_child());
	waitpid(pid, &status, 0);
	is(status, 0, "%s: nobody waits in the child", (const char *)arg);
	let_all_go();
	for (size_t i = 0; i < KINDS; i++) {
		pthread_join(threads[i], &value);
		back += value != NULL;
	}
	is(back, KINDS, "in the parent all got what they waited for");
	green_chan_recv(full, &(uint64_t){ 0 }, 8, 0);
	is(end_all(), 0, "and nobody is left");
	return NULL;
}

int
main(void)
{
	static char pthread[] = "a pthread forks";
	static char green[] = "a green thread forks";
	green_t id;

	alarm(100);
	forks(pthread);
	green_spawn(&id, NULL, forks, green);
	green_join(id, NULL, GREEN_NEVER);
	return tap_done();
}
