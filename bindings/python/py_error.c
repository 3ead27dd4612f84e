/* SPDX-License-Identifier: MIT */
/*
 * Negative returns become exceptions: OSError picks its subclass by the
 * number, so -ETIMEDOUT is a TimeoutError, -ESRCH a ProcessLookupError and so
 * on; memory exhausted is a MemoryError, as everywhere in Python.
 */

#include "config.h"

#include "py_green.h"

#include <errno.h>

PyObject *green_py_deadlock;

int
raise_error(long rc)
{
	PyObject *exc;

	if (rc == -ENOMEM) {
		PyErr_NoMemory();
		return -1;
	}
	exc = PyObject_CallFunction(PyExc_OSError, "ls", -rc,
				    green_strerror((int)rc));
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

int
error_init(PyObject *module)
{
	green_py_deadlock = PyErr_NewExceptionWithDoc(
		"green.Deadlock",
		"Every green thread waits, without a deadline, and nothing "
		"can wake one.\nRaised in the main flow; the text is the "
		"report of all threads.",
		PyExc_RuntimeError, NULL);
	if (!green_py_deadlock)
		return -1;
	return PyModule_AddObjectRef(module, "Deadlock", green_py_deadlock);
}
