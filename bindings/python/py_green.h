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

#include <errno.h>
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
	PyObject *scope;   /* whose member it is, until it ends; or NULL */
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
/* The same, as a member of a scope; NULL: of none. */
PyObject *green_py_spawn_into(PyObject *scope, PyObject *const *args,
			      Py_ssize_t nargs, PyObject *kwnames);
PyObject *green_py_set_stack_size(PyObject *module, PyObject *size);

/* ---- py_offload.c ------------------------------------------------------ */

PyObject *green_py_offload(PyObject *module, PyObject *args, PyObject *kwargs);

/* ---- py_explore.c ------------------------------------------------------ */

PyObject *green_py_explore(PyObject *module, PyObject *args);

/* ---- py_wait.c --------------------------------------------------------- */

/* What a loop around a call of libgreen's ends with when there is an exception
 * already. No call returns it. */
#define WAIT_RAISED 1

/* First thing of a call that can park: the worker; NULL with an exception,
 * which may be one that waits for the main flow to look around. So a call that
 * has got something need not look afterwards, and lose it. */
struct worker *wait_begin(void);
/* Shall the call that returned rc be made again? It was interrupted, and no
 * handler raised. *rc may become WAIT_RAISED. */
static inline bool
wait_again(struct worker *w, int *rc)
{
	if (likely(*rc != -EINTR))
		return false;
	if (worker_after(w) == 0)
		return true;
	*rc = WAIT_RAISED;
	return false;
}
/* Seconds, or None for no limit. Returns -1 with an exception. */
int wait_deadline(PyObject *timeout, int64_t *ret_deadline);
/* The only argument is a timeout, which may be left out; NULL with an
 * exception. Borrowed. */
PyObject *
wait_timeout(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
/* The arguments are (blocking=True, timeout=None), as those of the standard
 * library's acquire(). Returns -1 with an exception. */
int wait_acquire_args(PyObject *const *args, Py_ssize_t nargs,
		      PyObject *kwnames, int64_t *ret_deadline);
/* What acquire() returns. */
PyObject *wait_acquired(int rc);
/* Wait until t has ended. Returns -1 with an exception. */
int thread_wait(struct thread *t, PyObject *timeout);
/* Can t be waited for by the running flow of w? Returns -1 with an exception.
 */
int wait_check(const struct worker *w, const struct thread *t);
/* Those of w who wait for t without being its joiner look again. */
void thread_wake(struct thread *t, struct worker *w);
/* The running flow of w becomes one of these, and ceases to be, if it is. */
void waiter_add(struct waiter *me, struct thread *t, struct worker *w);
void waiter_del(struct waiter *me);
/* green_select(), for a while at most: then -EINTR. */
int select_afar(struct green_clause *clauses, size_t n, int64_t deadline);
extern PyMethodDef green_py_wait_methods[];

/* ---- py_local.c -------------------------------------------------------- */

int local_init(PyObject *module);

/* ---- py_lock.c --------------------------------------------------------- */

/* green.Lock and green.RLock. */
struct lock {
	PyObject_HEAD PyObject *weakrefs;
	struct green_mutex mutex;
	green_t owner;  /* whoever holds it and knows it; 0: nobody */
	uint64_t depth; /* how often it is held */
};

extern PyTypeObject green_py_lock_type, green_py_rlock_type;

/* Does the calling thread hold it? */
bool lock_is_mine(const struct lock *l);
int lock_init(PyObject *module);

/* ---- py_sem.c ---------------------------------------------------------- */

extern PyTypeObject green_py_sem_type;
/* Of green.Semaphore and green.BoundedSemaphore; NULL: it is none. */
struct green_sem *sem_of(PyObject *object);
/* One was taken otherwise than by acquire(). */
void sem_taken(PyObject *object);
int semaphore_init(PyObject *module);

/* ---- py_rwlock.c ------------------------------------------------------- */

int rwlock_init(PyObject *module);

/* ---- py_event.c -------------------------------------------------------- */

extern PyTypeObject green_py_event_type;
/* Of green.Event; NULL: it is none. */
struct green_event *event_of(PyObject *object);
int event_init(PyObject *module);

/* ---- py_cond.c --------------------------------------------------------- */

int cond_init(PyObject *module);

/* ---- py_select.c ------------------------------------------------------- */

PyObject *green_py_select(PyObject *module, PyObject *args, PyObject *kwargs);

/* ---- py_chan.c --------------------------------------------------------- */

int chan_init(PyObject *module);

/* ---- py_scope.c -------------------------------------------------------- */

/* NULL with an exception. */
struct green_scope *scope_of(PyObject *scope);
/* t, which is a member, ended with an exception. */
void scope_failed(struct thread *t);
int scope_init(PyObject *module);

/* ---- py_module.c ------------------------------------------------------- */

/* Add a type named "green.something". */
int type_add(PyObject *module, PyTypeObject *type);
int module_init(PyObject *module);

/* ---- py_error.c -------------------------------------------------------- */

extern PyObject *green_py_deadlock;  /* green.Deadlock */
extern PyObject *green_py_cancelled; /* green.Cancelled */
extern PyObject *green_py_closed;    /* green.Closed */

/* Raise what a libgreen call returned; always -1. */
int raise_error(long rc);
PyObject *raise_null(long rc);
int error_init(PyObject *module);

#endif
