/* SPDX-License-Identifier: MIT */
/*
 * The object behind green.Thread.
 *
 * It is a type of C's own and not one that SWIG makes: there is no C struct
 * behind it that SWIG could wrap, ids are numbers, and SWIG's object header
 * changes from release to release.
 *
 * The garbage collector sees what the object refers to. A thread that has not
 * ended refers to itself, so what is on its stack need not be seen.
 *
 * An exception that ended the thread and that nobody took with result() or
 * exception() goes to green.excepthook when nobody can take it any more.
 */

#include "config.h"

#include "py_green.h"

#include <errno.h>
#include <stddef.h>

struct thread *
thread_new(void)
{
	struct thread *t = PyObject_GC_New(struct thread,
					   &green_py_thread_type);

	if (!t)
		return NULL;
	memset((char *)t + sizeof(PyObject), 0,
	       offsetof(struct thread, state) - sizeof(PyObject));
	state_init(&t->state, PyThreadState_Get(), NULL);
	PyObject_GC_Track((PyObject *)t);
	return t;
}

/* Let go of the function and its arguments. */
void
thread_clear_call(struct thread *t)
{
	PyObject **args = t->args;
	size_t i, n = t->nargs;

	t->args = NULL;
	t->nargs = 0;
	Py_CLEAR(t->fn);
	Py_CLEAR(t->kwnames);
	if (!args)
		return;
	for (i = 0; i < n; i++)
		Py_CLEAR(args[i]);
	if (args != t->small)
		PyMem_Free(args);
}

static int
thread_traverse(PyObject *self, visitproc visit, void *arg)
{
	struct thread *t = (struct thread *)self;
	size_t i;

	Py_VISIT(t->name);
	Py_VISIT(t->fn);
	Py_VISIT(t->kwnames);
	Py_VISIT(t->scope);
	Py_VISIT(t->outcome);
	Py_VISIT(t->locals);
	for (i = 0; i < t->nargs; i++)
		Py_VISIT(t->args[i]);
	/* The context of one that runs belongs to the thread state. */
	if (!t->worker || t->worker->current != t)
		Py_VISIT(t->state.context);
	return 0;
}

static int
thread_clear(PyObject *self)
{
	struct thread *t = (struct thread *)self;

	thread_clear_call(t);
	Py_CLEAR(t->scope);
	Py_CLEAR(t->outcome);
	Py_CLEAR(t->locals);
	return 0;
}

/* args of the hook: as those of threading.excepthook. */
static PyObject *
hook_args(struct thread *t)
{
	PyObject *traceback = PyException_GetTraceback(t->outcome), *args;

	args = Py_BuildValue("OONO", Py_TYPE(t->outcome), t->outcome,
			     traceback ? traceback : Py_NewRef(Py_None), t);
	return args;
}

void
thread_report(struct thread *t)
{
	PyObject *package, *args, *ret = NULL;

	if (t->status != THREAD_FAILED || t->seen)
		return;
	t->seen = true;
	args = hook_args(t);
	package = args ? PyImport_ImportModule("green") : NULL;
	if (package)
		ret = PyObject_CallMethod(package, "_report", "(O)", args);
	if (!ret)
		PyErr_WriteUnraisable((PyObject *)t);
	Py_XDECREF(ret);
	Py_XDECREF(package);
	Py_XDECREF(args);
}

static void
thread_finalize(PyObject *self)
{
	struct thread *t = (struct thread *)self;
	PyObject *type, *value, *traceback;

	if (green_py_down)
		return;
	PyErr_Fetch(&type, &value, &traceback);
	thread_report(t);
	PyErr_Restore(type, value, traceback);
}

static void
thread_dealloc(PyObject *self)
{
	struct thread *t = (struct thread *)self;

	if (PyObject_CallFinalizerFromDealloc(self) < 0)
		return;
	PyObject_GC_UnTrack(self);
	if (t->weakrefs)
		PyObject_ClearWeakRefs(self);
	list_del(t);
	/* Ended, and nobody joined it: libgreen can forget it now. */
	if (!t->gone)
		green_detach(t->id);
	thread_clear(self);
	Py_CLEAR(t->name);
	if (!t->main)
		Py_CLEAR(t->state.context);
	PyObject_GC_Del(self);
}

/* ---- what Python sees -------------------------------------------------- */

