/* SPDX-License-Identifier: MIT */
#ifndef GREEN__RUNTIME_H
#define GREEN__RUNTIME_H

/*
 * A runtime: workers made for it, that share the threads which have not
 * started.
 *
 * `count`, `workers` and `door` stay as they are from the moment on at which
 * the workers begin, until destroy or fork().
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sched.h"

/* What a worker's OS thread waits for before it runs anything. */
enum runtime_go {
	RUNTIME_WAIT, /* not all workers are there */
	RUNTIME_GO,
	RUNTIME_QUIT,
};

/* What the OS thread of a worker is given. */
struct seat {
	struct green_runtime *runtime;
	pthread_t os_thread;
	uint16_t index;
};

struct green_runtime {
	uint32_t count; /* of workers */
	bool dead;      /* in a child of fork(): its workers are gone */
	/* A worker without OS thread or lobby: owns the control blocks, and
	 * until they are taken the threads, that others spawn into the
	 * runtime. Its slab and its numbers are under the lock. */
	struct worker *door;
	pthread_mutex_t lock;
	_Atomic uint32_t
		next; /* whose lobby the next one from outside enters */
	/* Workers that sleep or are about to, and those that look into the
	 * lobbies of others. See share.c. */
	_Atomic uint32_t idle, searching;
	_Atomic uint32_t go;      /* enum runtime_go; a futex */
	_Atomic uint32_t made;    /* OS threads that have tried; a futex */
	struct seat *seats;       /* count of them, behind the workers */
	struct worker *workers[]; /* NULL: there was no memory */
};

#endif
