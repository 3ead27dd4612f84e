/* SPDX-License-Identifier: MIT */
/*
 * spawn(): from a Python call to a green thread and back.
 *
 * The stack of a Python thread has a reserved top, which holds the first
 * chunk of its Python frames. The C stack grows down from the same point from
 * which the frames grow up, and that point lies inside a page: a thread that
 * does little touches that one page.
 *
 * The end of a thread has an order to it. All that can run Python code
 * (destructors, weak reference callbacks, the report of an exception)
 * happens while its interpreter state is whole; then state_end(); after that
 * nothing may run Python code on this stack, and the thread's own reference
 * to itself goes, which must not be the last one unless nothing is left to
 * destroy.
 */

#include "config.h"

#include "py_green.h"

/* C frames below, Python frames above: where in its page they meet. */
#define PAGE 4096
#define MEET_ABOVE 1536
#define RESERVE_TOP (16 * PAGE + MEET_ABOVE)

/* A slot of libgreen's is a power of two, with a guard of this size in it. */
#define GUARD 16384

/* Python 3.11 counts calls, not bytes: at the default recursion limit of
 * 1000, the worst case that was measured (__getattr__ calling itself through
 * C) needs 842 KiB. A debug build has frames several times as large. */
#ifdef Py_DEBUG
#define STACK_DEFAULT ((8 << 20) - GUARD)
#else
#define STACK_DEFAULT ((1 << 20) - GUARD)
#endif
#define STACK_MIN (RESERVE_TOP - MEET_ABOVE + 16 * PAGE)

static uint64_t default_stack_size = STACK_DEFAULT;

/* ---- the thread itself ------------------------------------------------- */

static void
take_exception(struct thread *t)
{
	PyObject *type, *exc, *traceback;

	PyErr_Fetch(&type, &exc, &traceback);
	PyErr_NormalizeException(&type, &exc, &traceback);
	if (traceback)
		PyException_SetTraceback(exc, traceback);
	Py_XDECREF(type);
	Py_XDECREF(traceback);
	t->outcome = exc;
	t->status = THREAD_FAILED;
	/* It has ended as it was asked to. */
	if (PyErr_GivenExceptionMatches(exc, green_py_cancelled)) {
		t->seen = true;
		return;
	}
	if (t->scope)
		scope_failed(t);
	/* Ctrl-C is for the program, not for whoever was running. */
	if (PyErr_GivenExceptionMatches(exc, PyExc_KeyboardInterrupt)) {
		t->seen = true;
		worker_raise(t->worker, Py_NewRef(exc));
	}
}

/* Nobody but the thread itself knows it: what it leaves behind goes now. */
static void
finish_unknown(struct thread *t)
{
	if (Py_REFCNT(t) > 1)
		return;
	thread_report(t);
	if (Py_REFCNT(t) == 1 && !t->weakrefs)
		Py_CLEAR(t->outcome);
}

/* The thread's own reference to itself. If it is the last one, nothing that
 * goes with it may run Python code here: a weak reference's callback would,
 * and so the object is left to whoever runs next. */
static void
let_go(struct worker *w, struct thread *t)
{
	if (Py_REFCNT(t) == 1 && (t->weakrefs || t->outcome)) {
		worker_leave_to_next(w, t);
		return;
	}
	if (Py_REFCNT(t) == 1) {
		green_hooks_set(NULL, NULL);
		green_detach(t->id);
		t->gone = true;
		t->seen = true;
	}
	Py_DECREF(t);
}

/* The last thread of a forked child whose main flow is gone: libgreen will
 * call exit(), which knows nothing of Python's buffers. */
static void
flush_output(void)
{
	static const char *const names[] = { "stdout", "stderr" };
	size_t i;

	for (i = 0; i < 2; i++) {
		PyObject *file = PySys_GetObject(names[i]), *ret;

		if (!file || file == Py_None)
			continue;
		ret = PyObject_CallMethod(file, "flush", NULL);
		if (!ret)
			PyErr_WriteUnraisable(file);
		Py_XDECREF(ret);
	}
}

