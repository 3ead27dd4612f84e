/* SPDX-License-Identifier: MIT */
/* Proves: whichever allocation fails, or whichever OS thread cannot be had, a
 * job is given to the pool or it is not, and the caller is told; what was given
 * is run, by as many OS threads as there are; and nothing is left behind. */

#define _GNU_SOURCE /* RTLD_NEXT */

#include "tap.h"

#include <dlfcn.h>
#include <pthread.h>

#include "gate.h"
#include "mem.h"
#include "offload.h"

#define JOBS 10

static int os_threads_left = -1;
static int bad;

/* In place of libc's: no more OS threads than there are left. */
int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
	       void *(*fn)(void *), void *arg)
{
	static int (*real)(pthread_t *, const pthread_attr_t *,
			   void *(*)(void *), void *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	if (os_threads_left == 0)
		return EAGAIN;
	if (os_threads_left > 0)
		os_threads_left--;
	return real(thread, attr, fn, arg);
}

static void *
work(void *arg)
{
	++*(int *)arg;
	return arg;
}

static void
os_threads(void)
{
	struct green_job *jobs[JOBS], *none = NULL;
	int ran[JOBS] = { 0 };
	struct gate gate;

	os_threads_left = 0;
	is(green_offload(&none, work, &ran[0]), -EAGAIN, "no OS thread");
	is(green_offload(NULL, work, &ran[0]), -EAGAIN, "for nobody");
	ok(!none, "no job");
	is(green__job_call(green__job_create(work, sizeof(int)),
			   GREEN_NEVER - 1, NULL),
	   -EAGAIN, "nor a call");
	os_threads_left = 1;
	gate_init(&gate);
	is(green_offload(&none, gate_pass, &gate), 0, "there is one");
	gate_reached(&gate, 1);
	for (int i = 0; i < JOBS; i++)
		bad += green_offload(&jobs[i], work, &ran[i]) != 0;
	is(bad, 0, "the others wait for it");
	gate_open(&gate, 1);
	for (int i = 0; i < JOBS; i++)
		bad += green_offload_wait(jobs[i], NULL, GREEN_NEVER) ||
		       ran[i] != 1;
	is(green_offload_wait(none, NULL, GREEN_NEVER), 0, "it has run them");
	is(bad, 0, "each of them");
	is(green__pool_threads(), 1, "alone");
	os_threads_left = -1;
	gate_fini(&gate);
}

static int
took(int error)
{
	bad += error != 0 && error != -ENOMEM;
	return error == 0;
}

static int
collects(struct green_job *job, int *ran)
{
	struct green_clause c[9] = { { .kind = GREEN_CLAUSE_JOB } };
	int before = *ran, error;

	c[0].object = job;
	for (int i = 1; i < 9; i++)
		c[i] = c[0];
	/* Nine clauses take memory. */
	error = green_select(c, 9, GREEN_NEVER);
	if (error >= 0)
		return 0;
	bad += error != -ENOMEM || before < 0;
	bad += green_offload_wait(job, NULL, GREEN_NEVER) != 0;
	return 1;
}

/* How many things were refused. */
static int
memory(long n)
{
	struct green_job *job;
	int refused = 0, ran = 0, given = 0;

	green__mem_fail_after(n);
	if (took(green_offload(&job, work, &ran))) {
		given++;
		refused += collects(job, &ran);
	} else {
		refused++;
	}
	job = green__job_create(work, sizeof(int));
	if (job && took(green__job_call(job, GREEN_NEVER, NULL))) {
		bad += *(int *)green__job_block(job) != 1;
		green__job_free(job);
	} else {
		refused++;
	}
	green__mem_fail_after(-1);
	bad += ran != given;
	return refused;
}

int
main(void)
{
	long live, n;
	int refused = 1;

	if (TAP_TSAN)
		skip_all("TSan must see how OS threads are made");
	green_self();
	os_threads();
	live = green__mem_live();
	for (n = 0; refused && n < 100; n++)
		refused = memory(n);
	is(bad, 0, "nothing went wrong");
	ok(n == 4 && !refused, "each of %ld allocations", n - 1);
	is(green__mem_live(), live, "no block is left");
	return tap_done();
}
