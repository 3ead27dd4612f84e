/* SPDX-License-Identifier: MIT */
/*
 * green.Semaphore and green.BoundedSemaphore: a green_sem in an object, with
 * the interface of threading's. Any number of OS threads may use one.
 *
 * A bounded one counts how often acquire() has returned with it, less what
 * was released; that is under the GIL. One that was handed over to a thread
 * which has not run since counts as not taken yet, and that thread cannot have
 * released it.
 */

#include "config.h"

#include "py_green.h"

#include <stddef.h>

struct sem {
	PyObject_HEAD PyObject *weakrefs;
	struct green_sem sem;
	Py_ssize_t taken; /* of a bounded one */
	bool bounded;
};

static PyTypeObject bounded_type;

static int
take(struct sem *s, int64_t deadline)
{
	struct worker *w = wait_begin();
	int rc;

	if (unlikely(!w))
		return WAIT_RAISED;
	do
		rc = green_sem_wait(&s->sem, deadline);
	while (wait_again(w, &rc));
	if (likely(rc == 0))
		s->taken++;
	return rc;
}

static PyObject *
sem_acquire(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	    PyObject *kwnames)
{
	int64_t deadline;

	if (wait_acquire_args(args, nargs, kwnames, &deadline) < 0)
		return NULL;
	return wait_acquired(take((struct sem *)self, deadline));
}

static PyObject *
sem_enter(PyObject *self, PyObject *unused)
{
	(void)unused;
	return wait_acquired(take((struct sem *)self, GREEN_NEVER));
}

static PyObject *
give(struct sem *s, Py_ssize_t n)
{
	int rc;

	if (s->bounded && n > s->taken) {
		PyErr_SetString(PyExc_ValueError,
				"Semaphore released too many times");
		return NULL;
	}
	for (; n; n--) {
		rc = green_sem_post(&s->sem);
		if (rc == -EOVERFLOW) {
			PyErr_SetString(PyExc_OverflowError,
					"the semaphore's value is too large");
			return NULL;
		}
		if (rc < 0)
			return raise_null(rc);
		s->taken--;
	}
	Py_RETURN_NONE;
}

static PyObject *
sem_release(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char name[] = "n", *names[] = { name, NULL };
	Py_ssize_t n = 1;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|n:release", names, &n))
		return NULL;
	if (n < 1) {
		PyErr_SetString(PyExc_ValueError, "n must be one or more");
		return NULL;
	}
	return give((struct sem *)self, n);
}

static PyObject *
sem_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	(void)args;
	(void)nargs;
	return give((struct sem *)self, 1);
}

static PyObject *
sem_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char name[] = "value", *names[] = { name, NULL };
	Py_ssize_t value = 1;
	struct sem *s;
	int rc;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|n", names, &value))
		return NULL;
	if (value < 0 || value > GREEN_SEM_MAX) {
		PyErr_SetString(PyExc_ValueError,
				value < 0 ? "semaphore initial value must be "
					    ">= 0"
					  : "value is too large");
		return NULL;
	}
	s = (struct sem *)type->tp_alloc(type, 0);
	if (!s)
		return NULL;
	s->bounded = type == &bounded_type;
	rc = green_sem_init(&s->sem, (uint32_t)value, NULL);
	if (rc < 0) {
		Py_DECREF(s);
		return raise_null(rc);
	}
	return (PyObject *)s;
}

static void
sem_dealloc(PyObject *self)
{
	if (((struct sem *)self)->weakrefs)
		PyObject_ClearWeakRefs(self);
	Py_TYPE(self)->tp_free(self);
}

struct green_sem *
sem_of(PyObject *object)
{
	if (!Py_IS_TYPE(object, &green_py_sem_type) &&
	    !Py_IS_TYPE(object, &bounded_type))
		return NULL;
	return &((struct sem *)object)->sem;
}

void
sem_taken(PyObject *object)
{
	((struct sem *)object)->taken++;
}

PyDoc_STRVAR(acquire_doc,
	     "acquire($self, /, blocking=True, timeout=None)\n--\n\n"
	     "Take one from the value, or wait until release() gives one. "
	     "Returns True; False\nwhen timeout (in seconds; None or -1: no "
	     "limit) has passed, or at once if the\nvalue is 0 and blocking is "
	     "False. Those who wait get theirs in the order in which\nthey "
	     "came.");
PyDoc_STRVAR(release_doc,
	     "release($self, /, n=1)\n--\n\n"
	     "Give n, each to the thread that has waited longest, if there is "
	     "one, otherwise to\nthe value. Any thread may.");

#define FAST(fn) (PyCFunction)(void (*)(void)) fn

static PyMethodDef sem_methods[] = {
	{ "acquire", FAST(sem_acquire), METH_FASTCALL | METH_KEYWORDS,
	  acquire_doc },
	{ "release", FAST(sem_release), METH_VARARGS | METH_KEYWORDS,
	  release_doc },
	{ "__enter__", sem_enter, METH_NOARGS, NULL },
	{ "__exit__", FAST(sem_exit), METH_FASTCALL, NULL },
	{ NULL, NULL, 0, NULL },
};

PyDoc_STRVAR(sem_doc,
	     "Semaphore(value=1)\n--\n\n"
	     "A counter that threads wait for while it is 0; a context "
	     "manager.\nAs threading.Semaphore.");
PyDoc_STRVAR(bounded_doc,
	     "BoundedSemaphore(value=1)\n--\n\n"
	     "A Semaphore whose release() raises ValueError when more would be "
	     "given than was\ntaken.");

PyTypeObject green_py_sem_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.Semaphore",
	.tp_basicsize = sizeof(struct sem),
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_doc = sem_doc,
	.tp_weaklistoffset = offsetof(struct sem, weakrefs),
	.tp_new = sem_new,
	.tp_dealloc = sem_dealloc,
	.tp_methods = sem_methods,
};

static PyTypeObject bounded_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.BoundedSemaphore",
	.tp_basicsize = sizeof(struct sem),
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_doc = bounded_doc,
	.tp_weaklistoffset = offsetof(struct sem, weakrefs),
	.tp_new = sem_new,
	.tp_dealloc = sem_dealloc,
	.tp_methods = sem_methods,
};

int
semaphore_init(PyObject *module)
{
	if (type_add(module, &green_py_sem_type) < 0)
		return -1;
	return type_add(module, &bounded_type);
}
