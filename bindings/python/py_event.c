/* SPDX-License-Identifier: MIT */
/*
 * green.Event: a green_event in an object, with the interface of
 * threading.Event. Any number of OS threads may use one.
 *
 * A signal ends the main flow's wait, which then begins anew. If the event was
 * set and cleared in between, that would be missed, so calls of set() are
 * counted. One that resets itself misses nothing: it stays set if nobody waits.
 */

#include "config.h"

#include "py_green.h"

#include <stddef.h>

struct event {
	PyObject_HEAD PyObject *weakrefs;
	struct green_event event;
	uint64_t sets; /* how often set() was called */
	bool set;      /* unless auto_reset */
	bool auto_reset;
};

static int
await(struct event *e, int64_t deadline)
{
	struct worker *w = wait_begin();
	uint64_t sets = e->sets;
	int rc;

	if (!w)
		return WAIT_RAISED;
	do
		rc = green_event_wait(&e->event, deadline);
	while (wait_again(w, &rc) && (e->auto_reset || e->sets == sets));
	return rc == -EINTR ? 0 : rc;
}

static PyObject *
event_wait(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	   PyObject *kwnames)
{
	PyObject *timeout = wait_timeout(args, nargs, kwnames);
	int64_t deadline;

	if (!timeout || wait_deadline(timeout, &deadline) < 0)
		return NULL;
	return wait_acquired(await((struct event *)self, deadline));
}

static PyObject *
event_set(PyObject *self, PyObject *unused)
{
	struct event *e = (struct event *)self;
	int rc = green_event_set(&e->event);

	(void)unused;
	if (rc < 0)
		return raise_null(rc);
	e->set = true;
	e->sets++;
	Py_RETURN_NONE;
}

static PyObject *
event_clear(PyObject *self, PyObject *unused)
{
	struct event *e = (struct event *)self;
	int rc = green_event_reset(&e->event);

	(void)unused;
	if (rc < 0)
		return raise_null(rc);
	e->set = false;
	Py_RETURN_NONE;
}

/* One that resets itself has to be tried. */
static PyObject *
event_is_set(PyObject *self, PyObject *unused)
{
	struct event *e = (struct event *)self;
	int shield, rc;

	(void)unused;
	if (!e->auto_reset)
		return PyBool_FromLong(e->set);
	if (!worker_get())
		return NULL;
	shield = green_shield(1);
	rc = green_event_wait(&e->event, 0);
	if (rc == 0)
		green_event_set(&e->event);
	green_shield(shield);
	return rc && rc != -EAGAIN ? raise_null(rc) : PyBool_FromLong(!rc);
}

static PyObject *
event_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char name[] = "auto_reset", *names[] = { name, NULL };
	struct green_sync_attr attr = { .size = sizeof(attr) };
	struct event *e;
	int auto_reset = 0, rc;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$p:Event", names,
					 &auto_reset))
		return NULL;
	e = (struct event *)type->tp_alloc(type, 0);
	if (!e)
		return NULL;
	e->auto_reset = auto_reset;
	attr.flags = auto_reset ? GREEN_EVENT_AUTO : 0;
	rc = green_event_init(&e->event, &attr);
	if (rc < 0) {
		Py_DECREF(e);
		return raise_null(rc);
	}
	return (PyObject *)e;
}

static void
event_dealloc(PyObject *self)
{
	if (((struct event *)self)->weakrefs)
		PyObject_ClearWeakRefs(self);
	Py_TYPE(self)->tp_free(self);
}

PyDoc_STRVAR(wait_doc,
	     "wait($self, /, timeout=None)\n--\n\n"
	     "Wait until the event is set. Returns True; False when timeout "
	     "(in seconds; None:\nno limit) has passed before.");
PyDoc_STRVAR(
	set_doc,
	"set($self, /)\n--\n\n"
	"It has happened: all who wait go on, and whoever waits later does "
	"not wait, until\nclear(). With auto_reset the one who has waited "
	"longest goes on, or the next one\nthat comes.");
PyDoc_STRVAR(clear_doc, "clear($self, /)\n--\n\n"
			"It has not happened, from now on.");
PyDoc_STRVAR(is_set_doc, "is_set($self, /)\n--\n\nWhether it has happened.");

#define FAST(fn) (PyCFunction)(void (*)(void)) fn

static PyMethodDef event_methods[] = {
	{ "wait", FAST(event_wait), METH_FASTCALL | METH_KEYWORDS, wait_doc },
	{ "set", event_set, METH_NOARGS, set_doc },
	{ "clear", event_clear, METH_NOARGS, clear_doc },
	{ "is_set", event_is_set, METH_NOARGS, is_set_doc },
	{ NULL, NULL, 0, NULL },
};

PyDoc_STRVAR(event_doc,
	     "Event(*, auto_reset=False)\n--\n\n"
	     "Something that has happened or not. As threading.Event; with "
	     "auto_reset it lets one\nthread go on for each set().");

PyTypeObject green_py_event_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.Event",
	.tp_basicsize = sizeof(struct event),
	.tp_flags = Py_TPFLAGS_DEFAULT,
	.tp_doc = event_doc,
	.tp_weaklistoffset = offsetof(struct event, weakrefs),
	.tp_new = event_new,
	.tp_dealloc = event_dealloc,
	.tp_methods = event_methods,
};

struct green_event *
event_of(PyObject *object)
{
	return Py_IS_TYPE(object, &green_py_event_type)
		       ? &((struct event *)object)->event
		       : NULL;
}

int
event_init(PyObject *module)
{
	return type_add(module, &green_py_event_type);
}
