/* SPDX-License-Identifier: MIT */
/*
 * green.Channel: a green_chan whose items are Python objects.
 *
 * What goes through the channel is the address of a cell, which owns a
 * reference to the item. A cell is in the list of its Channel from when
 * somebody begins to send it until somebody has received it, or until sending
 * has failed. So an item has an owner wherever it is, in the channel, with a
 * sender that waits, or on its way to a receiver that has not run since; the
 * garbage collector sees it; and it goes with the channel if nobody takes it.
 * References in the ring itself were rejected: nobody could visit them there.
 *
 * The list is protected by the GIL, the channel by itself. Whoever waits in it
 * has a reference to the Channel, which therefore outlives the wait; that of a
 * thread which was lost with its OS thread is never given back.
 */

#include "config.h"

#include "py_chan.h"

#include <stddef.h>

/* ---- cells -------------------------------------------------------------- */

static void
cell_link(struct cell **list, struct cell *cell)
{
	cell->next = *list;
	cell->pprev = list;
	if (cell->next)
		cell->next->pprev = &cell->next;
	*list = cell;
}

static void
cell_unlink(struct cell *cell)
{
	*cell->pprev = cell->next;
	if (cell->next)
		cell->next->pprev = cell->pprev;
}

struct cell *
cell_new(struct chan *c, PyObject *item)
{
	struct cell *cell = PyObject_Malloc(sizeof(*cell));

	if (!cell) {
		PyErr_NoMemory();
		return NULL;
	}
	cell->item = Py_NewRef(item);
	cell_link(&c->cells, cell);
	return cell;
}

PyObject *
cell_take(struct cell *cell)
{
	PyObject *item = cell->item;

	cell_unlink(cell);
	PyObject_Free(cell);
	return item;
}

/* ---- sending and receiving ---------------------------------------------- */

PyObject *
chan_raise(int rc)
{
	if (rc == -EAGAIN)
		rc = -ETIMEDOUT;
	return rc == WAIT_RAISED ? NULL : raise_null(rc);
}

/* (item, timeout=None) */
static PyObject *
chan_send(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	  PyObject *kwnames)
{
	struct chan *c = (struct chan *)self;
	struct worker *w;
	struct cell *cell;
	PyObject *timeout;
	int64_t deadline;
	int rc;

	if (nargs < 1) {
		PyErr_SetString(PyExc_TypeError, "send() wants an item first");
		return NULL;
	}
	timeout = wait_timeout(args + 1, nargs - 1, kwnames);
	if (!timeout || wait_deadline(timeout, &deadline) < 0)
		return NULL;
	w = wait_begin();
	cell = w ? cell_new(c, args[0]) : NULL;
	if (!cell)
		return NULL;
	do
		rc = green_chan_send(c->chan, &cell, sizeof(cell), deadline);
	while (wait_again(w, &rc));
	if (likely(rc == 0))
		Py_RETURN_NONE;
	/* Nobody has got it, and nobody will. */
	Py_DECREF(cell_take(cell));
	return chan_raise(rc);
}

static int
receive(struct chan *c, int64_t deadline, PyObject **ret_item)
{
	struct worker *w = wait_begin();
	struct cell *cell;
	int rc;

	if (!w)
		return WAIT_RAISED;
	do
		rc = green_chan_recv(c->chan, &cell, sizeof(cell), deadline);
	while (wait_again(w, &rc));
	if (likely(rc == 0))
		*ret_item = cell_take(cell);
	return rc;
}

static PyObject *
chan_recv(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
	  PyObject *kwnames)
{
	PyObject *timeout = wait_timeout(args, nargs, kwnames), *item;
	int64_t deadline;
	int rc;

	if (!timeout || wait_deadline(timeout, &deadline) < 0)
		return NULL;
	rc = receive((struct chan *)self, deadline, &item);
	return likely(rc == 0) ? item : chan_raise(rc);
}

static PyObject *
chan_next(PyObject *self)
{
	PyObject *item;
	int rc = receive((struct chan *)self, GREEN_NEVER, &item);

	if (likely(rc == 0))
		return item;
	return rc == -EPIPE ? NULL : chan_raise(rc);
}

