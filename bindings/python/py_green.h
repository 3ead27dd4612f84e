/* SPDX-License-Identifier: MIT */
#ifndef GREEN_PY_GREEN_H
#define GREEN_PY_GREEN_H

/*
 * What the files of the extension share: the object behind green.Thread, and
 * the worker, which is an OS thread that has green threads.
 *
 * Ownership. A thread that has not ended holds a reference to itself. The
 * libgreen thread behind it is joined by whoever calls join() first, or
 * detached when the object goes. The user slot of a libgreen thread is its
 * Thread, borrowed: the object lives at least as long, since it lets go of
 * the libgreen thread before its memory goes.
 *
 * Locking. Everything is protected by the GIL, which is held across switches
 * and dropped only while a worker sleeps. What runs without it is before_sleep
 * and after_wake, the deadlock hook, and destroy at the end of an OS thread:
 * these touch plain fields of their own worker only.
 */

#include "py_state.h"

#include <green.h>

#include <stdbool.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

enum thread_status {
	THREAD_NEW,    /* spawned, has not run yet */
	THREAD_ALIVE,  /* has run, or is the main flow */
	THREAD_DONE,   /* outcome is what fn returned */
	THREAD_FAILED, /* outcome is the exception that ended it */
	THREAD_LOST,   /* abandoned: will never run again */
};

#define THREAD_SMALL_ARGS 4

/* A flow that waits for a thread which somebody else is joining. */
struct waiter {
	struct waiter *next;
	struct waiter **pprev;
	struct worker *worker;
	green_t id;
};

struct thread {
	PyObject_HEAD PyObject *weakrefs;
	struct worker *worker; /* NULL: its OS thread is gone */
	green_t id;
	PyObject *name; /* str, or NULL: made up when asked for */
	PyObject *fn;
	PyObject *kwnames; /* names of the last arguments, or NULL */
	PyObject **args;   /* small, or PyMem memory */
	size_t nargs;      /* all arguments, those by keyword included */
	PyObject *outcome;
	PyObject *locals; /* green.local values: {key: dict}, or NULL */
	struct waiter *waiters;
	struct worker *joining; /* whose flow is in green_join() for it */
	struct thread
		*next; /* in worker->live, then in unseen or worker->left */
	struct thread **pprev;
	uint8_t status; /* enum thread_status */
	bool gone;      /* the libgreen thread was joined or is lost */
	bool seen;      /* somebody took the outcome */
	bool main;      /* the main flow of an OS thread */
	struct py_state state;
	PyObject *small[THREAD_SMALL_ARGS];
};

/* Why the main flow should look around when it comes back. */
#define ATTEND_SIGNAL 1
#define ATTEND_RAISE 2
#define ATTEND_DEADLOCK 4
/* The same for whoever comes next. */
#define ATTEND_LEFT 8

struct worker {
	PyThreadState *ts;
	struct thread *current; /* borrowed; whoever runs */
	struct thread *main;    /* owned */
	struct thread *live;    /* all that have not ended, main included */
	struct worker *next;    /* in the list of all workers */
	struct worker **pprev;
	struct thread *left; /* ended, to be let go of; by `next` */
	PyObject *raise;     /* exception for the main flow, or NULL */
	int attend;          /* ATTEND_* */
	int report_fd;       /* deadlock report to read, or -1 */
	bool orphan;         /* in a child that a green thread forked */
	bool slept;          /* the GIL was dropped for the present sleep */
};

/* ---- py_worker.c ------------------------------------------------------- */

/* The calling OS thread's worker if it has one already; its green threads may
 * be switched to. Read by the hot paths. */
extern _Thread_local struct worker *green_py_worker
	__attribute__((tls_model("initial-exec")));
extern struct worker *green_py_workers;
/* The interpreter is going away: nothing may switch any more. */
extern bool green_py_down;
extern const struct green_hooks green_py_hooks;

/* The same, made if there is none; NULL with an exception. */
struct worker *worker_get(void);
/* After a call that may have parked. Returns -1 with an exception. */
int worker_attend(struct worker *w);
/* Raise exc (a new reference) in the main flow, as soon as it runs. */
void worker_raise(struct worker *w, PyObject *exc);
/* t has ended; the reference to it is dropped by the next one who looks. */
void worker_leave_to_next(struct worker *w, struct thread *t);
/* libgreen has abandoned threads of w, which lives on. */
void worker_lose_abandoned(struct worker *w);
int worker_init(PyObject *module);

static inline int
worker_after(struct worker *w)
{
	return unlikely(w->attend) ? worker_attend(w) : 0;
}

/* t comes into one of the lists that go by next and pprev, or out of it. */
void list_add(struct thread **list, struct thread *t);
void list_del(struct thread *t);

/* Threads that ended with an exception nobody took yet; weak. */
extern struct thread *green_py_unseen;

/* ---- py_thread.c ------------------------------------------------------- */

extern PyTypeObject green_py_thread_type;

struct thread *thread_new(void);
void thread_clear_call(struct thread *t);
int thread_init(PyObject *module);
/* Somebody takes the outcome: nothing to report any more. */
void thread_see(struct thread *t);
/* An exception that nobody will take: hand it to green.excepthook. */
void thread_report(struct thread *t);

/* ---- py_spawn.c -------------------------------------------------------- */

PyObject *green_py_spawn(PyObject *module, PyObject *const *args,
			 Py_ssize_t nargs, PyObject *kwnames);
PyObject *green_py_set_stack_size(PyObject *module, PyObject *size);

/* ---- py_explore.c ------------------------------------------------------ */

PyObject *green_py_explore(PyObject *module, PyObject *args);

/* ---- py_wait.c --------------------------------------------------------- */

/* Wait until t has ended. Returns -1 with an exception. */
int thread_wait(struct thread *t, PyObject *timeout);
/* Those of w who wait for t without being its joiner look again. */
void thread_wake(struct thread *t, struct worker *w);
extern PyMethodDef green_py_wait_methods[];

/* ---- py_local.c -------------------------------------------------------- */

int local_init(PyObject *module);

/* ---- py_module.c ------------------------------------------------------- */

int module_init(PyObject *module);

/* ---- py_error.c -------------------------------------------------------- */

extern PyObject *green_py_deadlock; /* green.Deadlock */

/* Raise what a libgreen call returned; always -1. */
int raise_error(long rc);
PyObject *raise_null(long rc);
int error_init(PyObject *module);

#endif
