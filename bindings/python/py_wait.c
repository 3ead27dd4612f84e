/* SPDX-License-Identifier: MIT */
/*
 * The calls that let others run: yield_, sleep and the joins; and the clock.
 *
 * A wait that a signal interrupts runs the handlers in the main flow and then
 * goes on until its deadline, as the standard library's do.
 *
 * libgreen lets one flow join a thread; those who come later wait beside it.
 */

#include "config.h"

#include "py_green.h"

#include <errno.h>
#include <math.h>

/* When two other OS threads wait for one thread, nobody can wake those of the
 * second; they look again after so many nanoseconds. */
#define LOOK_AGAIN (10 * GREEN_MILLISECOND)

/* ---- time -------------------------------------------------------------- */

/* Seconds to nanoseconds, at least 0. Returns -1 with an exception. */
static int
to_ns(PyObject *seconds, const char *what, bool negative_ok, int64_t *ret_ns)
{
	double s = PyFloat_AsDouble(seconds);

	if (s == -1.0 && PyErr_Occurred())
		return -1;
	if (isnan(s) || (s < 0 && !negative_ok)) {
		PyErr_Format(PyExc_ValueError, "%s is %s", what,
			     isnan(s) ? "not a number" : "negative");
		return -1;
	}
	if (s <= 0)
		*ret_ns = 0;
	else if (s >= 9.2e9)
		*ret_ns = GREEN_NEVER;
	else
		*ret_ns = (int64_t)ceil(s * 1e9);
	return 0;
}

int
wait_deadline(PyObject *timeout, int64_t *ret_deadline)
{
	int64_t ns;

	if (timeout == Py_None) {
		*ret_deadline = GREEN_NEVER;
		return 0;
	}
	if (to_ns(timeout, "timeout", true, &ns) < 0)
		return -1;
	*ret_deadline = ns ? green_after(ns) : 0;
	return 0;
}

/* ---- arguments and results of those that wait -------------------------- */

PyObject *
wait_timeout(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
	Py_ssize_t nkw = kwnames ? PyTuple_GET_SIZE(kwnames) : 0;

	if (nargs + nkw > 1 ||
	    (nkw && PyUnicode_CompareWithASCIIString(
			    PyTuple_GET_ITEM(kwnames, 0), "timeout"))) {
		PyErr_SetString(PyExc_TypeError,
				"the only argument is timeout");
		return NULL;
	}
	return nargs + nkw ? args[0] : Py_None;
}

/* values[0..1] are set to those of blocking and timeout that are given. */
static int
acquire_values(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
	       PyObject **values)
{
	static const char *const names[] = { "blocking", "timeout" };
	Py_ssize_t nkw = kwnames ? PyTuple_GET_SIZE(kwnames) : 0, i, k;

	for (i = 0; i < nargs + nkw; i++) {
		k = i;
		if (i >= nargs)
			for (k = 0; k < 2; k++)
				if (!PyUnicode_CompareWithASCIIString(
					    PyTuple_GET_ITEM(kwnames,
							     i - nargs),
					    names[k]))
					break;
		if (k >= 2 || values[k]) {
			PyErr_SetString(PyExc_TypeError,
					"the arguments are blocking and "
					"timeout");
			return -1;
		}
		values[k] = args[i];
	}
	return 0;
}

/* threading.Lock says "no limit" with -1. */
static int
acquire_timeout(PyObject *timeout, int64_t *ret_deadline)
{
	double s = PyFloat_AsDouble(timeout);

	if (s == -1.0 && PyErr_Occurred())
		return -1;
	if (s == -1.0) {
		*ret_deadline = GREEN_NEVER;
		return 0;
	}
	if (s < 0) {
		PyErr_SetString(PyExc_ValueError, "timeout is negative");
		return -1;
	}
	return wait_deadline(timeout, ret_deadline);
}

