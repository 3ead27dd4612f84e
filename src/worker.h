/* SPDX-License-Identifier: MIT */
#ifndef GREEN__WORKER_H
#define GREEN__WORKER_H

/*
 * Between worker.c, abandon.c and fork.c: how workers end. What others may call
 * is in sched.h.
 */

#include <stdbool.h>

struct thread;
struct worker;

/* Let go of all threads of w but `except`, which may be NULL. hooks: run their
 * destroy hooks, and tell those who join them; false in the child of fork(). */
void
green__abandon_all(struct worker *w, const struct thread *except, bool hooks);

/* A worker that is in no list any more, with all its threads and memory. */
void green__worker_free(struct worker *w, bool hooks);

/* In the child of fork(): all workers but own, which may be NULL, are gone. */
void green__workers_keep(struct worker *own);

/* Be there when the process is forked. May be called again. Returns 0 or
 * -ENOMEM. */
int green__fork_init(void);

#endif