static void
finish(struct thread *t)
{
	struct worker *w = t->worker;
	PyThreadState *ts = w->ts;

	thread_clear_call(t);
	Py_CLEAR(t->scope);
	Py_CLEAR(t->locals);
	finish_unknown(t);
	if (unlikely(w->orphan && w->live == t && !t->next))
		flush_output();
	state_end(ts);
	t->state.context = NULL;
	t->state.cframe = &t->state.cframe_bottom;
	list_del(t);
	if (t->status == THREAD_FAILED && !t->seen)
		list_add(&green_py_unseen, t);
	thread_wake(t, w);
	let_go(w, t);
}

static void *
run(void *arg)
{
	struct thread *t = arg;
	PyObject *ret;

	t->status = THREAD_ALIVE;
	state_begin(t->worker->ts, green_reserve(), RESERVE_TOP);
	ret = PyObject_Vectorcall(
		t->fn, t->args,
		t->nargs -
			(t->kwnames ? (size_t)PyTuple_GET_SIZE(t->kwnames) : 0),
		t->kwnames);
	if (ret) {
		t->outcome = ret;
		t->status = THREAD_DONE;
	} else {
		take_exception(t);
	}
	finish(t);
	return NULL;
}

/* ---- from a Python call ------------------------------------------------ */

/* What spawn() keeps for itself of the arguments by keyword. */
struct options {
	PyObject *name;
	uint64_t stack_size;
	PyObject *scope; /* whose member it is to be, or NULL */
	uint64_t flags;
};

static int
parse_stack_size(PyObject *value, uint64_t *ret_size)
{
	Py_ssize_t size = PyNumber_AsSsize_t(value, PyExc_OverflowError);

	if (size == -1 && PyErr_Occurred())
		return -1;
	if (size < STACK_MIN || size > 1 << 30) {
		PyErr_Format(PyExc_ValueError,
			     "stack_size is %zd, not from %d to %d", size,
			     (int)STACK_MIN, 1 << 30);
		return -1;
	}
	*ret_size = (uint64_t)size;
	return 0;
}

/* 1: it is one of spawn()'s own, 0: it is not, -1: exception. */
static int
take_option(struct options *o, PyObject *name, PyObject *value)
{
	if (!PyUnicode_CompareWithASCIIString(name, "name")) {
		if (value != Py_None && !PyUnicode_Check(value)) {
			PyErr_SetString(PyExc_TypeError, "name is a str");
			return -1;
		}
		o->name = value == Py_None ? NULL : value;
		return 1;
	}
	if (!PyUnicode_CompareWithASCIIString(name, "stack_size")) {
		if (value != Py_None &&
		    parse_stack_size(value, &o->stack_size) < 0)
			return -1;
		return 1;
	}
	if (!PyUnicode_CompareWithASCIIString(name, "newest_first")) {
		int on = PyObject_IsTrue(value);

		if (on < 0)
			return -1;
		o->flags = on ? GREEN_NEWEST_FIRST : 0;
		return 1;
	}
	return 0;
}

static void
add_arg(struct thread *t, PyObject *value)
{
	t->args[t->nargs++] = Py_NewRef(value);
}

static int
add_keywords(struct thread *t, struct options *o, PyObject *const *values,
	     PyObject *names)
{
	Py_ssize_t i, n = PyTuple_GET_SIZE(names);
	PyObject *rest = PyList_New(0);

	if (!rest)
		return -1;
	for (i = 0; i < n; i++) {
		PyObject *name = PyTuple_GET_ITEM(names, i);
		int own = take_option(o, name, values[i]);

		if (own < 0 || (!own && PyList_Append(rest, name) < 0))
			goto fail;
		if (!own)
			add_arg(t, values[i]);
	}
	if (PyList_GET_SIZE(rest)) {
		t->kwnames = PyList_AsTuple(rest);
		if (!t->kwnames)
			goto fail;
	}
	Py_DECREF(rest);
	return 0;
fail:
	Py_DECREF(rest);
	return -1;
}

