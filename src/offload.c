/* SPDX-License-Identifier: MIT */
/*
 * The pool: OS threads that run jobs (offload.h).
 *
 * Everything is under one lock, which is held for a few instructions, and while
 * an OS thread is made: each job is a system call or longer, so nobody meets
 * there who has not just slept.
 *
 * - A job waits in its queue only while every OS thread has one, or half of
 *   them, if it is slow and they have such: whoever has finished takes the next
 *   in the same locked stretch in which it would otherwise become idle. Of two
 *   that may run the older one does.
 * - The idle ones are a stack, and a job is given to the top. So the warmest
 *   works, and those at the bottom end when they have not for a while.
 * - None begins before the first job: until then a program may have one OS
 *   thread, and needs no locked instruction.
 *
 * Rejected: OS threads from the beginning, for the same reason; a queue that
 * idle ones take turns at (a few jobs a second would keep all of them); one
 * pool per runtime (what blocks is a disk or a name server, and there is one of
 * these, however many runtimes there are); handing the green thread itself to
 * another OS thread, as Go does with system calls (it has addresses of the
 * first one's thread-local storage).
 */

#include "config.h"

#include "offload.h"

#include "base.h"
#include "mem.h"
#include "os.h"
#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Enough for some slow name servers, a disk and whatever else at the same time.
 * An OS thread that waits costs 20 KiB; those that compute want no more than
 * there are CPUs, and say so. */
#define THREADS 64
#define THREADS_MAX 1024
/* For code that was written for ordinary OS threads. It is address space. */
#define STACK_SIZE ((size_t)1 << 20)
#define LINGER (5 * GREEN_SECOND)

/* Jobs that wait for an OS thread: slow ones, and others. */
struct lane {
	struct green_job *first, *last;
};

/* An OS thread, on its own stack. */
struct hand {
	struct hand *next;      /* the one that became idle before it */
	struct green_job *job;  /* what it was given while idle */
	_Atomic uint32_t given; /* that has happened; a futex */
};

static struct {
	pthread_mutex_t lock;
	struct hand *idle; /* last in, first out */
	struct lane lanes[2];
	uint32_t threads, limit, active; /* active: jobs, see offload.h */
	uint32_t slow, slow_limit;       /* slow: that run, or are about to */
	uint64_t number;                 /* jobs that there were */
	uint32_t generation;             /* of the process: counts forks */
	bool watched;                    /* see green__pool_idle() */
	int64_t linger;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .linger = LINGER };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_error;

void
green__pool_lock(void)
{
	pthread_mutex_lock(&pool.lock);
}

void
green__pool_unlock(void)
{
	pthread_mutex_unlock(&pool.lock);
}

/* ---- the queue --------------------------------------------------------- */

static void
queue_push(struct green_job *job)
{
	struct lane *lane = &pool.lanes[job->slow];

	job->next = NULL;
	job->prev = lane->last;
	if (lane->last)
		lane->last->next = job;
	else
		lane->first = job;
	lane->last = job;
}

static void
queue_unlink(struct green_job *job)
{
	struct lane *lane = &pool.lanes[job->slow];

	if (job->prev)
		job->prev->next = job->next;
	else
		lane->first = job->next;
	if (job->next)
		job->next->prev = job->prev;
	else
		lane->last = job->prev;
}

/* The oldest that may run now, or NULL. */
static struct green_job *
queue_first(void)
{
	struct green_job *job = pool.lanes[false].first;
	struct green_job *slow = pool.lanes[true].first;

	if (!slow || pool.slow == pool.slow_limit)
		return job;
	return job && job->number < slow->number ? job : slow;
}

void
green__pool_remove(struct green_job *job)
{
	queue_unlink(job);
	pool.active--;
}

bool
green__job_is_lost(const struct green_job *job)
{
	/* It changes only where there is one OS thread. */
	return job->state != JOB_DONE && job->generation != pool.generation;
}

/* ---- deadlocks --------------------------------------------------------- */

/*
 * The lock makes it certain: no job is active, so none of our OS threads has
 * anything more to do than to become idle, or to end; and if the kernel counts
 * one more than these, that is the calling one. One of ours that is about to
 * end may be counted by the kernel alone; then the answer is no.
 */
bool
green__pool_idle(void)
{
	bool ours, idle;

	green__pool_lock();
	ours = green__os_threads() == pool.threads + 1;
	idle = ours && !pool.active;
	pool.watched = ours && !idle;
	green__pool_unlock();
	return idle;
}

/* The last job is done, and may have been what kept some worker from declaring
 * a deadlock: wake them. A wake-up without need harms nobody. */
static void
tell_workers(void)
{
	struct worker *w;

	green__workers_lock();
	for (w = green__workers_first(); w; w = w->next)
		if (w->main && !w->orphan)
			green__wake(w->main);
	green__workers_unlock();
}

/* ---- an OS thread ------------------------------------------------------ */

/* With the lock held. */
static void
leave_idle(struct hand *me)
{
	struct hand **p = &pool.idle;

	while (*p != me)
		p = &(*p)->next;
	*p = me->next;
	pool.threads--;
}

/* Be idle, until there is a job or it was long enough; the lock is held before
 * and after. */
