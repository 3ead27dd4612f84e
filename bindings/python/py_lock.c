/* SPDX-License-Identifier: MIT */
/*
 * green.Lock and green.RLock: a green_mutex in an object.
 *
 * Unlike a threading.Lock, it belongs to whoever holds it: others cannot
 * release it, to acquire it twice is an error at once instead of a wait without
 * end, and reports say who holds it. A lock that others release is a semaphore
 * with the value 1.
 *
 * Any number of OS threads may use one. The mutex decides; `owner` and `depth`
 * are what the holder has noted when it came back with the GIL, so they are
 * true for whoever finds itself there, and a hint for others.
 *
 * There is no Python object in it, and so nothing for the garbage collector.
 * Whoever holds it or waits for it has a reference, or has let the last one go
 * while holding it: then nobody will ever ask for it, and its memory may go.
 */

#include "config.h"

#include "py_green.h"

#include <stddef.h>

bool
lock_is_mine(const struct lock *l)
{
	const struct worker *w = green_py_worker;

	return w && l->owner && l->owner == w->current->id;
}

static int
take(struct lock *l, int64_t deadline)
{
	struct worker *w = wait_begin();
	int rc;

	if (unlikely(!w))
		return WAIT_RAISED;
	do
		rc = green_mutex_lock(&l->mutex, deadline);
	while (wait_again(w, &rc));
	if (likely(rc == 0)) {
		l->owner = w->current->id;
		l->depth++;
	}
	if (rc == -EDEADLK && deadline) {
		PyErr_SetString(green_py_deadlock,
				"the thread holds this lock already");
		return WAIT_RAISED;
	}
	return rc == -EDEADLK ? -EAGAIN : rc;
}

static PyObject *
lock_acquire(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	     PyObject *kwnames)
{
	int64_t deadline;

	if (wait_acquire_args(args, nargs, kwnames, &deadline) < 0)
		return NULL;
	return wait_acquired(take((struct lock *)self, deadline));
}

static PyObject *
lock_enter(PyObject *self, PyObject *unused)
{
	(void)unused;
	return wait_acquired(take((struct lock *)self, GREEN_NEVER));
}

static PyObject *
lock_release(PyObject *self, PyObject *unused)
{
	struct lock *l = (struct lock *)self;
	int rc = green_mutex_unlock(&l->mutex);

	(void)unused;
	if (unlikely(rc < 0)) {
		PyErr_SetString(PyExc_RuntimeError,
				"the thread does not hold this lock");
		return NULL;
	}
	/* Whoever holds it by now notes that later: it needs the GIL. */
	if (!--l->depth)
		l->owner = 0;
	Py_RETURN_NONE;
}

static PyObject *
lock_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	(void)args;
	(void)nargs;
	return lock_release(self, NULL);
}

/* Only the mutex knows. */
static PyObject *
lock_locked(PyObject *self, PyObject *unused)
{
	struct lock *l = (struct lock *)self;
	int shield, rc;

	(void)unused;
	if (lock_is_mine(l))
		Py_RETURN_TRUE;
	if (!worker_get())
		return NULL;
	shield = green_shield(1);
	rc = green_mutex_lock(&l->mutex, 0);
	if (rc == 0)
		green_mutex_unlock(&l->mutex);
	if (shield >= 0)
		green_shield(shield);
	return rc && rc != -EAGAIN ? raise_null(rc) : PyBool_FromLong(rc);
}

static PyObject *
lock_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	struct green_sync_attr attr = { .size = sizeof(attr) };
	struct lock *l;
	int rc;

	if (PyTuple_GET_SIZE(args) || (kwargs && PyDict_GET_SIZE(kwargs))) {
		PyErr_Format(PyExc_TypeError, "%s() takes no arguments",
			     type->tp_name);
		return NULL;
	}
	l = (struct lock *)type->tp_alloc(type, 0);
	if (!l)
		return NULL;
	if (type == &green_py_rlock_type)
		attr.flags = GREEN_RECURSIVE;
	rc = green_mutex_init(&l->mutex, &attr);
	if (rc < 0) {
		Py_DECREF(l);
		return raise_null(rc);
	}
	return (PyObject *)l;
}

static void
lock_dealloc(PyObject *self)
{
	if (((struct lock *)self)->weakrefs)
		PyObject_ClearWeakRefs(self);
	Py_TYPE(self)->tp_free(self);
}

static PyObject *
lock_repr(PyObject *self)
{
	struct lock *l = (struct lock *)self;

	if (!l->owner)
		return PyUnicode_FromFormat("<%s at %p>",
					    Py_TYPE(self)->tp_name, self);
	return PyUnicode_FromFormat("<%s at %p, held by thread %llu>",
				    Py_TYPE(self)->tp_name, self,
				    (unsigned long long)l->owner);
}

PyDoc_STRVAR(acquire_doc,
	     "acquire($self, /, blocking=True, timeout=None)\n--\n\n"
	     "Wait until the lock is free, and hold it. Returns True; False "
	     "when timeout (in\nseconds; None or -1: no limit) has passed, or "
	     "at once if it is not free and\nblocking is False. Those who wait "
	     "get it in the order in which they came.\n\nA Lock that the "
	     "calling thread holds already raises Deadlock; an RLock can be\n"
	     "acquired again, and is to be released as often.");
PyDoc_STRVAR(release_doc,
	     "release($self, /)\n--\n\n"
	     "Let go of the lock: the first of those who wait for it holds it "
	     "from now on.\nRaises RuntimeError if the calling thread does not "
	     "hold it.");
PyDoc_STRVAR(locked_doc, "locked($self, /)\n--\n\n"
			 "Whether somebody holds the lock.");

#define FAST(fn) (PyCFunction)(void (*)(void)) fn

static PyMethodDef lock_methods[] = {
	{ "acquire", FAST(lock_acquire), METH_FASTCALL | METH_KEYWORDS,
	  acquire_doc },
	{ "release", lock_release, METH_NOARGS, release_doc },
	{ "locked", lock_locked, METH_NOARGS, locked_doc },
	{ "__enter__", lock_enter, METH_NOARGS, NULL },
	{ "__exit__", FAST(lock_exit), METH_FASTCALL, NULL },
	{ NULL, NULL, 0, NULL },
};

PyDoc_STRVAR(lock_doc,
	     "Lock()\n--\n\n"
	     "What one thread at a time can hold; a context manager.\n\n"
	     "As threading.Lock, but only the thread that holds it can release "
	     "it. For\nsomething that others release, use a Semaphore.");
PyDoc_STRVAR(rlock_doc,
	     "RLock()\n--\n\n"
	     "A Lock that the thread which holds it can acquire again.");

PyTypeObject green_py_lock_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.Lock",
	.tp_basicsize = sizeof(struct lock),
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_doc = lock_doc,
	.tp_weaklistoffset = offsetof(struct lock, weakrefs),
	.tp_new = lock_new,
	.tp_dealloc = lock_dealloc,
	.tp_repr = lock_repr,
	.tp_methods = lock_methods,
};

PyTypeObject green_py_rlock_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.RLock",
	.tp_basicsize = sizeof(struct lock),
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_doc = rlock_doc,
	.tp_weaklistoffset = offsetof(struct lock, weakrefs),
	.tp_new = lock_new,
	.tp_dealloc = lock_dealloc,
	.tp_repr = lock_repr,
	.tp_methods = lock_methods,
};

int
lock_init(PyObject *module)
{
	if (type_add(module, &green_py_lock_type) < 0)
		return -1;
	return type_add(module, &green_py_rlock_type);
}
