/* SPDX-License-Identifier: MIT */
/*
 * Explorations of Python functions. Each run's root is a Thread as any other;
 * when a run has failed, those that libgreen has abandoned are lost.
 */

#include "config.h"

#include "py_green.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

struct exploration {
	struct worker *w;
	PyObject *fn;
	struct thread *root; /* owned, while a run lasts */
	PyObject *error;     /* what the root of a failed run raised */
	PyObject *report;    /* str, of threads that are left */
};

static int
begin_run(void *arg, green_t *ret_root)
{
	struct exploration *e = arg;

	e->root = (struct thread *)green_py_spawn(NULL, &e->fn, 1, NULL);
	if (!e->root)
		return -ECANCELED;
	*ret_root = e->root->id;
	return 0;
}

/* Returns NULL if the run was right. */
static void *
end_run(void *arg, void *value)
{
	struct exploration *e = arg;

	(void)value;
	e->root->gone = true;
	thread_see(e->root);
	/* An exception for the main flow, Ctrl-C perhaps, ends it all. */
	if (worker_after(e->w) < 0)
		return e;
	if (e->root->status == THREAD_FAILED) {
		e->error = Py_NewRef(e->root->outcome);
		return e;
	}
	Py_CLEAR(e->root);
	return NULL;
}

/* As long as the threads are there. */
static void
failed_run(void *arg, int error)
{
	struct exploration *e = arg;
	char text[16384];
	ssize_t len = -1;
	int fd;

	if (error >= 0 || PyErr_Occurred())
		return;
	fd = memfd_create("green exploration report", MFD_CLOEXEC);
	if (fd >= 0) {
		green_dump(fd);
		len = pread(fd, text, sizeof(text), 0);
		close(fd);
	}
	e->report = PyUnicode_DecodeUTF8(text, len > 0 ? len : 0, "replace");
}

/* (result, runs, complete, choices, schedule, error, report) */
static PyObject *
make_result(const struct exploration *e, int rc,
	    const struct green_explore_result *r)
{
	return Py_BuildValue("(iKOKsOO)", rc, (unsigned long long)r->runs,
			     r->complete ? Py_True : Py_False,
			     (unsigned long long)r->choices, r->schedule,
			     e->error ? e->error : Py_None,
			     e->report ? e->report : Py_None);
}

PyObject *
green_py_explore(PyObject *module, PyObject *args)
{
	struct green_explore_attr attr = { .size = sizeof(attr) };
	struct green_explore_result r = { .size = sizeof(r) };
	unsigned long long runs, choices, steps;
	struct exploration e = { .fn = NULL };
	PyObject *result = NULL;
	int timeouts, rc;

	(void)module;
	if (!PyArg_ParseTuple(args, "OzzpKKK", &e.fn, &attr.name,
			      &attr.schedule, &timeouts, &runs, &choices,
			      &steps))
		return NULL;
	e.w = worker_get();
	if (!e.w)
		return NULL;
	attr.flags = GREEN_EXPLORE_QUIET |
		     (timeouts ? GREEN_EXPLORE_TIMEOUTS : 0);
	attr.max_runs = runs;
	attr.max_choices = choices;
	attr.max_steps = steps;
	attr.begin = begin_run;
	attr.end = end_run;
	attr.failed = failed_run;
	rc = green_explore(&attr, NULL, &e, &r);
	worker_lose_abandoned(e.w);
	if (!PyErr_Occurred() && worker_after(e.w) == 0)
		result = make_result(&e, rc, &r);
	Py_CLEAR(e.root);
	Py_CLEAR(e.error);
	Py_CLEAR(e.report);
	return result;
}
