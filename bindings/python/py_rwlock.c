/* SPDX-License-Identifier: MIT */
/*
 * green.RWLock: a green_rwlock in an object. It has two sides, reader and
 * writer, each of which is used as a lock. Any number of OS threads may use
 * one.
 *
 * The C library counts readers only, and one call lets go of either side. So
 * who holds it as a writer, and how many readers there are, is noted here by
 * those who come back with it and the GIL: a side that nobody holds is not
 * released. Which of the readers releases is not checked.
 */

#include "config.h"

#include "py_green.h"

#include <stddef.h>

struct rwlock {
	PyObject_HEAD PyObject *weakrefs;
	struct green_rwlock lock;
	green_t writer;     /* 0: nobody */
	Py_ssize_t readers; /* that have come back with it */
};

/* Made whenever somebody asks for it. */
struct side {
	PyObject_HEAD struct rwlock *lock; /* owned */
	bool writes;
};

static int
take(const struct side *side, int64_t deadline)
{
	struct rwlock *l = side->lock;
	struct worker *w = wait_begin();
	int rc;

	if (unlikely(!w))
		return WAIT_RAISED;
	do
		rc = side->writes ? green_rwlock_write(&l->lock, deadline)
				  : green_rwlock_read(&l->lock, deadline);
	while (wait_again(w, &rc));
	if (rc == 0 && side->writes)
		l->writer = w->current->id;
	else if (rc == 0)
		l->readers++;
	if (rc == -EDEADLK && deadline) {
		PyErr_SetString(green_py_deadlock,
				"the thread holds this lock as its writer");
		return WAIT_RAISED;
	}
	return rc == -EDEADLK ? -EAGAIN : rc;
}

static bool
is_held(const struct side *side)
{
	const struct worker *w = green_py_worker;

	if (!side->writes)
		return side->lock->readers > 0;
	return w && side->lock->writer == w->current->id;
}

static PyObject *
side_acquire(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	     PyObject *kwnames)
{
	int64_t deadline;

	if (wait_acquire_args(args, nargs, kwnames, &deadline) < 0)
		return NULL;
	return wait_acquired(take((struct side *)self, deadline));
}

static PyObject *
side_enter(PyObject *self, PyObject *unused)
{
	(void)unused;
	return wait_acquired(take((struct side *)self, GREEN_NEVER));
}

static PyObject *
side_release(PyObject *self, PyObject *unused)
{
	struct side *side = (struct side *)self;
	int rc;

	(void)unused;
	if (!is_held(side)) {
		PyErr_SetString(PyExc_RuntimeError,
				side->writes ? "the thread does not hold this "
					       "lock as its writer"
					     : "nobody holds this lock as a "
					       "reader");
		return NULL;
	}
	if (side->writes)
		side->lock->writer = 0;
	else
		side->lock->readers--;
	rc = green_rwlock_unlock(&side->lock->lock);
	if (rc < 0)
		return raise_null(rc);
	Py_RETURN_NONE;
}

static PyObject *
side_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	(void)args;
	(void)nargs;
	return side_release(self, NULL);
}

static void
side_dealloc(PyObject *self)
{
	Py_DECREF(((struct side *)self)->lock);
	Py_TYPE(self)->tp_free(self);
}

PyDoc_STRVAR(acquire_doc,
	     "acquire($self, /, blocking=True, timeout=None)\n--\n\n"
	     "Wait until the lock can be had, and hold it. Returns True; False "
	     "when timeout (in\nseconds; None or -1: no limit) has passed, or "
	     "at once if blocking is False. Whoever\nholds it as its writer "
	     "gets Deadlock.");
PyDoc_STRVAR(release_doc,
	     "release($self, /)\n--\n\n"
	     "Let go of the lock. Raises RuntimeError if it is not held.");

#define FAST(fn) (PyCFunction)(void (*)(void)) fn

static PyMethodDef side_methods[] = {
	{ "acquire", FAST(side_acquire), METH_FASTCALL | METH_KEYWORDS,
	  acquire_doc },
	{ "release", side_release, METH_NOARGS, release_doc },
	{ "__enter__", side_enter, METH_NOARGS, NULL },
	{ "__exit__", FAST(side_exit), METH_FASTCALL, NULL },
	{ NULL, NULL, 0, NULL },
};

static PyTypeObject side_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.RWLockSide",
	.tp_basicsize = sizeof(struct side),
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.tp_doc = "The reader or the writer of an RWLock: a context manager.",
	.tp_dealloc = side_dealloc,
	.tp_methods = side_methods,
};

/* ---- the lock itself ---------------------------------------------------- */

static PyObject *
side_of(PyObject *self, bool writes)
{
	struct side *side = PyObject_New(struct side, &side_type);

	if (!side)
		return NULL;
	side->lock = (struct rwlock *)Py_NewRef(self);
	side->writes = writes;
	return (PyObject *)side;
}

static PyObject *
get_reader(PyObject *self, void *unused)
{
	(void)unused;
	return side_of(self, false);
}

static PyObject *
get_writer(PyObject *self, void *unused)
{
	(void)unused;
	return side_of(self, true);
}

static PyObject *
rwlock_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	if (PyTuple_GET_SIZE(args) || (kwargs && PyDict_GET_SIZE(kwargs))) {
		PyErr_SetString(PyExc_TypeError, "RWLock() takes no arguments");
		return NULL;
	}
	/* All zero is one that is free. */
	return type->tp_alloc(type, 0);
}

static void
rwlock_dealloc(PyObject *self)
{
	if (((struct rwlock *)self)->weakrefs)
		PyObject_ClearWeakRefs(self);
	Py_TYPE(self)->tp_free(self);
}

static PyGetSetDef rwlock_getset[] = {
	{ "reader", get_reader, NULL,
	  "What a reader acquires and releases; many can hold it at a time.",
	  NULL },
	{ "writer", get_writer, NULL,
	  "What a writer acquires and releases; it holds the lock alone.",
	  NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

PyDoc_STRVAR(rwlock_doc,
	     "RWLock()\n--\n\n"
	     "A lock that many readers can hold at a time, or one writer:\n\n"
	     "    with lock.reader:\n        look()\n    with lock.writer:\n"
	     "        change()\n\n"
	     "Those who wait are served in the order in which they came, "
	     "readers that stand\ntogether at once. A reader that comes a "
	     "second time may therefore wait for a writer\nwho waits for it: "
	     "do not.");

static PyTypeObject rwlock_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.RWLock",
	.tp_basicsize = sizeof(struct rwlock),
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_doc = rwlock_doc,
	.tp_weaklistoffset = offsetof(struct rwlock, weakrefs),
	.tp_new = rwlock_new,
	.tp_dealloc = rwlock_dealloc,
	.tp_getset = rwlock_getset,
};

int
rwlock_init(PyObject *module)
{
	if (type_add(module, &side_type) < 0)
		return -1;
	return type_add(module, &rwlock_type);
}