/* args: fn, its arguments, then the values of names. */
static int
take_call(struct thread *t, struct options *o, PyObject *const *args,
	  Py_ssize_t nargs, PyObject *names)
{
	Py_ssize_t nkw = names ? PyTuple_GET_SIZE(names) : 0, i;

	t->args = nargs - 1 + nkw <= THREAD_SMALL_ARGS
			  ? t->small
			  : PyMem_New(PyObject *, nargs - 1 + nkw);
	if (!t->args) {
		PyErr_NoMemory();
		return -1;
	}
	t->fn = Py_NewRef(args[0]);
	for (i = 1; i < nargs; i++)
		add_arg(t, args[i]);
	return nkw ? add_keywords(t, o, args + nargs, names) : 0;
}

/* A thread without a name is called after what it runs. libgreen is not told:
 * that would cost an allocation for a report that hardly ever comes. */
static PyObject *
name_of(PyObject *fn)
{
	if (PyMethod_Check(fn))
		fn = PyMethod_GET_FUNCTION(fn);
	if (!PyFunction_Check(fn))
		return NULL;
	return Py_NewRef(((PyFunctionObject *)fn)->func_qualname);
}

/* Make the libgreen thread, and let t be its own. */
static int
start(struct worker *w, struct thread *t, const struct options *o)
{
	struct green_attr attr = {
		.size = sizeof(attr),
		.flags = o->flags,
		.stack_size = o->stack_size,
		.hooks = &green_py_hooks,
		.user = t,
		.reserve_top = RESERVE_TOP,
	};
	int rc;

	if (o->scope) {
		attr.scope = scope_of(o->scope);
		if (!attr.scope)
			return -1;
		t->scope = Py_NewRef(o->scope);
	}

	if (o->name) {
		attr.name = PyUnicode_AsUTF8(o->name);
		if (!attr.name)
			return -1;
		t->name = Py_NewRef(o->name);
	} else {
		t->name = name_of(t->fn);
	}
	t->state.context = state_context_copy(w->ts);
	if (!t->state.context && PyErr_Occurred())
		return -1;
	rc = green_spawn(&t->id, &attr, run, t);
	if (rc < 0)
		return raise_error(rc);
	t->gone = false;
	t->worker = w;
	list_add(&w->live, t);
	Py_INCREF(t);
	return 0;
}

PyObject *
green_py_spawn_into(PyObject *scope, PyObject *const *args, Py_ssize_t nargs,
		    PyObject *kwnames)
{
	struct options o = { NULL, default_stack_size, scope, 0 };
	struct worker *w = worker_get();
	struct thread *t;

	if (!w)
		return NULL;
	if (nargs < 1 || !PyCallable_Check(args[0])) {
		PyErr_SetString(PyExc_TypeError,
				"spawn() wants a callable first");
		return NULL;
	}
	t = thread_new();
	if (!t)
		return NULL;
	t->gone = true;
	if (take_call(t, &o, args, nargs, kwnames) < 0 || start(w, t, &o) < 0) {
		Py_DECREF(t);
		return NULL;
	}
	return (PyObject *)t;
}

PyObject *
green_py_spawn(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
	       PyObject *kwnames)
{
	(void)module;
	return green_py_spawn_into(NULL, args, nargs, kwnames);
}

PyObject *
green_py_set_stack_size(PyObject *module, PyObject *size)
{
	uint64_t old = default_stack_size;

	(void)module;
	if (size == Py_None)
		default_stack_size = STACK_DEFAULT;
	else if (parse_stack_size(size, &default_stack_size) < 0)
		return NULL;
	return PyLong_FromUnsignedLongLong(old);
}
