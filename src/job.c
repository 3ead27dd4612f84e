/* SPDX-License-Identifier: MIT */
/*
 * Jobs: given to the pool, waited for, dropped. What holds is in offload.h.
 *
 * One thread waits for a job, since the first that has its value also frees it.
 */

#include "config.h"

#include "offload.h"

#include "base.h"
#include "mem.h"
#include "select.h"

#include <errno.h>
#include <stdalign.h>

/* Where the block of a job begins. */
struct job_block {
	struct green_job job;
	max_align_t block[];
};

/* ---- the end of jobs --------------------------------------------------- */

void
green__job_free(struct green_job *job)
{
	green__free(job);
}

bool
green__job_finish(struct green_job *job)
{
	struct wait_node *node;

	if (job->dropped)
		return true;
	green__queue_lock(&job->queue);
	job->state = JOB_DONE;
	node = green__queue_choose(&job->queue);
	if (node) {
		node->value = job->value;
		node->result = 0;
		green__waiter_wake(node->waiter);
	}
	green__queue_unlock(&job->queue);
	return false;
}

void
green__job_forget(struct green_job *job)
{
	if (job->forget)
		job->forget(job->arg, job->value);
	green__free(job);
}

/* ---- waiting ----------------------------------------------------------- */

/* Under the lock of the queue: what a call says at once; -EAGAIN: it waits. */
static int
at_once(struct green_job *job)
{
	if (job->state == JOB_DONE)
		return 0;
	if (green__job_is_lost(job))
		return -ESRCH;
	return green__queue_peek(&job->queue) ? -EBUSY : -EAGAIN;
}

/* Until it is done; it stays the caller's. */
static int
await(struct green_job *job, int64_t deadline)
{
	struct wait_node node = { .kind = WAIT_JOB };
	int error;

	green__queue_lock(&job->queue);
	error = at_once(job);
	if (error == -EAGAIN)
		return green__queue_wait(&job->queue, &node, deadline);
	green__queue_unlock(&job->queue);
	return error;
}

/* ---- dropping ---------------------------------------------------------- */

static bool
is_busy(struct green_job *job)
{
	bool busy;

	green__queue_lock(&job->queue);
	busy = green__queue_busy(&job->queue);
	green__queue_unlock(&job->queue);
	return busy;
}

/* With the pool's lock held: is it the caller's to forget? Otherwise it is
 * left to the OS thread that runs it. */
static bool
take_back(struct green_job *job, void (*forget)(void *arg, void *value))
{
	job->forget = forget;
	if (green__job_is_lost(job)) {
		if (job->state == JOB_RUNNING)
			job->forget = NULL;
		return true;
	}
	if (job->state == JOB_QUEUED)
		green__pool_remove(job);
	job->dropped = job->state == JOB_RUNNING;
	return !job->dropped;
}

int
green_offload_drop(struct green_job *job,
		   void (*forget)(void *arg, void *value))
{
	bool busy, ours = false;

	if (!job)
		return 0;
	green__choice_point(green__worker);
	green__pool_lock();
	busy = is_busy(job);
	if (!busy)
		ours = take_back(job, forget);
	green__pool_unlock();
	if (ours)
		green__job_forget(job);
	return busy ? -EBUSY : 0;
}

/* ---- giving, and collecting -------------------------------------------- */

/* In an exploration, all that happens is what its threads do. */
static bool
explores(void)
{
	const struct worker *w = green__worker;

	return unlikely(w && w->explorer);
}

static void
run_here(struct green_job *job)
{
	job->value = job->fn(job->arg);
	job->state = JOB_DONE;
}

int
green_offload(struct green_job **ret_job, green_fn fn, void *arg)
{
	struct green_job *job;
	int error = 0;

	if (!fn)
		return -EINVAL;
	green__choice_point(green__worker);
	job = green__job_create(fn, 0);
	if (!job)
		return -ENOMEM;
	job->arg = arg;
	job->dropped = !ret_job;
	if (explores())
		run_here(job);
	else
		error = green__pool_submit(job);
	if (error || (explores() && !ret_job))
		green__free(job);
	else if (ret_job)
		*ret_job = job;
	return error;
}

int
green_offload_wait(struct green_job *job, void **ret_value, int64_t deadline)
{
	int error;

	if (!job || deadline < 0)
		return -EINVAL;
	error = green__may_block(&job->queue);
	if (!error)
		error = await(job, deadline);
	if (error)
		return error;
	if (ret_value)
		*ret_value = job->value;
	green__free(job);
	return 0;
}

/* ---- with a block ------------------------------------------------------ */

struct green_job *
green__job_create(green_fn fn, size_t size)
{
	struct job_block *b = NULL;

	if (size < SIZE_MAX - sizeof(*b))
		b = green__alloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	b->job.fn = fn;
	b->job.arg = b->block;
	return &b->job;
}

int
green__job_call(struct green_job *job, int64_t deadline,
		void (*forget)(void *block, void *value))
{
	int error = green__may_block(&job->queue);

	job->forget = forget;
	if (!error && deadline != GREEN_NEVER)
		error = green__deadline_check(deadline);
	if (error) {
		green__job_forget(job);
		return error;
	}
	if ((!green__worker && deadline == GREEN_NEVER) || explores()) {
		run_here(job);
		return 0;
	}
	error = green__pool_submit(job);
	if (error) {
		green__job_forget(job);
		return error;
	}
	error = await(job, deadline);
	if (error)
		green_offload_drop(job, forget);
	return error;
}

/* ---- in a select ------------------------------------------------------- */

static bool
ready(const struct green_clause *c)
{
	return at_once(c->object) != -EAGAIN;
}

static bool
act(struct green_clause *c)
{
	struct green_job *job = c->object;

	c->result = at_once(job);
	if (!c->result)
		c->value = job->value;
	return c->result != -EAGAIN;
}

static void
begin(const struct green_clause *c, struct wait_node *node)
{
	struct green_job *job = c->object;

	node->kind = WAIT_JOB;
	green__queue_link(&job->queue, node);
}

static void
let_go(struct green_clause *c)
{
	struct green_job *job = c->object;

	green__queue_unlock(&job->queue);
	if (!c->result)
		green__free(job);
}

static void
fetch(struct green_clause *c, const struct wait_node *node)
{
	c->value = node->value;
	green__free(c->object);
}

const struct clause_ops green__clause_job = {
	.fields = CLAUSE_OBJECT,
	.ready = ready,
	.act = act,
	.link = begin,
	.release = let_go,
	.fetch = fetch,
};
