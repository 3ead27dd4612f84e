/* SPDX-License-Identifier: MIT */
/*
 * green.local: an object whose attributes each green thread has for itself,
 * the Python twin of green_key_*. A subclass's __init__ runs in each thread
 * that first touches the object, as that of threading.local.
 *
 * Values are in a dict per thread and object, owned by the thread and found
 * by the object's address, so that neither keeps the other alive. They go when
 * the thread ends, in that thread, or when the object goes. libgreen's keys
 * were not used: their destructors run after the thread's interpreter state
 * has been taken down.
 */

#include "config.h"

#include "py_green.h"

#include <stddef.h>

struct local {
	PyObject_HEAD PyObject *weakrefs;
	PyObject *args; /* for __init__ in other threads */
	PyObject *kwargs;
};

static PyObject *
key_of(PyObject *self)
{
	return PyLong_FromVoidPtr(self);
}

/* Run __init__ for the thread that sees self for the first time. */
static int
run_init(struct local *l)
{
	PyTypeObject *type = Py_TYPE(l);

	if (type->tp_init == PyBaseObject_Type.tp_init)
		return 0;
	return type->tp_init((PyObject *)l, l->args, l->kwargs);
}

/* The calling thread's attributes (borrowed), made if need be. */
static PyObject *
local_dict(PyObject *self, bool init)
{
	struct worker *w = worker_get();
	struct thread *t = w ? w->current : NULL;
	PyObject *key, *dict;

	if (!t || (!t->locals && !(t->locals = PyDict_New())))
		return NULL;
	key = key_of(self);
	if (!key)
		return NULL;
	dict = PyDict_GetItemWithError(t->locals, key);
	if (!dict && !PyErr_Occurred()) {
		dict = PyDict_New();
		if (dict && PyDict_SetItem(t->locals, key, dict) < 0)
			Py_CLEAR(dict);
		Py_XDECREF(dict); /* t->locals has it */
		if (dict && init && run_init((struct local *)self) < 0) {
			PyObject *type, *value, *traceback;

			PyErr_Fetch(&type, &value, &traceback);
			if (t->locals && PyDict_DelItem(t->locals, key) < 0)
				PyErr_Clear();
			PyErr_Restore(type, value, traceback);
			dict = NULL;
		}
	}
	Py_DECREF(key);
	return dict;
}

static PyObject *
local_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	bool given = PyTuple_GET_SIZE(args) || (kwargs && PyDict_Size(kwargs));
	struct local *l;

	if (given && type->tp_init == PyBaseObject_Type.tp_init) {
		PyErr_SetString(PyExc_TypeError,
				"arguments want an __init__ to go to");
		return NULL;
	}
	l = (struct local *)type->tp_alloc(type, 0);
	if (!l)
		return NULL;
	l->args = Py_NewRef(args);
	l->kwargs = Py_XNewRef(kwargs);
	/* The caller runs __init__ for this thread. */
	if (!local_dict((PyObject *)l, false)) {
		Py_DECREF(l);
		return NULL;
	}
	return (PyObject *)l;
}

static PyObject *
local_getattro(PyObject *self, PyObject *name)
{
	PyObject *dict = local_dict(self, true), *value;

	if (!dict)
		return NULL;
	Py_INCREF(dict);
	if (!PyUnicode_CompareWithASCIIString(name, "__dict__"))
		return dict;
	value = _PyObject_GenericGetAttrWithDict(self, name, dict, 0);
	Py_DECREF(dict);
	return value;
}

static int
local_setattro(PyObject *self, PyObject *name, PyObject *value)
{
	PyObject *dict = local_dict(self, true);
	int rc;

	if (!dict)
		return -1;
	if (!PyUnicode_CompareWithASCIIString(name, "__dict__")) {
		PyErr_SetString(PyExc_AttributeError,
				"__dict__ of a local is read-only");
		return -1;
	}
	Py_INCREF(dict);
	rc = _PyObject_GenericSetAttrWithDict(self, name, value, dict);
	Py_DECREF(dict);
	return rc;
}

static int
local_traverse(PyObject *self, visitproc visit, void *arg)
{
	struct local *l = (struct local *)self;

	Py_VISIT(l->args);
	Py_VISIT(l->kwargs);
	return 0;
}

static int
local_clear(PyObject *self)
{
	struct local *l = (struct local *)self;

	Py_CLEAR(l->args);
	Py_CLEAR(l->kwargs);
	return 0;
}

/* Take the values out of every thread. Each removal may run Python code that
 * changes the lists, so the walk begins anew after one. */
static bool
forget_one(PyObject *key)
{
	struct worker *w;
	struct thread *t;

	for (w = green_py_workers; w; w = w->next)
		for (t = w->live; t; t = t->next) {
			if (!t->locals)
				continue;
			if (PyDict_DelItem(t->locals, key) == 0)
				return true;
			PyErr_Clear();
		}
	return false;
}

static void
local_dealloc(PyObject *self)
{
	struct local *l = (struct local *)self;
	PyObject *type, *value, *traceback, *key;

	PyObject_GC_UnTrack(self);
	if (l->weakrefs)
		PyObject_ClearWeakRefs(self);
	PyErr_Fetch(&type, &value, &traceback);
	key = green_py_down ? NULL : key_of(self);
	while (key && forget_one(key))
		;
	Py_XDECREF(key);
	PyErr_Restore(type, value, traceback);
	local_clear(self);
	Py_TYPE(self)->tp_free(self);
}

PyDoc_STRVAR(local_doc,
	     "An object whose attributes each green thread has for itself.\n\n"
	     "A subclass's __init__ runs in each thread that uses the object, "
	     "with the\narguments given when it was made.");

static PyTypeObject local_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.local",
	.tp_basicsize = sizeof(struct local),
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE |
		    Py_TPFLAGS_HAVE_GC,
	.tp_doc = local_doc,
	.tp_weaklistoffset = offsetof(struct local, weakrefs),
	.tp_new = local_new,
	.tp_getattro = local_getattro,
	.tp_setattro = local_setattro,
	.tp_traverse = local_traverse,
	.tp_clear = local_clear,
	.tp_dealloc = local_dealloc,
};

int
local_init(PyObject *module)
{
	return type_add(module, &local_type);
}