int
wait_acquire_args(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
		  int64_t *ret_deadline)
{
	PyObject *values[2] = { NULL, NULL };
	int blocking;

	*ret_deadline = GREEN_NEVER;
	if (likely(!nargs && !kwnames))
		return 0;
	if (acquire_values(args, nargs, kwnames, values) < 0)
		return -1;
	blocking = values[0] ? PyObject_IsTrue(values[0]) : 1;
	if (blocking < 0)
		return -1;
	if (values[1] && values[1] != Py_None &&
	    acquire_timeout(values[1], ret_deadline) < 0)
		return -1;
	if (blocking)
		return 0;
	if (*ret_deadline != GREEN_NEVER) {
		PyErr_SetString(PyExc_ValueError,
				"no timeout for a call that does not block");
		return -1;
	}
	*ret_deadline = 0;
	return 0;
}

PyObject *
wait_acquired(int rc)
{
	if (likely(rc == 0))
		Py_RETURN_TRUE;
	if (rc == -EAGAIN || rc == -ETIMEDOUT)
		Py_RETURN_FALSE;
	return rc == WAIT_RAISED ? NULL : raise_null(rc);
}

struct worker *
wait_begin(void)
{
	struct worker *w = worker_get();

	return likely(w) && worker_after(w) == 0 ? w : NULL;
}

/* ---- joining ------------------------------------------------------------
 * Flows of the worker that t belongs to, or of the one that is joining it, wait
 * in t->waiters until somebody of their own worker wakes them: t as it ends,
 * or the joiner when its join returns. They then look for themselves. */

void
waiter_add(struct waiter *me, struct thread *t, struct worker *w)
{
	*me = (struct waiter){ t->waiters, &t->waiters, w, w->current->id };
	if (me->next)
		me->next->pprev = &me->next;
	t->waiters = me;
}

void
waiter_del(struct waiter *me)
{
	if (!me->pprev)
		return;
	*me->pprev = me->next;
	if (me->next)
		me->next->pprev = me->pprev;
	me->pprev = NULL;
}

void
thread_wake(struct thread *t, struct worker *w)
{
	struct waiter *one, *next;

	for (one = t->waiters; one; one = next) {
		next = one->next;
		if (one->worker == w) {
			waiter_del(one);
			green_interrupt(one->id);
		}
	}
}

/* Another flow is joining t. */
static int
wait_beside(struct worker *w, struct thread *t, int64_t deadline)
{
	struct waiter me;
	int rc;

	waiter_add(&me, t, w);
	rc = green_park(deadline);
	waiter_del(&me);
	return rc;
}

/* Nobody of this worker knows when t ends: look again after a while. */
static int
wait_afar(int64_t deadline)
{
	int64_t soon = green_after(LOOK_AGAIN);
	int rc;

	if (deadline <= soon)
		return green_park(deadline);
	rc = green_park(soon);
	return rc == -ETIMEDOUT ? -EINTR : rc;
}

int
select_afar(struct green_clause *clauses, size_t n, int64_t deadline)
{
	int64_t soon = green_after(LOOK_AGAIN);
	int rc;

	if (deadline <= soon)
		return green_select(clauses, n, deadline);
	rc = green_select(clauses, n, soon);
	return rc == -ETIMEDOUT ? -EINTR : rc;
}

static int
join(struct worker *w, struct thread *t, int64_t deadline)
{
	int rc;

	t->joining = w;
	rc = green_join(t->id, NULL, deadline);
	t->joining = NULL;
	thread_wake(t, w);
	if (rc == 0 || rc == -ESRCH)
		t->gone = true;
	return rc;
}

/* One try to see t end. 0, or a negative errno; -EINTR: look around. */
static int
wait_once(struct worker *w, struct thread *t, int64_t deadline)
{
	int rc = t->joining ? -EBUSY : join(w, t, deadline);

	if (rc == -EBUSY)
		rc = t->worker == w || t->joining == w
			     ? wait_beside(w, t, deadline)
			     : wait_afar(deadline);
	return rc == -EAGAIN ? -ETIMEDOUT : rc;
}

