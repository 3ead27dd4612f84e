/* SPDX-License-Identifier: MIT */
/*
 * green.offload(): a Python call, made by an OS thread of libgreen's pool.
 *
 * That takes the GIL for it, with an interpreter state that lasts as long as
 * the call, and lets go of it where the function itself does: while it waits
 * for a disk, or computes in C. Whoever has called it is parked meanwhile, and
 * may give up; the call is then forgotten by whoever comes last.
 */

#include "config.h"

#include "py_green.h"

#include <green/offload.h>

struct call {
	PyObject *fn, *args, *kwargs; /* kwargs: a dict, or NULL */
	PyObject *context;            /* a copy of the caller's */
	PyObject *value;              /* what it returned, or NULL: */
	PyObject *error;              /* the exception */
};

static void
call_free(struct call *c)
{
	Py_XDECREF(c->fn);
	Py_XDECREF(c->args);
	Py_XDECREF(c->kwargs);
	Py_XDECREF(c->context);
	Py_XDECREF(c->value);
	Py_XDECREF(c->error);
	PyMem_Free(c);
}

/* ---- in the pool ------------------------------------------------------- */

static PyObject *
take_error(void)
{
	PyObject *type, *exc, *traceback;

	PyErr_Fetch(&type, &exc, &traceback);
	PyErr_NormalizeException(&type, &exc, &traceback);
	if (traceback)
		PyException_SetTraceback(exc, traceback);
	Py_XDECREF(type);
	Py_XDECREF(traceback);
	return exc;
}

static void *
call(void *arg)
{
	struct call *c = arg;
	PyGILState_STATE state;

	/* At the end of the interpreter there is nobody left to call. */
	if (green_py_down)
		return c;
	state = PyGILState_Ensure();
	if (PyContext_Enter(c->context) == 0) {
		c->value = PyObject_Call(c->fn, c->args, c->kwargs);
		if (!c->value)
			c->error = take_error();
		PyContext_Exit(c->context);
	} else {
		c->error = take_error();
	}
	PyGILState_Release(state);
	return c;
}

/* By the caller, or the OS thread of the pool. */
static void
forget(void *arg, void *value)
{
	PyGILState_STATE state;

	(void)value;
	if (green_py_down)
		return;
	state = PyGILState_Ensure();
	call_free(arg);
	PyGILState_Release(state);
}

/* ---- the call ---------------------------------------------------------- */

static struct call *
call_new(PyObject *args, PyObject *kwargs)
{
	struct call *c = PyMem_Calloc(1, sizeof(*c));

	if (!c) {
		PyErr_NoMemory();
		return NULL;
	}
	c->fn = Py_NewRef(PyTuple_GET_ITEM(args, 0));
	c->args = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
	c->kwargs = Py_XNewRef(kwargs);
	c->context = PyContext_CopyCurrent();
	if (!c->args || !c->context) {
		call_free(c);
		return NULL;
	}
	return c;
}

/* Returns what it returned, or NULL with what it raised. */
static PyObject *
outcome(struct call *c)
{
	PyObject *value = Py_XNewRef(c->value);

	if (!value)
		PyErr_SetObject((PyObject *)Py_TYPE(c->error), c->error);
	call_free(c);
	return value;
}

PyObject *
green_py_offload(PyObject *module, PyObject *args, PyObject *kwargs)
{
	struct worker *w = wait_begin();
	struct green_job *job;
	struct call *c;
	int rc;

	(void)module;
	if (!w)
		return NULL;
	if (!PyTuple_GET_SIZE(args) ||
	    !PyCallable_Check(PyTuple_GET_ITEM(args, 0))) {
		PyErr_SetString(PyExc_TypeError,
				"offload() wants a function to call");
		return NULL;
	}
	c = call_new(args, kwargs);
	if (!c)
		return NULL;
	rc = green_offload(&job, call, c);
	if (rc < 0) {
		call_free(c);
		return raise_null(rc);
	}
	do
		rc = green_offload_wait(job, NULL, GREEN_NEVER);
	while (wait_again(w, &rc));
	if (likely(rc == 0))
		return outcome(c);
	green_offload_drop(job, forget);
	return rc == WAIT_RAISED ? NULL : raise_null(rc);
}