/* What select() takes. */
static PyObject *
chan_sending(PyObject *self, PyObject *item)
{
	return PyTuple_Pack(2, self, item);
}

static PyObject *
chan_close(PyObject *self, PyObject *unused)
{
	struct chan *c = (struct chan *)self;
	int rc = green_chan_close(c->chan);

	(void)unused;
	if (rc < 0 && rc != -EALREADY)
		return raise_null(rc);
	c->closed = true;
	Py_RETURN_NONE;
}

static PyObject *
chan_exit(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	(void)args;
	(void)nargs;
	return chan_close(self, NULL);
}

static PyObject *
chan_self(PyObject *self, PyObject *unused)
{
	(void)unused;
	return Py_NewRef(self);
}

static Py_ssize_t
chan_length(PyObject *self)
{
	return (Py_ssize_t)green_chan_len(((struct chan *)self)->chan);
}

/* Else an empty channel would be false. */
static int
chan_bool(PyObject *self)
{
	(void)self;
	return 1;
}

/* ---- the object --------------------------------------------------------- */

static int
capacity_of(PyObject *args, PyObject *kwargs, int64_t *ret_capacity)
{
	static char name[] = "capacity", *names[] = { name, NULL };
	PyObject *value = NULL;
	Py_ssize_t capacity;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:Channel", names,
					 &value))
		return -1;
	*ret_capacity = 0;
	if (value == Py_None)
		*ret_capacity = GREEN_CHAN_UNBOUNDED;
	if (!value || value == Py_None)
		return 0;
	capacity = PyNumber_AsSsize_t(value, PyExc_OverflowError);
	if (capacity == -1 && PyErr_Occurred())
		return -1;
	if (capacity < 0) {
		PyErr_SetString(PyExc_ValueError, "capacity is negative");
		return -1;
	}
	*ret_capacity = capacity;
	return 0;
}

static PyObject *
chan_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	struct chan *c;
	int64_t capacity;
	int rc;

	if (capacity_of(args, kwargs, &capacity) < 0)
		return NULL;
	c = (struct chan *)type->tp_alloc(type, 0);
	if (!c)
		return NULL;
	c->capacity = capacity;
	rc = green_chan_create(&c->chan, sizeof(struct cell *), capacity, NULL);
	if (rc < 0) {
		c->chan = NULL;
		Py_DECREF(c);
		return raise_null(rc);
	}
	return (PyObject *)c;
}

static int
chan_traverse(PyObject *self, visitproc visit, void *arg)
{
	struct cell *cell;

	for (cell = ((struct chan *)self)->cells; cell; cell = cell->next)
		Py_VISIT(cell->item);
	return 0;
}

/* Nobody can reach the channel: it carries None from now on. Each item that
 * goes may run Python code that changes the lists. */
static int
chan_clear(PyObject *self)
{
	struct chan *c = (struct chan *)self;
	struct cell *done = NULL, *cell;

	while ((cell = c->cells)) {
		cell_unlink(cell);
		cell_link(&done, cell);
		Py_SETREF(cell->item, Py_NewRef(Py_None));
	}
	while ((cell = done)) {
		cell_unlink(cell);
		cell_link(&c->cells, cell);
	}
	return 0;
}

static void
chan_dealloc(PyObject *self)
{
	struct chan *c = (struct chan *)self;

	PyObject_GC_UnTrack(self);
	Py_TRASHCAN_BEGIN(self, chan_dealloc) if (c->weakrefs)
		PyObject_ClearWeakRefs(self);
	green_chan_destroy(c->chan);
	while (c->cells)
		Py_DECREF(cell_take(c->cells));
	Py_TYPE(self)->tp_free(self);
	Py_TRASHCAN_END
}

static PyObject *
get_capacity(PyObject *self, void *unused)
{
	int64_t capacity = ((struct chan *)self)->capacity;

	(void)unused;
	if (capacity == GREEN_CHAN_UNBOUNDED)
		Py_RETURN_NONE;
	return PyLong_FromLongLong(capacity);
}

