/* SPDX-License-Identifier: MIT */
/*
 * The C part of green.scope, green.timeout and green.move_on_after: a
 * green_scope in an object, which is open from __enter__() to __exit__(), and
 * of green.shield. What leaves a block is decided in Python, when all is done:
 * between two lines of Python a signal handler may raise KeyboardInterrupt, and
 * what was entered must be left, and every thread waited for, all the same.
 *
 * A thread that was spawned into a scope keeps the object alive, and while it
 * has not ended, the green_scope too: _close() waits for it. One that fails
 * puts itself into `failed` and cancels the scope.
 *
 * Only the thread that opened a scope may close it. If that never happens (its
 * OS thread went, or a generator was forgotten in the middle of a block), the
 * green_scope stays: it may be entered still.
 */

#include "config.h"

#include "py_green.h"

#include <stddef.h>
#include <structmember.h>

struct scope {
	PyObject_HEAD PyObject *weakrefs;
	PyObject *dict;
	struct green_scope *scope; /* NULL: not open */
	PyObject *limit;           /* seconds, or None or NULL: no limit */
	PyObject *failed;          /* list of Threads, in order, or NULL */
	bool spawned;              /* has or had members */
	bool cancelled;            /* it was, when it was closed */
};

static struct scope *
opened(PyObject *self)
{
	struct scope *s = (struct scope *)self;

	if (s->scope)
		return s;
	PyErr_SetString(PyExc_RuntimeError,
			"the scope is used outside of its with block");
	return NULL;
}

struct green_scope *
scope_of(PyObject *self)
{
	struct scope *s = opened(self);

	return s ? s->scope : NULL;
}

/* t ended with an exception, and is a member. */
void
scope_failed(struct thread *t)
{
	struct scope *s = (struct scope *)t->scope;

	if (!s->failed)
		s->failed = PyList_New(0);
	if (!s->failed || PyList_Append(s->failed, (PyObject *)t) < 0)
		PyErr_Clear(); /* green.excepthook gets it */
	green_scope_cancel(s->scope);
}

/* ---- the block ---------------------------------------------------------- */

static PyObject *
scope_enter(PyObject *self, PyObject *unused)
{
	struct scope *s = (struct scope *)self;
	struct green_scope_attr attr = { .size = sizeof(attr) };
	struct green_scope *scope;
	int rc;

	(void)unused;
	if (s->scope) {
		PyErr_SetString(PyExc_RuntimeError, "it is entered already");
		return NULL;
	}
	if (wait_deadline(s->limit ? s->limit : Py_None, &attr.deadline) < 0 ||
	    !worker_get())
		return NULL;
	/* One that has passed; 0 would be none. */
	if (!attr.deadline)
		attr.deadline = 1;
	rc = green_scope_create(&scope, &attr);
	if (rc < 0)
		return raise_null(rc);
	rc = green_scope_enter(scope);
	if (rc < 0) {
		green_scope_destroy(scope);
		return raise_null(rc);
	}
	s->scope = scope;
	s->spawned = false;
	s->cancelled = false;
	Py_CLEAR(s->failed);
	return Py_NewRef(self);
}

/* The current exception goes to the end of the list. */
static void
note(PyObject *errors)
{
	PyObject *type, *exc, *traceback;

	PyErr_Fetch(&type, &exc, &traceback);
	PyErr_NormalizeException(&type, &exc, &traceback);
	if (traceback)
		PyException_SetTraceback(exc, traceback);
	if (PyList_Append(errors, exc) < 0)
		PyErr_Clear();
	Py_XDECREF(type);
	Py_XDECREF(exc);
	Py_XDECREF(traceback);
}

/* One wait for the members: 0, or WAIT_RAISED with an exception; *timed_out
 * becomes true if the scope has failed by its deadline. */
static int
wait_once(struct scope *s, struct worker *w, bool *timed_out)
{
	int rc;

	do
		rc = green_scope_wait(s->scope, GREEN_NEVER);
	while (wait_again(w, &rc));
	if (rc == -ETIMEDOUT) {
		*timed_out = true;
		rc = 0;
	}
	if (rc < 0) {
		raise_error(rc);
		return WAIT_RAISED;
	}
	/* A member may have ended with what is for the main flow. */
	if (rc == 0 && worker_after(w) < 0)
		return WAIT_RAISED;
	return rc;
}

