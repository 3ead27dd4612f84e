/* SPDX-License-Identifier: MIT */
/*
 * Workers: what an OS thread needs to have green threads that run Python, and
 * the hooks that libgreen calls at each switch, around each sleep, at a
 * deadlock and at the end.
 *
 * An OS thread becomes a worker when it first spawns or waits; its main flow
 * gets a Thread object too. The worker goes when the PyThreadState does: a
 * capsule in the thread state's dictionary says so, with the GIL held. Green
 * threads that are left then are lost; they never run again.
 *
 * Signals. Python code may run signal handlers wherever it is running, green
 * threads included, as it does with any function that happens to run. But a
 * sleeping worker is on the stack of whoever parked last, which is no place
 * to run anything, so the main flow's wait is ended instead and the handlers
 * run there; then the wait goes on, unless a handler raised. A
 * KeyboardInterrupt that ends a green thread is raised in the main flow.
 *
 * When the interpreter goes away, no thread may be switched to: its frames
 * would run in a half cleared interpreter. The workers are forgotten then, and
 * what they own stays as it is.
 */

#include "config.h"

#include "py_green.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

_Thread_local struct worker *green_py_worker;
struct worker *green_py_workers;
struct thread *green_py_unseen;
bool green_py_down;

static const char capsule_name[] = "green worker";

/* ---- hooks: no Python code may run in any of them ---------------------- */

static void
hook_leave(void *user)
{
	struct thread *t = user;

	state_save(&t->state, t->worker->ts);
}

static void
hook_enter(void *user)
{
	struct thread *t = user;
	struct worker *w = t->worker;

	w->current = t;
	state_load(&t->state, w->ts);
}

/* The libgreen thread is gone. For one that never ran or was abandoned
 * there may be no interpreter any more; frames are looked after while the
 * memory they lie in is still there. */
static void
hook_destroy(void *user)
{
	struct thread *t = user;

	if (green_py_down)
		return;
	t->gone = true;
	/* The frames of a main flow lie on no stack of ours, and those that it
	 * had when it was seen last may have returned: an OS thread that is
	 * not Python's ends after its last call. */
	if (t->status == THREAD_ALIVE && !t->main)
		state_abandon(&t->state);
	if (t->status == THREAD_NEW || t->status == THREAD_ALIVE)
		t->status = THREAD_LOST;
}

/* Signals are blocked here: none can come between the look and the sleep. */
static int
hook_before_sleep(void *user)
{
	struct thread *t = user;
	struct worker *w = t->worker;

	w->slept = !green_py_down && !state_signal_pending(w->ts);
	if (w->slept)
		PyEval_SaveThread();
	return !w->slept;
}

static void
hook_after_wake(void *user, int interrupted)
{
	struct thread *t = user;
	struct worker *w = t->worker;

	(void)interrupted;
	if (w->slept)
		PyEval_RestoreThread(w->ts);
	if (state_signal_pending(w->ts)) {
		w->attend |= ATTEND_SIGNAL;
		green_interrupt(w->main->id);
	}
}

const struct green_hooks green_py_hooks = {
	.size = sizeof(green_py_hooks),
	.leave = hook_leave,
	.enter = hook_enter,
	.destroy = hook_destroy,
	.before_sleep = hook_before_sleep,
	.after_wake = hook_after_wake,
};

/* Every thread waits for another: the main flow is told, with the report.
 * The GIL may not be held here. */
static void
deadlock(void *arg)
{
	struct worker *w = green_py_worker;

	(void)arg;
	if (!w || green_py_down)
		return;
	w->report_fd = memfd_create("green deadlock report", MFD_CLOEXEC);
	if (w->report_fd >= 0)
		green_dump(w->report_fd);
	w->attend |= ATTEND_DEADLOCK;
	green_interrupt(w->main->id);
}

/* ---- the main flow looks around ---------------------------------------- */

static int
raise_deadlock(struct worker *w)
{
	char text[16384] = "every green thread waits\n";
	ssize_t len = 0;

	if (w->report_fd >= 0) {
		len = pread(w->report_fd, text, sizeof(text) - 1, 0);
		close(w->report_fd);
		w->report_fd = -1;
	}
	if (len > 0)
		text[len] = '\0';
	PyErr_SetString(green_py_deadlock, text);
	return -1;
}

void
worker_leave_to_next(struct worker *w, struct thread *t)
{
	list_del(t);
	t->next = w->left;
	w->left = t;
	w->attend |= ATTEND_LEFT;
}

/* Each may run Python code, and switch. */
static void
drop_left(struct worker *w)
{
	struct thread *t;

	while ((t = w->left)) {
		w->left = t->next;
		t->next = NULL;
		Py_DECREF(t);
	}
	w->attend &= ~ATTEND_LEFT;
}

