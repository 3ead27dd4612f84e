/* SPDX-License-Identifier: MIT */
#ifndef GREEN_PY_CHAN_H
#define GREEN_PY_CHAN_H

/*
 * The inside of green.Channel, for select() too; the rules are in py_chan.c.
 */

#include "py_green.h"

/* An item that somebody sends, and nobody has received yet. */
struct cell {
	struct cell *next;
	struct cell **pprev;
	PyObject *item;
};

struct chan {
	PyObject_HEAD PyObject *weakrefs;
	struct green_chan *chan;
	struct cell *cells; /* of all items that are under way */
	int64_t capacity;   /* or GREEN_CHAN_UNBOUNDED */
	bool closed;        /* close() was called */
};

extern PyTypeObject green_py_chan_type;

/* NULL with an exception. */
struct cell *cell_new(struct chan *c, PyObject *item);
/* Frees the cell; the item is the caller's. */
PyObject *cell_take(struct cell *cell);
/* NULL, with the exception for what a channel call returned. */
PyObject *chan_raise(int rc);

#endif