/*
 * Wait until all members have ended, whatever comes: whatever ends the wait
 * goes to errors, cancels the members, and then they are waited for with a
 * shield. Handlers of signals still run. In a deadlock there is nothing to wait
 * for: false.
 */
static bool
wait_for_all(struct scope *s, struct worker *w, PyObject *errors,
	     bool *timed_out)
{
	int shield = -1;
	bool stuck = false;

	while (!stuck && wait_once(s, w, timed_out) == WAIT_RAISED) {
		stuck = shield >= 0 &&
			PyErr_ExceptionMatches(green_py_deadlock);
		note(errors);
		green_scope_cancel(s->scope);
		if (shield < 0)
			shield = green_shield(1);
	}
	if (shield >= 0)
		green_shield(shield);
	return !stuck;
}

/* (type, exc, traceback). Calls self._end(exc, errors, timed_out), where errors
 * is what has come since, in order. */
static PyObject *
scope_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	struct scope *s = opened(self);
	struct worker *w = s ? worker_get() : NULL;
	PyObject *exc = nargs == 3 ? args[1] : Py_None, *errors, *ret;
	bool timed_out;
	int rc;

	if (!w)
		return NULL;
	errors = PyList_New(0);
	if (!errors)
		return NULL;
	rc = green_scope_leave(s->scope);
	if (rc < 0 && rc != -ETIMEDOUT) {
		Py_DECREF(errors);
		return raise_null(rc);
	}
	timed_out = rc == -ETIMEDOUT;
	if (exc != Py_None && s->spawned)
		green_scope_cancel(s->scope);
	rc = 0;
	if (!s->spawned || wait_for_all(s, w, errors, &timed_out)) {
		s->cancelled = green_scope_cancelled(s->scope) > 0;
		rc = green_scope_destroy(s->scope);
	}
	/* Otherwise some are in it for ever. */
	s->scope = NULL;
	ret = rc < 0 ? raise_null(rc)
		     : PyObject_CallMethod(self, "_end", "OOO", exc, errors,
					   timed_out ? Py_True : Py_False);
	Py_DECREF(errors);
	return ret;
}

/* ---- for everybody ------------------------------------------------------ */

/* One that is over can be cancelled too: whoever does it cannot know. */
static PyObject *
scope_cancel(PyObject *self, PyObject *unused)
{
	struct scope *s = (struct scope *)self;

	(void)unused;
	if (s->scope)
		green_scope_cancel(s->scope);
	Py_RETURN_NONE;
}

static PyObject *
scope_cancelled(PyObject *self, PyObject *unused)
{
	struct scope *s = (struct scope *)self;

	(void)unused;
	return PyBool_FromLong(s->scope ? green_scope_cancelled(s->scope) > 0
					: s->cancelled);
}

static PyObject *
scope_spawn(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	    PyObject *kwnames)
{
	struct scope *s = opened(self);

	if (!s)
		return NULL;
	s->spawned = true;
	return green_py_spawn_into(self, args, nargs, kwnames);
}

static int
scope_traverse(PyObject *self, visitproc visit, void *arg)
{
	struct scope *s = (struct scope *)self;

	Py_VISIT(s->dict);
	Py_VISIT(s->limit);
	Py_VISIT(s->failed);
	return 0;
}

static int
scope_clear(PyObject *self)
{
	struct scope *s = (struct scope *)self;

	Py_CLEAR(s->dict);
	Py_CLEAR(s->limit);
	Py_CLEAR(s->failed);
	return 0;
}

static void
scope_dealloc(PyObject *self)
{
	struct scope *s = (struct scope *)self;

	PyObject_GC_UnTrack(self);
	if (s->weakrefs)
		PyObject_ClearWeakRefs(self);
	scope_clear(self);
	Py_TYPE(self)->tp_free(self);
}

PyDoc_STRVAR(cancel_doc,
	     "cancel($self, /)\n--\n\n"
	     "Cancel all threads in the scope, those that are spawned into it "
	     "later too, and the\nbody of its with block: each of their calls "
	     "that can block raises Cancelled. Any\nthread may call this.");
PyDoc_STRVAR(cancelled_doc, "cancelled($self, /)\n--\n\n"
			    "Whether the scope is cancelled, by whatever.");
