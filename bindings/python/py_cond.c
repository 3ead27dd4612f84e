/* SPDX-License-Identifier: MIT */
/*
 * green.Condition: a green_cond and the Lock or RLock that goes with it, with
 * the interface of threading.Condition. Any number of OS threads may use one.
 *
 * A signal ends the main flow's wait: its handlers run, with the lock held, and
 * then it waits on. What was notified between the end of the one wait and the
 * beginning of the next would be lost, so notifications are counted, and when
 * there were any the wait is over: one that was meant for somebody else may end
 * it then, which callers of wait() expect.
 */

#include "config.h"

#include "py_green.h"

#include <stddef.h>

struct cond {
	PyObject_HEAD PyObject *weakrefs;
	struct lock *lock;
	struct green_cond cond;
	Py_ssize_t waiting; /* threads in wait() */
	uint64_t notified;  /* how often somebody called notify() */
};

static struct lock *
lock_held(struct cond *c)
{
	if (c->lock && lock_is_mine(c->lock))
		return c->lock;
	PyErr_SetString(PyExc_RuntimeError,
			"the thread does not hold the lock");
	return NULL;
}

/* One wait, and what the lock's owner has noted; 0 or a negative errno. */
static int
wait_once(struct cond *c, struct lock *l, int64_t deadline)
{
	struct lock held = { .owner = l->owner, .depth = l->depth };
	int rc;

	l->owner = 0;
	l->depth = 0;
	c->waiting++;
	rc = green_cond_wait(&c->cond, &l->mutex, deadline);
	c->waiting--;
	l->owner = held.owner;
	l->depth = held.depth;
	return rc;
}

static int
await(struct cond *c, int64_t deadline)
{
	struct lock *l = lock_held(c);
	struct worker *w = l ? wait_begin() : NULL;
	uint64_t notified = c->notified;
	int rc;

	if (!w)
		return WAIT_RAISED;
	do
		rc = wait_once(c, l, deadline);
	while (wait_again(w, &rc) && c->notified == notified);
	return rc == -EINTR ? 0 : rc;
}

static PyObject *
cond_wait(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	  PyObject *kwnames)
{
	PyObject *timeout = wait_timeout(args, nargs, kwnames);
	int64_t deadline;

	if (!timeout || wait_deadline(timeout, &deadline) < 0)
		return NULL;
	return wait_acquired(await((struct cond *)self, deadline));
}

/* Wait until predicate() is true or the deadline has come; what it returned
 * last. */
static PyObject *
wait_until(struct cond *c, PyObject *predicate, int64_t deadline)
{
	int rc = 0;

	for (;;) {
		PyObject *value = PyObject_CallNoArgs(predicate);
		int is_true = value ? PyObject_IsTrue(value) : -1;

		if (is_true > 0 ||
		    (is_true == 0 && (rc == -EAGAIN || rc == -ETIMEDOUT)))
			return value;
		Py_XDECREF(value);
		if (is_true < 0)
			return NULL;
		rc = await(c, deadline);
		if (rc && rc != -EAGAIN && rc != -ETIMEDOUT)
			return wait_acquired(rc);
	}
}

static PyObject *
cond_wait_for(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char first[] = "predicate", second[] = "timeout",
		    *names[] = { first, second, NULL };
	PyObject *predicate, *timeout = Py_None;
	int64_t deadline;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:wait_for", names,
					 &predicate, &timeout) ||
	    wait_deadline(timeout, &deadline) < 0)
		return NULL;
	return wait_until((struct cond *)self, predicate, deadline);
}

static PyObject *
cond_notify(PyObject *self, PyObject *args, PyObject *kwargs)
{
	static char name[] = "n", *names[] = { name, NULL };
	struct cond *c = (struct cond *)self;
	Py_ssize_t n = 1;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|n:notify", names,
					 &n) ||
	    !lock_held(c))
		return NULL;
	c->notified++;
	if (n > c->waiting)
		n = c->waiting;
	for (; n > 0; n--)
		green_cond_signal(&c->cond);
	Py_RETURN_NONE;
}

static PyObject *
cond_notify_all(PyObject *self, PyObject *unused)
{
	struct cond *c = (struct cond *)self;

	(void)unused;
	if (!lock_held(c))
		return NULL;
	c->notified++;
	green_cond_broadcast(&c->cond);
	Py_RETURN_NONE;
}

/* ---- the lock ----------------------------------------------------------- */

/* Those of the lock, by another name. */
static PyObject *
call_lock(PyObject *self, const char *name)
{
	PyObject *lock = (PyObject *)((struct cond *)self)->lock, *method, *ret;

	method = PyObject_GetAttrString(lock, name);
	ret = method ? PyObject_CallNoArgs(method) : NULL;
	Py_XDECREF(method);
	return ret;
}

static PyObject *
cond_enter(PyObject *self, PyObject *unused)
{
	(void)unused;
	return call_lock(self, "__enter__");
}