static PyObject *
get_closed(PyObject *self, void *unused)
{
	(void)unused;
	return PyBool_FromLong(((struct chan *)self)->closed);
}

static PyGetSetDef chan_getset[] = {
	{ "capacity", get_capacity, NULL,
	  "How many items it holds; None: as many as there is memory for.",
	  NULL },
	{ "closed", get_closed, NULL, "Whether close() was called.", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyObject *
chan_repr(PyObject *self)
{
	return PyUnicode_FromFormat(
		"<green.Channel with %zd items%s at %p>", chan_length(self),
		((struct chan *)self)->closed ? ", closed," : "", self);
}

PyDoc_STRVAR(send_doc,
	     "send($self, item, /, timeout=None)\n--\n\n"
	     "Hand item to whoever has waited longest for one; or put it into "
	     "the channel; or\nwait until there is room. When timeout (in "
	     "seconds; None: no limit) passes before,\nTimeoutError is raised; "
	     "when the channel is closed, or gets closed, Closed. Then\nnobody "
	     "has got the item, and nobody will.");
PyDoc_STRVAR(recv_doc,
	     "recv($self, /, timeout=None)\n--\n\n"
	     "Wait for the oldest item, and return it. When timeout (in "
	     "seconds; None: no\nlimit) passes before, TimeoutError is raised; "
	     "when the channel is closed and\nempty, Closed. No item is ever "
	     "lost.");
PyDoc_STRVAR(sending_doc, "sending($self, item, /)\n--\n\n"
			  "A clause for select(): to send item.");
PyDoc_STRVAR(close_doc,
	     "close($self, /)\n--\n\n"
	     "Nothing more will be sent: whoever sends, or waits to, gets "
	     "Closed; receivers get\nwhat is left, then Closed. To close it "
	     "again does nothing.");

#define FAST(fn) (PyCFunction)(void (*)(void)) fn

static PyMethodDef chan_methods[] = {
	{ "send", FAST(chan_send), METH_FASTCALL | METH_KEYWORDS, send_doc },
	{ "recv", FAST(chan_recv), METH_FASTCALL | METH_KEYWORDS, recv_doc },
	{ "sending", chan_sending, METH_O, sending_doc },
	{ "close", chan_close, METH_NOARGS, close_doc },
	{ "__enter__", chan_self, METH_NOARGS, NULL },
	{ "__exit__", FAST(chan_exit), METH_FASTCALL, NULL },
	{ "__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL },
	{ NULL, NULL, 0, NULL },
};

static PySequenceMethods chan_as_sequence = { .sq_length = chan_length };
static PyNumberMethods chan_as_number = { .nb_bool = chan_bool };

PyDoc_STRVAR(chan_doc,
	     "Channel(capacity=0)\n--\n\n"
	     "Hands items from whoever sends to whoever receives, in order; "
	     "any number of\nboth, of any OS thread.\n\n"
	     "It holds up to capacity items for receivers to come. With 0 each "
	     "send() waits until\nits item is taken; with None no send() "
	     "waits. len() is how many it holds. To iterate\nover it receives "
	     "until it is closed; as a context manager it closes at the end.");

PyTypeObject green_py_chan_type = {
	PyVarObject_HEAD_INIT(NULL, 0).tp_name = "green.Channel",
	.tp_basicsize = sizeof(struct chan),
	.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
	.tp_doc = chan_doc,
	.tp_weaklistoffset = offsetof(struct chan, weakrefs),
	.tp_new = chan_new,
	.tp_dealloc = chan_dealloc,
	.tp_traverse = chan_traverse,
	.tp_clear = chan_clear,
	.tp_repr = chan_repr,
	.tp_iter = PyObject_SelfIter,
	.tp_iternext = chan_next,
	.tp_methods = chan_methods,
	.tp_getset = chan_getset,
	.tp_as_sequence = &chan_as_sequence,
	.tp_as_number = &chan_as_number,
};

int
chan_init(PyObject *module)
{
	return type_add(module, &green_py_chan_type);
}