int
worker_attend(struct worker *w)
{
	if (w->attend & ATTEND_LEFT)
		drop_left(w);
	if (w->current != w->main)
		return 0; /* not ours to see */
	if (w->attend & ATTEND_SIGNAL) {
		w->attend &= ~ATTEND_SIGNAL;
		if (PyErr_CheckSignals())
			return -1;
	}
	if (w->attend & ATTEND_RAISE) {
		PyObject *exc = w->raise;

		w->attend &= ~ATTEND_RAISE;
		w->raise = NULL;
		PyErr_Restore(Py_NewRef((PyObject *)Py_TYPE(exc)), exc,
			      PyException_GetTraceback(exc));
		return -1;
	}
	if (w->attend & ATTEND_DEADLOCK) {
		w->attend &= ~ATTEND_DEADLOCK;
		return raise_deadlock(w);
	}
	return 0;
}

void
worker_raise(struct worker *w, PyObject *exc)
{
	Py_XSETREF(w->raise, exc);
	w->attend |= ATTEND_RAISE;
	green_interrupt(w->main->id);
}

/* ---- life of a worker -------------------------------------------------- */

void
list_add(struct thread **list, struct thread *t)
{
	t->next = *list;
	t->pprev = list;
	if (t->next)
		t->next->pprev = &t->next;
	*list = t;
}

void
list_del(struct thread *t)
{
	if (!t->pprev)
		return;
	*t->pprev = t->next;
	if (t->next)
		t->next->pprev = t->pprev;
	t->pprev = NULL;
	t->next = NULL;
}

/* t will never run again. The reference that it holds to itself stays: its
 * user slot is still known to libgreen. */
static void
lose(struct thread *t)
{
	list_del(t);
	if (t->status == THREAD_ALIVE && !t->gone)
		state_abandon(&t->state);
	t->gone = true;
	t->worker = NULL;
	if (t->main)
		t->state.context = NULL; /* the thread state's */
	Py_CLEAR(t->state.context);
	/* A call that was under way borrows its arguments for ever. */
	if (t->status == THREAD_NEW)
		thread_clear_call(t);
	t->status = THREAD_LOST;
}

void
worker_lose_abandoned(struct worker *w)
{
	struct thread *t, *next;

	for (t = w->live; t; t = next) {
		next = t->next;
		if (t->status == THREAD_LOST)
			lose(t);
	}
}

/*
 * In the child of a fork, before libgreen takes the stacks of all threads but
 * the one that forked: their frames are looked after while they can be. With
 * the GIL only; a child that was forked without it must not run Python.
 */
static void
before_stacks_go(void)
{
	struct worker *w;
	struct thread *t;

	if (green_py_down || !PyGILState_Check())
		return;
	for (w = green_py_workers; w; w = w->next) {
		bool ours = w == green_py_worker;

		if (!ours && !w->current->main)
			state_save(&w->current->state, w->ts);
		for (t = w->live; t; t = t->next) {
			if (t->main || (ours && t == w->current))
				continue;
			if (t->status == THREAD_ALIVE)
				state_abandon(&t->state);
			t->gone = true;
		}
	}
}

/* Handlers run in the order in which they were set, and libgreen sets its own
 * with the first worker. */
static int
watch_forks(void)
{
	struct green_stats stats = { .size = sizeof(stats) };

	if (green_stats_get(&stats) == 0 && stats.workers == 0 &&
	    pthread_atfork(NULL, NULL, before_stacks_go)) {
		PyErr_NoMemory();
		return -1;
	}
	return 0;
}

/* The worker's PyThreadState goes. On its own OS thread, or in a forked child
 * on the one that is left. */
static void
worker_destroy(PyObject *capsule)
{
	struct worker *w = PyCapsule_GetPointer(capsule, capsule_name);
	struct thread *main_flow = w->main, *t;

	if (green_py_down)
		return;
	if (green_py_worker != w) {
		/* After a fork: the stacks are gone. */
		for (t = w->live; t; t = t->next)
			t->gone = true;
	} else {
		green_hooks_set(NULL, NULL);
		green_py_worker = NULL;
	}
	*w->pprev = w->next;
	if (w->next)
		w->next->pprev = w->pprev;
	while (w->live)
		lose(w->live);
	drop_left(w);
	Py_CLEAR(w->raise);
	free(w);
	Py_DECREF(main_flow);
}

/* Have worker_destroy() called with the thread state. */
static int
tie_to_state(struct worker *w)
{
	PyObject *dict = PyThreadState_GetDict(), *capsule;
	int rc;

	if (!dict) {
		PyErr_SetString(PyExc_RuntimeError, "no thread state");
		return -1;
	}
	capsule = PyCapsule_New(w, capsule_name, NULL);
	if (!capsule)
		return -1;
	rc = PyDict_SetItemString(dict, capsule_name, capsule);
	if (rc == 0)
		PyCapsule_SetDestructor(capsule, worker_destroy);
	Py_DECREF(capsule);
	return rc;
}

