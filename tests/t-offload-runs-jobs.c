/* SPDX-License-Identifier: MIT */
/* Proves: the pool calls a function once, on an OS thread of its own with no
 * signal but those of faults, and hands over what it returned, to green threads
 * and to pthreads; other green threads run meanwhile; many jobs run at the same
 * time; what is nobody's runs, too. */

#define _GNU_SOURCE /* pthread_getname_np */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include "gate.h"

#define TOGETHER 8
#define MANY 1000

static pthread_t main_thread;
static char name[16];
static int blocked[2];

static void *
look(void *arg)
{
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	blocked[0] = sigismember(&set, SIGTERM);
	blocked[1] = sigismember(&set, SIGSEGV);
	pthread_getname_np(pthread_self(), name, sizeof(name));
	errno = EXDEV;
	return pthread_equal(pthread_self(), main_thread) ? NULL : arg;
}

static void
one(void)
{
	struct green_job *job = NULL;
	void *value = NULL;

	errno = ENOTTY;
	is(green_offload(&job, look, &job), 0, "offload");
	is(green_offload_wait(job, &value, GREEN_NEVER), 0, "wait");
	is(errno, ENOTTY, "errno is ours");
	ok(value == &job, "its value, from another OS thread");
	ok(!strcmp(name, "green-offload"), "which has a name: %s", name);
	is(blocked[0], 1, "no signals there");
	is(blocked[1], 0, "but those of faults");
	is(green_offload(&job, look, NULL), 0, "offload");
	is(green_offload_wait(job, NULL, GREEN_NEVER), 0, "no value wanted");
}

/* ---- others run meanwhile ---------------------------------------------- */

static struct gate gate;

static void *
waits(void *arg)
{
	struct green_job *job;
	void *value = NULL;

	if (green_offload(&job, gate_pass, arg) ||
	    green_offload_wait(job, &value, GREEN_NEVER))
		return NULL;
	return value;
}

static void
meanwhile(void)
{
	void *value = NULL;
	green_t id;

	gate_init(&gate);
	green_spawn(&id, NULL, waits, &gate);
	gate_reached(&gate, 1);
	is(green_join(id, NULL, 0), -EAGAIN, "while one waits, another runs");
	gate_open(&gate, 1);
	is(green_join(id, &value, GREEN_NEVER), 0, "then it goes on");
	ok(value == &gate, "with the value");
	gate_fini(&gate);
}

/* ---- at the same time -------------------------------------------------- */

static pthread_barrier_t barrier;

static void *
meet(void *arg)
{
	pthread_barrier_wait(&barrier);
	return arg;
}

static void
together(void)
{
	struct green_job *jobs[TOGETHER];
	void *value;
	int wrong = 0;

	pthread_barrier_init(&barrier, NULL, TOGETHER);
	for (int i = 0; i < TOGETHER; i++)
		wrong += green_offload(&jobs[i], meet, &jobs[i]) != 0;
	for (int i = TOGETHER - 1; i >= 0; i--) {
		struct green_job **place = &jobs[i];

		wrong += green_offload_wait(jobs[i], &value, GREEN_NEVER) ||
			 value != place;
	}
	is(wrong, 0, "%d jobs have met", TOGETHER);
	pthread_barrier_destroy(&barrier);
}

/* ---- nobody's, and many ------------------------------------------------ */

static atomic_int calls;
static struct green_sem done;

static void *
call(void *arg)
{
	calls++;
	green_sem_post(&done);
	return arg;
}

static void
nobodys(void)
{
	int wrong = 0;

	for (int i = 0; i < MANY; i++)
		wrong += green_offload(NULL, call, NULL) != 0;
	for (int i = 0; i < MANY; i++)
		green_sem_wait(&done, GREEN_NEVER);
	is(wrong, 0, "%d jobs of nobody", MANY);
	is(calls, MANY, "each was run once");
}

/* Not a worker: blocked as it would be by a pthread function. */
static void *
plain(void *arg)
{
	struct green_job *job;
	void *value = NULL;

	if (green_offload(&job, call, arg) ||
	    green_offload_wait(job, &value, GREEN_NEVER))
		return NULL;
	return value;
}

static void
from_pthreads(void)
{
	pthread_t threads[4];
	void *value;
	int wrong = 0;

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, plain, &calls);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &value);
		wrong += value != &calls;
	}
	is(wrong, 0, "pthreads have theirs");
}

int
main(void)
{
	struct green_job *job;

	main_thread = pthread_self();
	is(green_offload(&job, NULL, NULL), -EINVAL, "no function");
	is(green_offload_wait(NULL, NULL, 0), -EINVAL, "no job");
	one();
	meanwhile();
	together();
	nobodys();
	from_pthreads();
	return tap_done();
}
