/* SPDX-License-Identifier: MIT */
/*
 * Negative returns become exceptions: OSError picks its subclass by the
 * number, so -ETIMEDOUT is a TimeoutError, -ESRCH a ProcessLookupError and so
 * on; memory exhausted is a MemoryError, as everywhere in Python. -EPIPE has a
 * subclass of its own, and -ECANCELED is no error at all: nobody who handles
 * errors shall get it.
 */

#include "config.h"

#include "py_green.h"

#include <errno.h>

PyObject *green_py_deadlock;
PyObject *green_py_cancelled;
PyObject *green_py_closed;

int
raise_error(long rc)
{
	PyObject *exc;

	if (rc == -ENOMEM) {
		PyErr_NoMemory();
		return -1;
	}
	if (rc == -ECANCELED) {
		PyErr_SetNone(green_py_cancelled);
		return -1;
	}
	exc = PyObject_CallFunction(rc == -EPIPE ? green_py_closed
						 : PyExc_OSError,
				    "ls", -rc, green_strerror((int)rc));
	if (exc) {
		PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
		Py_DECREF(exc);
	}
	return -1;
}

PyObject *
raise_null(long rc)
{
	raise_error(rc);
	return NULL;
}

static PyObject *
error_new(PyObject *module, const char *name, const char *doc, PyObject *base)
{
	PyObject *type = PyErr_NewExceptionWithDoc(name, doc, base, NULL);

	if (type &&
	    PyModule_AddObjectRef(module, strchr(name, '.') + 1, type) < 0)
		Py_CLEAR(type);
	return type;
}

int
error_init(PyObject *module)
{
	green_py_deadlock = error_new(
		module, "green.Deadlock",
		"Every green thread waits, without a deadline, and nothing "
		"can wake one.\nRaised in the main flow; the text is the "
		"report of all threads. Also raised in a\nthread that would "
		"wait for itself.",
		PyExc_RuntimeError);
	green_py_cancelled = error_new(
		module, "green.Cancelled",
		"The thread that gets it, or a scope that it is in, has been "
		"cancelled.\nIt is no Exception, so that it passes those who "
		"handle errors; let it pass.\nFrom then on it is raised by "
		"each call that can block, except inside of\ngreen.shield().",
		PyExc_BaseException);
	green_py_closed = error_new(
		module, "green.Closed",
		"The channel is closed, and whoever receives has got all that "
		"was in it.",
		PyExc_BrokenPipeError);
	return green_py_deadlock && green_py_cancelled && green_py_closed ? 0
									  : -1;
}