static struct green_job *
wait_for_job(struct hand *me)
{
	int64_t until = green__monotonic() + pool.linger;
	bool tell = !pool.active && pool.watched;
	int error = 0;

	me->job = NULL;
	atomic_store_explicit(&me->given, 0, memory_order_relaxed);
	me->next = pool.idle;
	pool.idle = me;
	pool.watched &= !tell;
	green__pool_unlock();
	if (tell)
		tell_workers();
	/* Relaxed: what it says is under the lock. */
	while (!atomic_load_explicit(&me->given, memory_order_relaxed) &&
	       error != -ETIMEDOUT)
		error = green__futex_wait(&me->given, 0, until);
	green__pool_lock();
	if (!me->job)
		leave_idle(me);
	return me->job;
}

/* With the lock held: the next one to run, or NULL. */
static struct green_job *
next_job(struct hand *me)
{
	struct green_job *job = queue_first();

	if (!job)
		return wait_for_job(me);
	queue_unlink(job);
	job->state = JOB_RUNNING;
	pool.slow += job->slow;
	return job;
}

/* It was run; the lock is held before and after. */
static void
finish(struct green_job *job)
{
	bool slow = job->slow;

	if (green__job_finish(job)) {
		green__pool_unlock();
		green__job_forget(job);
		green__pool_lock();
	}
	pool.slow -= slow;
	pool.active--;
}

static void *
work(void *arg)
{
	struct green_job *job = arg;
	struct hand me = { .job = NULL };

	pthread_setname_np(pthread_self(), "green-offload");
	while (job) {
		uint32_t generation = job->generation;

		job->value = job->fn(job->arg);
		green__pool_lock();
		/* It has forked, and is all that the child has. */
		if (generation == pool.generation) {
			finish(job);
			job = next_job(&me);
		} else {
			job = NULL;
		}
		green__pool_unlock();
	}
	return NULL;
}

/* ---- fork -------------------------------------------------------------- */

/* No OS thread, no job. Those that are somebody's are lost; see job.c. */
static void
after_fork_child(void)
{
	struct green_job *job, *next;

	/* Slow ones are always somebody's. */
	for (job = pool.lanes[false].first; job; job = next) {
		next = job->next;
		if (job->dropped)
			green__job_free(job);
	}
	pool.idle = NULL;
	memset(pool.lanes, 0, sizeof(pool.lanes));
	pool.threads = pool.active = pool.slow = 0;
	pool.watched = false;
	pool.generation++;
	green__pool_unlock();
}

/* ---- the beginning ----------------------------------------------------- */

static void
init_once(void)
{
	const char *env = getenv("GREEN_OFFLOAD_THREADS");
	unsigned long given;
	char *end;

	pool.limit = THREADS;
	if (env) {
		given = strtoul(env, &end, 10);
		if (!*end && given && given <= THREADS_MAX)
			pool.limit = (uint32_t)given;
	}
	pool.slow_limit = (pool.limit + 1) / 2;
	/* What is registered last locks first, as everybody does who has this
	 * lock and another. */
	once_error = green__fork_init();
	if (!once_error)
		once_error = -pthread_atfork(
			green__pool_lock, green__pool_unlock, after_fork_child);
}

/* With the lock held: one more OS thread, that begins with this job. */
static int
start(struct green_job *job)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t old;
	int error = -pthread_attr_init(&attr);

	if (error)
		return error;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	green__signals_block(&old);
	error = -pthread_create(&thread, &attr, work, job);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (!error)
		pool.threads++;
	return error;
}

static void
give(struct hand *hand, struct green_job *job)
{
	pool.idle = hand->next;
	hand->job = job;
	/* It goes nowhere before it has the lock. */
	atomic_store_explicit(&hand->given, 1, memory_order_relaxed);
	green__futex_wake(&hand->given);
}

/* With the lock held: to one that is idle, or a new one; -EBUSY: there is none,
 * and may be none. */
static int
give_away(struct green_job *job)
{
	if (job->slow && pool.slow == pool.slow_limit)
		return -EBUSY;
	if (pool.idle) {
		give(pool.idle, job);
		return 0;
	}
	return pool.threads < pool.limit ? start(job) : -EBUSY;
}

/* With the lock held. */
static int
assign(struct green_job *job)
{
	int error;

	job->generation = pool.generation;
	job->number = pool.number++;
	job->state = JOB_RUNNING;
	error = give_away(job);
	if (!error) {
		pool.slow += job->slow;
		return 0;
	}
	/* It can wait for one that is at work, if there is any. */
	job->state = JOB_QUEUED;
	if (!pool.threads)
		return error;
	queue_push(job);
	return 0;
}

int
green__pool_submit(struct green_job *job)
{
	int saved = errno, error;

	pthread_once(&once, init_once);
	error = once_error;
	if (!error) {
		green__pool_lock();
		error = assign(job);
		pool.active += !error;
		green__pool_unlock();
	}
	errno = saved;
	return error;
}

/* ---- for tests --------------------------------------------------------- */

void
green__pool_linger(int64_t ns)
{
	green__pool_lock();
	pool.linger = ns;
	green__pool_unlock();
}

uint32_t
green__pool_threads(void)
{
	uint32_t n;

	green__pool_lock();
	n = pool.threads;
	green__pool_unlock();
	return n;
}
