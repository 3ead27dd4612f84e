/* SPDX-License-Identifier: MIT */
/*
 * select(): a green_select whose clauses are made of Python objects.
 *
 * A thread is joined by one flow at a time (py_wait.c). While a select has a
 * clause for one it counts as the one that joins it, so others wait beside. If
 * somebody else is at it already, the select waits beside: it has no clause for
 * the thread, and is interrupted when the thread has ended. So threads that
 * have ended are looked for before each wait.
 *
 * What the clauses refer to is alive as long as the sequence of them, which is
 * ours for the time of the call.
 */

#include "config.h"

#include "py_chan.h"

#include <limits.h>

/* What belongs to a clause. */
struct extra {
	struct cell *cell;     /* to send, or received */
	struct thread *thread; /* or NULL; borrowed */
	struct waiter beside;  /* linked if it has a pprev */
	bool joins;
};

struct select {
	PyObject *objects; /* tuple or list, owned */
	Py_ssize_t count;
	struct green_clause *clauses;
	struct extra *extras;
	struct worker *worker;
	bool far; /* nobody wakes us for one of the threads */
};

/* ---- from objects to clauses -------------------------------------------- */

static int
set_send(struct select *s, Py_ssize_t i, PyObject *pair)
{
	struct green_clause *c = &s->clauses[i];
	struct chan *chan;

	if (PyTuple_GET_SIZE(pair) != 2 ||
	    !Py_IS_TYPE(PyTuple_GET_ITEM(pair, 0), &green_py_chan_type)) {
		PyErr_SetString(PyExc_TypeError,
				"a tuple is no clause; use Channel.sending()");
		return -1;
	}
	chan = (struct chan *)PyTuple_GET_ITEM(pair, 0);
	s->extras[i].cell = cell_new(chan, PyTuple_GET_ITEM(pair, 1));
	if (!s->extras[i].cell)
		return -1;
	c->kind = GREEN_CLAUSE_SEND;
	c->object = chan->chan;
	c->item = &s->extras[i].cell;
	c->size = sizeof(struct cell *);
	return 0;
}

static int
set_timer(struct green_clause *c, PyObject *seconds)
{
	c->kind = GREEN_CLAUSE_TIMER;
	return wait_deadline(seconds, &c->time);
}

static int
set_thread(struct select *s, Py_ssize_t i, struct thread *t)
{
	s->extras[i].thread = t;
	return wait_check(s->worker, t);
}

static int
set_clause(struct select *s, Py_ssize_t i, PyObject *object)
{
	struct green_clause *c = &s->clauses[i];

	if (object == Py_None)
		return 0;
	if (PyTuple_Check(object))
		return set_send(s, i, object);
	if (PyFloat_Check(object) || PyLong_Check(object))
		return set_timer(c, object);
	if (Py_IS_TYPE(object, &green_py_thread_type))
		return set_thread(s, i, (struct thread *)object);
	if (Py_IS_TYPE(object, &green_py_chan_type)) {
		c->kind = GREEN_CLAUSE_RECV;
		c->object = ((struct chan *)object)->chan;
		c->item = &s->extras[i].cell;
		c->size = sizeof(struct cell *);
		return 0;
	}
	c->object = sem_of(object);
	c->kind = GREEN_CLAUSE_SEM;
	if (c->object)
		return 0;
	c->object = event_of(object);
	c->kind = GREEN_CLAUSE_EVENT;
	if (c->object)
		return 0;
	PyErr_Format(PyExc_TypeError, "select() cannot wait for %R", object);
	return -1;
}

static int
prepare(struct select *s, PyObject *objects)
{
	Py_ssize_t i;

	s->worker = wait_begin();
	s->objects = s->worker ? PySequence_Tuple(objects) : NULL;
	if (!s->objects)
		return -1;
	s->count = PyTuple_GET_SIZE(s->objects);
	s->clauses = PyMem_Calloc((size_t)s->count + 1, sizeof(*s->clauses));
	s->extras = PyMem_Calloc((size_t)s->count + 1, sizeof(*s->extras));
	if (!s->clauses || !s->extras) {
		PyErr_NoMemory();
		return -1;
	}
	for (i = 0; i < s->count; i++)
		if (set_clause(s, i, PyTuple_GET_ITEM(s->objects, i)) < 0)
			return -1;
	return 0;
}

static void
finish(struct select *s)
{
	Py_ssize_t i;

	for (i = 0; s->extras && i < s->count; i++)
		if (s->clauses[i].kind == GREEN_CLAUSE_SEND &&
		    s->extras[i].cell)
			Py_DECREF(cell_take(s->extras[i].cell));
	PyMem_Free(s->clauses);
	PyMem_Free(s->extras);
	Py_XDECREF(s->objects);
}

