/* SPDX-License-Identifier: MIT */
#ifndef GREEN__OFFLOAD_H
#define GREEN__OFFLOAD_H

/*
 * Jobs, and the pool of OS threads that runs them.
 *
 * What holds:
 * - A job has one owner: whoever holds its handle, until it is collected or
 *   dropped. A dropped one that runs belongs to the pool.
 * - Two locks: the pool's, and that of the job's queue, which may be taken
 *   inside the first. `state` becomes JOB_DONE under both, and is anything
 *   else under the pool's: so it may be read under either, and under that of
 *   the queue tells whether the job is done.
 * - Whoever waits for a job never takes the pool's lock. The pool touches a job
 *   no more after the unlock of its queue, so one who has waited may free it.
 * - A job is counted as active from the moment on at which it was given to the
 *   pool until whoever waits for it has been woken, in one stretch under the
 *   pool's lock: who sees none active sees all that was done.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <green/offload.h>

#include "wait.h"

enum job_state {
	JOB_QUEUED,  /* or not given to the pool yet */
	JOB_RUNNING, /* or given to an OS thread that is about to run it */
	JOB_DONE,
};

struct green_job {
	struct wait_queue queue; /* one waits at a time */
	/* Among those that wait for an OS thread. */
	struct green_job *next, *prev;
	green_fn fn;
	void *arg;
	void *value; /* what fn returned */
	/* Of one that was dropped; may be NULL. */
	void (*forget)(void *arg, void *value);
	uint32_t state;      /* enum job_state */
	uint32_t generation; /* of the pool, when it was given to it */
	uint64_t number;     /* among all jobs */
	bool dropped;
	/* Waits for other machines: such may have half of the OS threads. */
	bool slow;
};

/* ---- jobs with an argument of their own, for calls that wait ----------- */

/* A job whose argument is a block of size bytes inside of it, all zero, with
 * the alignment of malloc(); NULL: no memory. */
struct green_job *green__job_create(green_fn fn, size_t size);
static inline void *
green__job_block(struct green_job *job)
{
	return job->arg;
}

/*
 * Run it in the pool, and wait for that. 0: it has run, and the block is there
 * to be read until green__job_free(). Otherwise the job is gone: the deadline,
 * an interruption or a cancellation came first, or it could not be had; then
 * forget, unless NULL, is called with the block and what fn returned, when it
 * has, or NULL if it never ran. fn does not begin when the deadline is 0 or has
 * passed. May park; a plain pthread with all the time in the world runs it
 * itself.
 */
int green__job_call(struct green_job *job, int64_t deadline,
		    void (*forget)(void *block, void *value));
void green__job_free(struct green_job *job);

/* ---- the pool ---------------------------------------------------------- */

void green__pool_lock(void);
void green__pool_unlock(void);

/* Give a job to the pool: 0, or a negative errno and nothing has happened. */
int green__pool_submit(struct green_job *job);
/* With the pool's lock held: take a queued job out. */
void green__pool_remove(struct green_job *job);
/* Will it never be done, because the process has forked? */
bool green__job_is_lost(const struct green_job *job);

/* Are all OS threads but the calling one ours, with nothing to do? If only
 * those with something to do are against it, every worker looks around again
 * when they have done it. */
bool green__pool_idle(void);

/* For tests: how long an OS thread without work stays, in ns; how many there
 * are. */
void green__pool_linger(int64_t ns);
uint32_t green__pool_threads(void);

/* In job.c, with the pool's lock held: the job was run. True: it was dropped,
 * and is to be forgotten. Otherwise it may be gone. */
bool green__job_finish(struct green_job *job);
/* The end of one that nobody collects. */
void green__job_forget(struct green_job *job);

#endif