static PyObject *
cond_release(PyObject *self, PyObject *unused)
{
	(void)unused;
	return call_lock(self, "release");
}

static PyObject *
cond_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	(void)args;
	(void)nargs;
	return call_lock(self, "release");
}

static PyObject *
cond_acquire(PyObject *self, PyObject *args, PyObject *kwargs)
{
	PyObject *lock = (PyObject *)((struct cond *)self)->lock, *method, *ret;

	method = PyObject_GetAttrString(lock, "acquire");
	ret = method ? PyObject_Call(method, args, kwargs) : NULL;
	Py_XDECREF(method);
	return ret;
}

/* ---- the object --------------------------------------------------------- */

static PyObject *
cond_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char name[] = "lock", *names[] = { name, NULL };
	PyObject *lock = Py_None;
	struct cond *c;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:Condition", names,
					 &lock))
		return NULL;
	if (lock != Py_None && !Py_IS_TYPE(lock, &green_py_lock_type) &&
	    !Py_IS_TYPE(lock, &green_py_rlock_type)) {
		PyErr_SetString(PyExc_TypeError,
				"lock is a green.Lock or a green.RLock");
		return NULL;
	}
	c = (struct cond *)type->tp_alloc(type, 0);
	if (!c)
		return NULL;
	c->lock = lock == Py_None ? (struct lock *)PyObject_CallNoArgs(
					    (PyObject *)&green_py_rlock_type)
				  : (struct lock *)Py_NewRef(lock);
	if (!c->lock)
		Py_CLEAR(c);
	return (PyObject *)c;
}

/* Neither does a lock refer to anything, so there can be no cycle. */
static void
cond_dealloc(PyObject *self)
{
	struct cond *c = (struct cond *)self;

	if (c->weakrefs)
		PyObject_ClearWeakRefs(self);
	Py_XDECREF(c->lock);
	Py_TYPE(self)->tp_free(self);
}

PyDoc_STRVAR(wait_doc,
	     "wait($self, /, timeout=None)\n--\n\n"
	     "Release the lock, wait until notified, and acquire the lock "
	     "again. Returns True;\nFalse when timeout (in seconds; None: no "
	     "limit) has passed before. The lock is held\nhowever it ends. "
	     "Look again at what was waited for: others may have had the lock\n"
	     "in between.");
PyDoc_STRVAR(wait_for_doc,
	     "wait_for($self, /, predicate, timeout=None)\n--\n\n"
	     "Wait until predicate() is true, or timeout has passed; returns "
	     "what it returned\nlast.");
PyDoc_STRVAR(notify_doc, "notify($self, /, n=1)\n--\n\n"
			 "End the wait of the n threads that wait longest. The "
			 "lock must be held.");
PyDoc_STRVAR(notify_all_doc, "notify_all($self, /)\n--\n\n"
			     "End the wait of all. The lock must be held.");
PyDoc_STRVAR(acquire_doc,
	     "acquire($self, /, blocking=True, timeout=None)\n--\n\n"
	     "Acquire the lock.");
PyDoc_STRVAR(release_doc, "release($self, /)\n--\n\nRelease the lock.");

#define FAST(fn) (PyCFunction)(void (*)(void)) fn

static PyMethodDef cond_methods[] = {
	{ "wait", FAST(cond_wait), METH_FASTCALL | METH_KEYWORDS, wait_doc },
	{ "wait_for", FAST(cond_wait_for), METH_VARARGS | METH_KEYWORDS,
	  wait_for_doc },
	{ "notify", FAST(cond_notify), METH_VARARGS | METH_KEYWORDS,
	  notify_doc },
	{ "notify_all", cond_notify_all, METH_NOARGS, notify_all_doc },
	{ "acquire", FAST(cond_acquire), METH_VARARGS | METH_KEYWORDS,
	  acquire_doc },
	{ "release", cond_release, METH_NOARGS, release_doc },
	{ "__enter__", cond_enter, METH_NOARGS, NULL },
	{ "__exit__", FAST(cond_exit), METH_FASTCALL, NULL },
	{ NULL, NULL, 0, NULL },
};

PyDoc_STRVAR(cond_doc,
	     "Condition(lock=None)\n--\n\n"
	     "What threads wait for that is told by the state which lock "
	     "protects: a Lock or an\nRLock, by default an RLock of its own. A "
	     "context manager that holds the lock.\nAs threading.Condition.");

static PyTypeObject cond_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.Condition",
	.tp_basicsize = sizeof(struct cond),
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_doc = cond_doc,
	.tp_weaklistoffset = offsetof(struct cond, weakrefs),
	.tp_new = cond_new,
	.tp_dealloc = cond_dealloc,
	.tp_methods = cond_methods,
};

int
cond_init(PyObject *module)
{
	return type_add(module, &cond_type);
}