/* ---- threads ------------------------------------------------------------ */

/* The clause of one that has ended, or -1. */
static Py_ssize_t
find_ended(const struct select *s)
{
	Py_ssize_t i;

	for (i = 0; i < s->count; i++)
		if (s->extras[i].thread &&
		    s->extras[i].thread->status >= THREAD_DONE)
			return i;
	return -1;
}

/* Join the threads, or wait beside those who do. */
static void
attach(struct select *s)
{
	Py_ssize_t i;

	s->far = false;
	for (i = 0; i < s->count; i++) {
		struct extra *x = &s->extras[i];
		struct thread *t = x->thread;

		if (!t)
			continue;
		x->joins = !t->joining;
		if (x->joins) {
			t->joining = s->worker;
			s->clauses[i].kind = GREEN_CLAUSE_THREAD;
			s->clauses[i].id = t->id;
		} else if (t->worker == s->worker || t->joining == s->worker) {
			waiter_add(&x->beside, t, s->worker);
		} else {
			s->far = true;
		}
	}
}

static void
detach(struct select *s, Py_ssize_t chosen)
{
	Py_ssize_t i;

	for (i = 0; i < s->count; i++) {
		struct extra *x = &s->extras[i];
		struct thread *t = x->thread;

		if (!t)
			continue;
		waiter_del(&x->beside);
		if (!x->joins)
			continue;
		x->joins = false;
		s->clauses[i].kind = GREEN_CLAUSE_NONE;
		s->clauses[i].id = 0;
		t->joining = NULL;
		if (i == chosen && (s->clauses[i].result == 0 ||
				    s->clauses[i].result == -ESRCH))
			t->gone = true;
		thread_wake(t, s->worker);
	}
}

/* ---- the call ----------------------------------------------------------- */

/* One wait: an index, or a negative errno. -EINTR: look again. */
static int
wait_once(struct select *s, int64_t deadline)
{
	Py_ssize_t ended = find_ended(s);
	int rc;

	if (ended >= 0) {
		s->clauses[ended].result = s->extras[ended].thread->status ==
							   THREAD_LOST
						   ? -ESRCH
						   : 0;
		return (int)ended;
	}
	attach(s);
	rc = s->far ? select_afar(s->clauses, (size_t)s->count, deadline)
		    : green_select(s->clauses, (size_t)s->count, deadline);
	detach(s, rc);
	return rc;
}

/* The exception of clause i. */
static PyObject *
raise_of(const struct select *s, int i)
{
	PyObject *type, *exc, *traceback, *index = PyLong_FromLong(i);

	chan_raise(s->clauses[i].result);
	PyErr_Fetch(&type, &exc, &traceback);
	PyErr_NormalizeException(&type, &exc, &traceback);
	if (!index || PyObject_SetAttrString(exc, "clause", index) < 0)
		PyErr_Clear();
	Py_XDECREF(index);
	PyErr_Restore(type, exc, traceback);
	return NULL;
}

static PyObject *
chosen(struct select *s, int i)
{
	struct green_clause *c = &s->clauses[i];
	PyObject *object = PyTuple_GET_ITEM(s->objects, i), *value = Py_None;
	bool received = c->kind == GREEN_CLAUSE_RECV && c->result == 0;

	if (c->result < 0)
		return raise_of(s, i);
	if (c->kind == GREEN_CLAUSE_SEND)
		s->extras[i].cell = NULL; /* the receiver's */
	if (c->kind == GREEN_CLAUSE_SEM)
		sem_taken(object);
	if (c->kind == GREEN_CLAUSE_SEM || c->kind == GREEN_CLAUSE_EVENT)
		value = Py_True;
	value = received ? cell_take(s->extras[i].cell) : Py_NewRef(value);
	return Py_BuildValue("iN", i, value);
}

static PyObject *
run(struct select *s, int64_t deadline)
{
	int rc;

	for (;;) {
		rc = wait_once(s, deadline);
		if (likely(rc >= 0))
			return chosen(s, rc);
		if (rc != -EINTR)
			return chan_raise(rc);
		if (worker_after(s->worker) < 0)
			return NULL;
	}
}

PyObject *
green_py_select(PyObject *module, PyObject *args, PyObject *kwargs)
{
	static char first[] = "clauses", second[] = "timeout",
		    *names[] = { first, second, NULL };
	PyObject *objects, *timeout = Py_None, *ret = NULL;
	struct select s = { .objects = NULL };
	int64_t deadline;

	(void)module;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:select", names,
					 &objects, &timeout) ||
	    wait_deadline(timeout, &deadline) < 0)
		return NULL;
	if (prepare(&s, objects) == 0)
		ret = run(&s, deadline);
	finish(&s);
	return ret;
}