PyDoc_STRVAR(spawn_doc,
	     "spawn($self, fn, /, *args, name=None, stack_size=None, "
	     "newest_first=False, **kwargs)\n--\n\n"
	     "Make a green thread that belongs to the scope; otherwise as "
	     "green.spawn(). Members\nmay spawn too. One that is spawned into "
	     "a scope that is cancelled runs until its\nfirst call that can "
	     "block.");
#define FAST(fn) (PyCFunction)(void (*)(void)) fn

static PyMethodDef block_methods[] = {
	{ "__enter__", scope_enter, METH_NOARGS, NULL },
	{ "__exit__", FAST(scope_exit), METH_FASTCALL, NULL },
	{ "_cancelled", scope_cancelled, METH_NOARGS, cancelled_doc },
	{ NULL, NULL, 0, NULL },
};

static PyMethodDef scope_methods[] = {
	{ "cancel", scope_cancel, METH_NOARGS, cancel_doc },
	{ "cancelled", scope_cancelled, METH_NOARGS, cancelled_doc },
	{ "spawn", FAST(scope_spawn), METH_FASTCALL | METH_KEYWORDS,
	  spawn_doc },
	{ NULL, NULL, 0, NULL },
};

static PyObject *
get_failed(PyObject *self, void *unused)
{
	struct scope *s = (struct scope *)self;

	(void)unused;
	return s->failed ? PySequence_List(s->failed) : PyList_New(0);
}

static PyMemberDef block_members[] = {
	{ "_limit", T_OBJECT, offsetof(struct scope, limit), 0, NULL },
	{ NULL, 0, 0, 0, NULL },
};

static PyGetSetDef block_getset[] = {
	{ "_failed", get_failed, NULL, NULL, NULL },
	{ "__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL,
	  NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyTypeObject block_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.Block",
	.tp_basicsize = sizeof(struct scope),
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE |
		    Py_TPFLAGS_HAVE_GC,
	.tp_doc = "What green.timeout and green.move_on_after are made of.",
	.tp_weaklistoffset = offsetof(struct scope, weakrefs),
	.tp_dictoffset = offsetof(struct scope, dict),
	.tp_new = PyType_GenericNew,
	.tp_dealloc = scope_dealloc,
	.tp_traverse = scope_traverse,
	.tp_clear = scope_clear,
	.tp_methods = block_methods,
	.tp_members = block_members,
	.tp_getset = block_getset,
};

static PyTypeObject scope_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.Scope",
	.tp_base = &block_type,
	.tp_basicsize = sizeof(struct scope),
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE |
		    Py_TPFLAGS_HAVE_GC,
	.tp_doc = "What green.scope is made of.",
	.tp_weaklistoffset = offsetof(struct scope, weakrefs),
	.tp_dictoffset = offsetof(struct scope, dict),
	.tp_traverse = scope_traverse,
	.tp_clear = scope_clear,
	.tp_methods = scope_methods,
};

/* ---- green.shield ------------------------------------------------------- */

struct shield {
	PyObject_HEAD int before;
};

static PyObject *
shield_enter(PyObject *self, PyObject *unused)
{
	int before;

	(void)unused;
	if (!worker_get())
		return NULL;
	before = green_shield(1);
	if (before < 0)
		return raise_null(before);
	((struct shield *)self)->before = before;
	Py_RETURN_NONE;
}

static PyObject *
shield_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	(void)args;
	(void)nargs;
	green_shield(((struct shield *)self)->before);
	Py_RETURN_NONE;
}

static PyMethodDef shield_methods[] = {
	{ "__enter__", shield_enter, METH_NOARGS, NULL },
	{ "__exit__", FAST(shield_exit), METH_FASTCALL, NULL },
	{ NULL, NULL, 0, NULL },
};

static PyTypeObject shield_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.Shield",
	.tp_basicsize = sizeof(struct shield),
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
	.tp_doc = "What green.shield is made of.",
	.tp_new = PyType_GenericNew,
	.tp_methods = shield_methods,
};

int
scope_init(PyObject *module)
{
	if (type_add(module, &block_type) < 0 ||
	    type_add(module, &scope_type) < 0)
		return -1;
	return type_add(module, &shield_type);
}
