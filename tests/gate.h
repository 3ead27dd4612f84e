/* SPDX-License-Identifier: MIT */
#ifndef GATE_H
#define GATE_H

/*
 * A function for the pool that blocks its OS thread until the test lets it go:
 * it reads from a pipe. It says when it has begun, and returns its gate.
 */

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <green.h>

struct gate {
	int fds[2];
	struct green_sem begun;
	atomic_int passed; /* how many calls of the function have */
};

static inline void
gate_init(struct gate *g)
{
	*g = (struct gate){ .passed = 0 };
	if (pipe(g->fds) < 0) {
		perror("pipe");
		exit(99);
	}
}

static inline void
gate_fini(struct gate *g)
{
	close(g->fds[0]);
	close(g->fds[1]);
}

static inline void *
gate_pass(void *arg)
{
	struct gate *g = arg;
	char c;

	green_sem_post(&g->begun);
	if (read(g->fds[0], &c, 1) == 1)
		g->passed++;
	return g;
}

/* n of them have begun. */
static inline void
gate_reached(struct gate *g, int n)
{
	while (n--)
		green_sem_wait(&g->begun, GREEN_NEVER);
}

/* Let n go. */
static inline void
gate_open(struct gate *g, int n)
{
	while (n--)
		if (write(g->fds[1], "x", 1) != 1)
			abort();
}

#endif