int
wait_check(const struct worker *w, const struct thread *t)
{
	if (t->status == THREAD_LOST)
		return raise_error(-ESRCH);
	if (t->main) {
		PyErr_SetString(PyExc_RuntimeError,
				"the main flow cannot be joined");
		return -1;
	}
	return t == w->current ? raise_error(-EDEADLK) : 0;
}

/* t has run to its end; libgreen may have something left to do for it. */
static int
wait_is_over(struct thread *t)
{
	int rc;

	if (!t->gone && !t->joining) {
		rc = green_join(t->id, NULL, 0);
		t->gone = rc == 0 || rc == -ESRCH;
	}
	return 0;
}

int
thread_wait(struct thread *t, PyObject *timeout)
{
	struct worker *w;
	int64_t deadline;
	int rc;

	if (wait_deadline(timeout, &deadline) < 0)
		return -1;
	if (t->status == THREAD_DONE || t->status == THREAD_FAILED)
		return wait_is_over(t);
	w = worker_get();
	if (!w || wait_check(w, t) < 0)
		return -1;
	do {
		rc = wait_once(w, t, deadline);
		if (worker_after(w) < 0)
			return -1;
		if (t->status == THREAD_DONE || t->status == THREAD_FAILED)
			return wait_is_over(t);
	} while (rc == -EINTR);
	return raise_error(t->status == THREAD_LOST ? -ESRCH : rc);
}

/* ---- the module's part ------------------------------------------------- */

PyDoc_STRVAR(yield_doc, "yield_()\n--\n\n"
			"Let every other thread that can run do so once.");

static PyObject *
yield_(PyObject *module, PyObject *unused)
{
	struct worker *w = green_py_worker;

	(void)module;
	(void)unused;
	if (likely(w)) {
		green_yield();
		if (worker_after(w) < 0)
			return NULL;
	}
	Py_RETURN_NONE;
}

PyDoc_STRVAR(sleep_doc,
	     "sleep(seconds, /)\n--\n\n"
	     "Let others run for so many seconds. 0 yields once. A sleep of "
	     "math.inf ends\nonly by an exception, for example that of a "
	     "signal handler.");

static PyObject *
sleep_(PyObject *module, PyObject *seconds)
{
	struct worker *w = worker_get();
	int64_t ns, deadline;
	int rc;

	(void)module;
	if (!w || to_ns(seconds, "seconds", false, &ns) < 0)
		return NULL;
	deadline = ns ? green_after(ns) : 0;
	do {
		rc = green_sleep_until(deadline);
		if (worker_after(w) < 0)
			return NULL;
	} while (rc == -EINTR);
	if (rc < 0)
		return raise_null(rc);
	Py_RETURN_NONE;
}

PyDoc_STRVAR(now_doc, "now()\n--\n\n"
		      "The time in seconds (float), on a clock that never "
		      "goes back.");

static PyObject *
now(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	/* Not times 1e-9, which would make 0.1 s something else than 0.1. */
	return PyFloat_FromDouble((double)green_now() / 1e9);
}

PyDoc_STRVAR(current_doc, "current()\n--\n\n"
			  "The Thread that is running; for the main flow of "
			  "an OS thread too.");

static PyObject *
current(PyObject *module, PyObject *unused)
{
	struct worker *w = worker_get();

	(void)module;
	(void)unused;
	return w ? Py_NewRef((PyObject *)w->current) : NULL;
}

PyMethodDef green_py_wait_methods[] = {
	{ "yield_", yield_, METH_NOARGS, yield_doc },
	{ "sleep", sleep_, METH_O, sleep_doc },
	{ "now", now, METH_NOARGS, now_doc },
	{ "current", current, METH_NOARGS, current_doc },
	{ NULL, NULL, 0, NULL },
};
