/* SPDX-License-Identifier: MIT */
#ifndef GREEN_PY_STATE_H
#define GREEN_PY_STATE_H

/*
 * What CPython keeps per thread of execution, saved and loaded at a switch.
 * This file and py_state.c are the only ones that touch PyThreadState.
 *
 * There is one PyThreadState per OS thread, and the green threads of an OS
 * thread take turns with its fields. One PyThreadState per green thread was
 * rejected: the PyGILState API, threading.get_ident() and tracers see OS
 * threads by their PyThreadState, and swapping it costs 31 ns from 3.12 on.
 *
 * Which fields, and why (3.11):
 *
 * - cframe: the head of the list of running eval loops, which lie on the C
 *   stack. With a stack per thread the list stays true while the thread is
 *   suspended; each thread has a bottom of its own.
 * - cframe->use_tracing is the exception: it says whether the OS thread is
 *   being traced, so it is worked out anew for whoever comes in.
 * - datastack_*: where Python frames lie. A thread begins with a chunk inside
 *   the mapping of its stack, which saves an mmap and an munmap a thread.
 * - exc_info: the stack of exceptions being handled, with a bottom of its own.
 * - context: the context variables; context_ver makes caches look again.
 * - recursion: kept as depth, since sys.setrecursionlimit() changes what
 *   remains for all.
 * - trash_delete_nesting: depth of the deallocators running on this stack.
 * - tracing: depth of trace functions running on this stack.
 *
 * Not saved, being the OS thread's: trace and profile functions, the current
 * exception (there is none when anything switches), the threading.local
 * dictionary, asynchronous exceptions, generator and coroutine hooks.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>

#include <stdint.h>

#if PY_VERSION_HEX >> 16 != 0x030b
#error "only the thread state of Python 3.11 is known here"
#endif

struct py_state {
	_PyCFrame *cframe;
	_PyErr_StackItem *exc_info;
	PyObject *context; /* owned while the thread is not running */
	_PyStackChunk *chunk;
	PyObject **data_top;
	PyObject **data_limit;
	int depth;
	int trash_nesting;
	int tracing;
	_PyErr_StackItem exc_bottom;
	_PyCFrame cframe_bottom;
};

static inline void
state_save(struct py_state *s, PyThreadState *ts)
{
	s->cframe = ts->cframe;
	s->exc_info = ts->exc_info;
	s->context = ts->context;
	s->chunk = ts->datastack_chunk;
	s->data_top = ts->datastack_top;
	s->data_limit = ts->datastack_limit;
	s->depth = ts->recursion_limit - ts->recursion_remaining;
	s->trash_nesting = ts->trash_delete_nesting;
	s->tracing = ts->tracing;
}

static inline void
state_load(const struct py_state *s, PyThreadState *ts)
{
	int traced = ts->c_tracefunc || ts->c_profilefunc;

	ts->cframe = s->cframe;
	ts->cframe->use_tracing = traced && !s->tracing ? 255 : 0;
	ts->exc_info = s->exc_info;
	ts->context = s->context;
	ts->context_ver++;
	ts->datastack_chunk = s->chunk;
	ts->datastack_top = s->data_top;
	ts->datastack_limit = s->data_limit;
	ts->recursion_remaining = ts->recursion_limit - s->depth;
	ts->trash_delete_nesting = s->trash_nesting;
	ts->tracing = s->tracing;
}

/* Describe a thread that has not run yet. context (may be NULL: an empty one)
 * becomes its own. */
void state_init(struct py_state *s, PyThreadState *ts, PyObject *context);

/* First thing on the new stack: size bytes at mem are where frames begin. */
void state_begin(PyThreadState *ts, void *mem, size_t size);

/* Last thing: give up what is left, and leave the PyThreadState in the care of
 * nobody, so that s can be freed before the next thread comes in. */
void state_end(PyThreadState *ts);

/* A context to give to state_init(): a copy of the running one. NULL without
 * an exception when there is nothing to copy. */
PyObject *state_context_copy(PyThreadState *ts);

/* The innermost frame of a suspended thread, a new reference; NULL if it has
 * none. */
PyFrameObject *state_frame(const struct py_state *s, PyThreadState *ts);

/* s will never run again, and the memory under its frames is about to go:
 * frame objects that somebody holds get what they show into their own. */
void state_abandon(const struct py_state *s);

/* Keep PyGILState_Release() from deleting ts while green threads use it. */
void state_hold(PyThreadState *ts);

/* A signal has come for which no Python handler was run yet. */
int state_signal_pending(PyThreadState *ts);

#endif