static PyObject *
get_id(PyObject *self, void *unused)
{
	(void)unused;
	return PyLong_FromUnsignedLongLong(((struct thread *)self)->id);
}

/* Without a name of its own, a thread is called after what it runs. */
static PyObject *
get_name(PyObject *self, void *unused)
{
	struct thread *t = (struct thread *)self;

	(void)unused;
	if (t->name)
		return Py_NewRef(t->name);
	if (t->main)
		return PyUnicode_FromString("main");
	return PyUnicode_FromFormat("green-%llu", (unsigned long long)t->id);
}

static int
set_name(PyObject *self, PyObject *value, void *unused)
{
	struct thread *t = (struct thread *)self;
	const char *name;

	(void)unused;
	if (!value || !PyUnicode_Check(value)) {
		PyErr_SetString(PyExc_TypeError, "name is a str");
		return -1;
	}
	name = PyUnicode_AsUTF8(value);
	if (!name)
		return -1;
	/* For the reports of libgreen; a thread of another OS thread keeps
	 * the old one there. */
	if (!green_py_down && t->worker && t->worker == green_py_worker &&
	    green_name_set(t->id, name) == -ENOMEM)
		return raise_error(-ENOMEM);
	Py_XSETREF(t->name, Py_NewRef(value));
	return 0;
}