static struct thread *
main_flow_new(struct worker *w)
{
	struct thread *t = thread_new();

	if (!t)
		return NULL;
	t->worker = w;
	t->main = true;
	t->gone = true;
	t->status = THREAD_ALIVE;
	t->state.cframe = w->ts->cframe;
	return t;
}

static void
worker_add(struct worker *w)
{
	w->next = green_py_workers;
	w->pprev = &green_py_workers;
	if (w->next)
		w->next->pprev = &w->next;
	green_py_workers = w;
}

static struct worker *
worker_create(PyThreadState *ts)
{
	struct worker *w = calloc(1, sizeof(*w));
	int rc;

	if (!w) {
		PyErr_NoMemory();
		return NULL;
	}
	w->ts = ts;
	w->report_fd = -1;
	w->main = main_flow_new(w);
	if (!w->main)
		goto fail;
	w->current = w->main;
	rc = green_hooks_set(&green_py_hooks, w->main);
	if (rc < 0) {
		raise_error(rc);
		goto fail;
	}
	w->main->id = green_self();
	worker_add(w);
	list_add(&w->live, w->main);
	if (tie_to_state(w) < 0) {
		green_hooks_set(NULL, NULL);
		*w->pprev = w->next;
		if (w->next)
			w->next->pprev = w->pprev;
		list_del(w->main);
		goto fail;
	}
	state_hold(ts);
	green_py_worker = w;
	return w;
fail:
	Py_XDECREF(w->main);
	free(w);
	return NULL;
}

struct worker *
worker_get(void)
{
	PyThreadState *ts = PyThreadState_Get();

	if (likely(green_py_worker && green_py_worker->ts == ts))
		return green_py_worker;
	if (green_py_down) {
		PyErr_SetString(PyExc_RuntimeError,
				"the interpreter is shutting down");
		return NULL;
	}
	if (green_py_worker ||
	    PyThreadState_GetInterpreter(ts) != PyInterpreterState_Main()) {
		PyErr_SetString(PyExc_RuntimeError,
				"green threads want the main interpreter");
		return NULL;
	}
	return worker_create(ts);
}

/* ---- the module's part ------------------------------------------------- */

PyDoc_STRVAR(shutdown_doc,
	     "shutdown()\n--\n\nCalled once, when the interpreter exits.");

static PyObject *
shut_down(PyObject *module, PyObject *unused)
{
	struct thread *t;

	(void)module;
	(void)unused;
	while ((t = green_py_unseen)) {
		Py_INCREF(t);
		list_del(t);
		thread_report(t);
		Py_DECREF(t);
	}
	green_deadlock_hook(NULL, NULL);
	green_py_down = true;
	green_py_worker = NULL;
	Py_RETURN_NONE;
}

PyDoc_STRVAR(after_fork_doc,
	     "after_fork()\n--\n\nCalled in the child of a fork.");

/* Only the flow that forked is left. */
static PyObject *
after_fork(PyObject *module, PyObject *unused)
{
	struct worker *w = green_py_worker;
	struct thread *t, *next;

	(void)module;
	(void)unused;
	for (t = w ? w->live : NULL; t; t = next) {
		next = t->next;
		if (t != w->current)
			lose(t);
	}
	if (w && w->main != w->current) {
		Py_INCREF(w->current);
		Py_SETREF(w->main, w->current);
		w->orphan = true;
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(threads_doc,
	     "threads()\n--\n\n"
	     "The green threads of this OS thread that have not ended.");

static PyObject *
threads(PyObject *module, PyObject *unused)
{
	struct worker *w = worker_get();
	PyObject *list = w ? PyList_New(0) : NULL;
	struct thread *t;

	(void)module;
	(void)unused;
	for (t = list ? w->live : NULL; t; t = t->next)
		if (PyList_Append(list, (PyObject *)t) < 0) {
			Py_DECREF(list);
			return NULL;
		}
	if (list && PyList_Reverse(list) < 0)
		Py_CLEAR(list);
	return list;
}

static PyMethodDef worker_methods[] = {
	{ "shutdown", shut_down, METH_NOARGS, shutdown_doc },
	{ "after_fork", after_fork, METH_NOARGS, after_fork_doc },
	{ "threads", threads, METH_NOARGS, threads_doc },
	{ NULL, NULL, 0, NULL },
};

int
worker_init(PyObject *module)
{
	if (watch_forks() < 0)
		return -1;
	green_deadlock_hook(deadlock, NULL);
	return PyModule_AddFunctions(module, worker_methods);
}
