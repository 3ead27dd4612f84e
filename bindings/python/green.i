/* SPDX-License-Identifier: MIT */
/*
 * The Python bindings, read by SWIG with -builtin.
 *
 * SWIG reads the real headers and makes `green.core`: the C calls under their
 * C names, with their header comments as docstrings (docs.i, made from the
 * headers) and the constants. What a Python program uses day to day, spawn()
 * and what belongs to it, cannot be a plain wrapping: it carries Python
 * functions, exceptions and interpreter state. That is C in py_*.c, added to
 * the same module in %init, and `green` shows it.
 *
 * Never built with -threads: it would drop the GIL around each call, and what
 * is switched to would run without it. The GIL is dropped while a worker
 * sleeps, by the hooks in py_worker.c.
 */

%module(package="green") core

%begin %{
/* What SWIG writes is its own. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
%}

%{
#include "config.h"

#include "py_green.h"

#include <errno.h>
#include <stdlib.h>
%}

%init %{
	if (error_init(m) < 0 || worker_init(m) < 0 || thread_init(m) < 0 ||
	    local_init(m) < 0 || lock_init(m) < 0 || semaphore_init(m) < 0 ||
	    chan_init(m) < 0 || scope_init(m) < 0 || event_init(m) < 0 ||
	    cond_init(m) < 0 || rwlock_init(m) < 0 || module_init(m) < 0)
		return NULL;
%}

%include <stdint.i>

/* ---- errors: every int that a call returns is 0, a number, or -errno --- */

%typemap(out) int {
	if ($1 < 0) {
		raise_error($1);
		SWIG_fail;
	}
	$result = PyLong_FromLong($1);
}
/* Most return 0 or an error, and 0 says nothing. */
%define RETURNS_NOTHING(fn)
%typemap(out) int fn {
	if ($1 < 0) {
		raise_error($1);
		SWIG_fail;
	}
	$result = Py_NewRef(Py_None);
}
%enddef

RETURNS_NOTHING(green_cancel)
RETURNS_NOTHING(green_clock_advance)
RETURNS_NOTHING(green_clock_real)
RETURNS_NOTHING(green_clock_virtual)
RETURNS_NOTHING(green_detach)
RETURNS_NOTHING(green_dump)
RETURNS_NOTHING(green_dump_times)
RETURNS_NOTHING(green_interrupt)
RETURNS_NOTHING(green_join)
RETURNS_NOTHING(green_name_get)
RETURNS_NOTHING(green_name_set)
RETURNS_NOTHING(green_overflow_report)
RETURNS_NOTHING(green_seed_set)
RETURNS_NOTHING(green_sleep_until)
RETURNS_NOTHING(green_stack_get)
RETURNS_NOTHING(green_stats_get)

/* A field that counts, or an address. */
%typemap(out) int64_t { $result = PyLong_FromLongLong($1); }

/* ---- calls that may park ------------------------------------------------
 * The OS thread must be a worker of ours before its first one, so that the
 * hooks are in place; and signals are looked at after each. */
%define MAY_PARK(fn)
%exception fn {
	struct worker *green_worker = worker_get();

	if (!green_worker)
		SWIG_fail;
	$action
	if (worker_after(green_worker) < 0)
		SWIG_fail;
}
%enddef

MAY_PARK(green_join)
MAY_PARK(green_sleep_until)
MAY_PARK(green_yield)

/* These make the OS thread a worker, or ask about one. */
%define WANTS_WORKER(fn)
%exception fn {
	if (!worker_get())
		SWIG_fail;
	$action
}
%enddef

WANTS_WORKER(green_clock_virtual)
WANTS_WORKER(green_dump)
WANTS_WORKER(green_dump_blocked)
WANTS_WORKER(green_interrupt)
WANTS_WORKER(green_name_get)
WANTS_WORKER(green_name_set)
WANTS_WORKER(green_seed_set)
WANTS_WORKER(green_self)
WANTS_WORKER(green_shield)
WANTS_WORKER(green_stack_get)

/* ---- arguments ---------------------------------------------------------- */

/* green_join(id, deadline): what a Python thread returns is in its Thread. */
%typemap(in, numinputs=0) void **ret_value { $1 = NULL; }

/* green_name_get(id) -> str */
%typemap(in, numinputs=0) (char *buf, size_t size) (char name[GREEN_NAME_MAX]) {
	name[0] = '\0';
	$1 = name;
	$2 = sizeof(name);
}
%typemap(argout) (char *buf, size_t size) {
	Py_DECREF($result);
	$result = PyUnicode_DecodeUTF8($1, (Py_ssize_t)strlen($1), "replace");
}

/* green_stats_get() and green_stack_get(id) -> a filled struct */
%typemap(in, numinputs=0) struct green_stats *stats {
	$1 = calloc(1, sizeof(*$1));
	if (!$1) {
		PyErr_NoMemory();
		SWIG_fail;
	}
	$1->size = sizeof(*$1);
}
%typemap(argout) struct green_stats *stats {
	Py_DECREF($result);
	$result = SWIG_NewPointerObj($1, $descriptor(struct green_stats *),
				     SWIG_POINTER_OWN);
	$1 = NULL;
}
%typemap(freearg) struct green_stats *stats { free($1); }
%apply struct green_stats *stats { struct green_stack_info *ret_info }
%typemap(argout) struct green_stack_info *ret_info {
	Py_DECREF($result);
	$result = SWIG_NewPointerObj($1, $descriptor(struct green_stack_info *),
				     SWIG_POINTER_OWN);
	$1 = NULL;
}

/* ---- not for Python -----------------------------------------------------
 * Made anew by py_*.c: spawn(), excepthook and Deadlock, green.local, scopes;
 * what is to be cleaned up is in a finally. */
%ignore green_explore;
%ignore green_explore_attr;
%ignore green_explore_result;
%ignore green_spawn;
%ignore green_attr;
%ignore green_deadlock_hook;
%ignore green_key_create;
%ignore green_key_delete;
%ignore green_key_get;
%ignore green_key_set;
%ignore green_cleanup_pop;
%ignore green_cleanup_push;
%ignore green_scope_attr;
%ignore green_scope_cancel;
%ignore green_scope_cancelled;
%ignore green_scope_create;
%ignore green_scope_destroy;
%ignore green_scope_enter;
%ignore green_scope_fail;
%ignore green_scope_leave;
%ignore green_scope_spawn;
%ignore green_scope_wait;
/* Would leave Python frames without unwinding them; raise SystemExit. */
%ignore green_exit;
/* For programs that have a loop of their own, in C. */
%ignore green_poll_fd;
%ignore green_run_ready;
/* The binding's own business. */
%ignore green_control_size;
%ignore green_hooks;
%ignore green_hooks_set;
%ignore green_park;
%ignore green_reserve;
%ignore green_user;
/* Of several workers one could run Python at a time, and the state that is
 * swapped at each switch belongs to one OS thread. */
%ignore green_runtime_attr;
%ignore green_runtime_create;
%ignore green_runtime_destroy;
%ignore green_runtime_run;
/* green/context.h is not here at all: what runs on a context of its own
 * shares the interpreter state of the caller, and crashes it. Nor is
 * green/sync.h, whose objects are memory of the caller's, nor green/chan.h and
 * green/select.h, which copy memory: their calls are behind the classes that
 * py_*.c make; nor green/offload.h and green/net.h, whose results are C's: there
 * are offload(), and the standard library's calls through it. */

%immutable;
%nodefaultctor;
/* malloc'ed above */
%extend green_stats { ~green_stats() { free($self); } }
%extend green_stack_info { ~green_stack_info() { free($self); } }

%include "docs.i"
%include <green/base.h>
%include <green/runtime.h>
%include <green/time.h>
%include <green/thread.h>
%include <green/embed.h>
%include <green/scope.h>
%include <green/explore.h>