static PyGetSetDef thread_getset[] = {
	{ "id", get_id, NULL,
	  "The thread's number (int). Never used for another one.", NULL },
	{ "name", get_name, set_name, "The thread's name (str), for reports.",
	  NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyObject *
is_done(PyObject *self, PyObject *unused)
{
	(void)unused;
	return PyBool_FromLong(((struct thread *)self)->status >= THREAD_DONE);
}

/* Innermost frame of a thread that is suspended; for reports. */
static PyObject *
get_frame(PyObject *self, PyObject *unused)
{
	struct thread *t = (struct thread *)self;
	PyFrameObject *frame = NULL;

	(void)unused;
	if (t->worker && t->worker == green_py_worker &&
	    t->status == THREAD_ALIVE)
		frame = t->worker->current == t
				? PyThreadState_GetFrame(t->worker->ts)
				: state_frame(&t->state, t->worker->ts);
	if (!frame)
		Py_RETURN_NONE;
	return (PyObject *)frame;
}

void
thread_see(struct thread *t)
{
	if (t->seen)
		return;
	t->seen = true;
	if (t->status == THREAD_FAILED)
		list_del(t);
}

static PyObject *
thread_join(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	    PyObject *kwnames)
{
	PyObject *timeout = wait_timeout(args, nargs, kwnames);

	if (!timeout || thread_wait((struct thread *)self, timeout) < 0)
		return NULL;
	Py_RETURN_NONE;
}

/* As a future that was cancelled: green.Cancelled would say that the caller
 * is. */
static bool
was_cancelled(const struct thread *t)
{
	return t->status == THREAD_FAILED &&
	       PyErr_GivenExceptionMatches(t->outcome, green_py_cancelled);
}

static PyObject *
raise_cancelled(struct thread *t)
{
	PyObject *futures = PyImport_ImportModule("concurrent.futures"), *type;

	type = futures ? PyObject_GetAttrString(futures, "CancelledError")
		       : NULL;
	if (type)
		PyErr_Format(type, "%R was cancelled", t);
	Py_XDECREF(type);
	Py_XDECREF(futures);
	return NULL;
}

static PyObject *
thread_result(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	      PyObject *kwnames)
{
	struct thread *t = (struct thread *)self;
	PyObject *timeout = wait_timeout(args, nargs, kwnames), *exc;

	if (!timeout || thread_wait(t, timeout) < 0)
		return NULL;
	thread_see(t);
	if (t->status == THREAD_DONE)
		return Py_NewRef(t->outcome);
	if (was_cancelled(t))
		return raise_cancelled(t);
	exc = Py_NewRef(t->outcome);
	PyErr_Restore(Py_NewRef((PyObject *)Py_TYPE(exc)), exc,
		      PyException_GetTraceback(exc));
	return NULL;
}

static PyObject *
thread_exception(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
		 PyObject *kwnames)
{
	struct thread *t = (struct thread *)self;
	PyObject *timeout = wait_timeout(args, nargs, kwnames);

	if (!timeout || thread_wait(t, timeout) < 0)
		return NULL;
	thread_see(t);
	if (was_cancelled(t))
		return raise_cancelled(t);
	if (t->status == THREAD_FAILED)
		return Py_NewRef(t->outcome);
	Py_RETURN_NONE;
}

/* Any OS thread may; one that has ended is beyond it. */
static PyObject *
thread_cancel(PyObject *self, PyObject *unused)
{
	struct thread *t = (struct thread *)self;
	int rc = t->gone && !t->main ? 0 : green_cancel(t->id);

	(void)unused;
	if (rc < 0 && rc != -ESRCH)
		return raise_null(rc);
	Py_RETURN_NONE;
}

static PyObject *
thread_cancelled(PyObject *self, PyObject *unused)
{
	(void)unused;
	return PyBool_FromLong(was_cancelled((struct thread *)self));
}

#define WAITS \
	"\n\ntimeout is in seconds, None for no limit; when it passes, " \
	"TimeoutError is raised\nand the thread goes on. A thread that was " \
	"lost because its OS thread ended, or in\na forked child, gives " \
	"ProcessLookupError."

PyDoc_STRVAR(join_doc, "join($self, /, timeout=None)\n--\n\n"
		       "Wait until the thread has ended." WAITS);
PyDoc_STRVAR(result_doc, "result($self, /, timeout=None)\n--\n\n"
			 "Wait until the thread has ended; return what its "
			 "function returned, or raise\nthe exception that "
			 "ended it; if it was cancelled, that is\n"
			 "concurrent.futures.CancelledError." WAITS);
PyDoc_STRVAR(exception_doc, "exception($self, /, timeout=None)\n--\n\n"
			    "Wait until the thread has ended; return the "
			    "exception that ended it, or None.\nIf it was "
			    "cancelled, concurrent.futures.CancelledError is "
			    "raised." WAITS);
PyDoc_STRVAR(cancel_doc,
	     "cancel($self, /)\n--\n\n"
	     "Ask the thread to end: from now on each of its calls that can "
	     "block raises\nCancelled, the one in which it waits too, except "
	     "inside of green.shield(). What it\nwaited for stays as it is. "
	     "Any thread may call this; for one that has ended it\ndoes "
	     "nothing.");
PyDoc_STRVAR(cancelled_doc, "cancelled($self, /)\n--\n\n"
			    "Whether Cancelled has ended the thread.");
PyDoc_STRVAR(done_doc, "done($self, /)\n--\n\n"
		       "Whether the thread has ended.");
PyDoc_STRVAR(frame_doc, "_frame($self, /)\n--\n\n"
			"Innermost Python frame, or None.");

#define FAST(fn) (PyCFunction)(void (*)(void)) fn, METH_FASTCALL | METH_KEYWORDS

static PyMethodDef thread_methods[] = {
	{ "join", FAST(thread_join), join_doc },
	{ "result", FAST(thread_result), result_doc },
	{ "exception", FAST(thread_exception), exception_doc },
	{ "cancel", thread_cancel, METH_NOARGS, cancel_doc },
	{ "cancelled", thread_cancelled, METH_NOARGS, cancelled_doc },
	{ "done", is_done, METH_NOARGS, done_doc },
	{ "_frame", get_frame, METH_NOARGS, frame_doc },
	{ NULL, NULL, 0, NULL },
};

static PyObject *
thread_repr(PyObject *self)
{
	static const char *const words[] = { "new", "alive", "done", "failed",
					     "lost" };
	struct thread *t = (struct thread *)self;
	PyObject *name = get_name(self, NULL), *repr;

	if (!name)
		return NULL;
	repr = PyUnicode_FromFormat(
		"<green.Thread %R id=%llu %s>", name, (unsigned long long)t->id,
		was_cancelled(t) ? "cancelled" : words[t->status]);
	Py_DECREF(name);
	return repr;
}

PyDoc_STRVAR(thread_doc, "A green thread, made by green.spawn().");

PyTypeObject green_py_thread_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.Thread",
	.tp_basicsize = sizeof(struct thread),
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
		    Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.tp_doc = thread_doc,
	.tp_weaklistoffset = offsetof(struct thread, weakrefs),
	.tp_traverse = thread_traverse,
	.tp_clear = thread_clear,
	.tp_finalize = thread_finalize,
	.tp_dealloc = thread_dealloc,
	.tp_repr = thread_repr,
	.tp_methods = thread_methods,
	.tp_getset = thread_getset,
};

int
thread_init(PyObject *module)
{
	return type_add(module, &green_py_thread_type);
}
