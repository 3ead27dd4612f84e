/* SPDX-License-Identifier: MIT */
/*
 * The cold half of py_state.h: beginning and end of a thread's interpreter
 * state, and what can be seen of it from outside while it is suspended.
 *
 * Invariant: a PyThreadState that no green thread is using refers to nothing
 * but itself. state_end() establishes it, and it lets a thread's block be
 * freed while the next thread is still to come in.
 *
 * The layout of interpreter frames is needed for one thing only: a thread
 * that is abandoned takes its data stack with it, and a frame object that a
 * traceback or a debugger still holds must not point there.
 */

#include "config.h"

/* The internal headers want it; nothing here is built into the interpreter. */
#define Py_BUILD_CORE 1

#include "py_state.h"

#include <internal/pycore_frame.h>
#include <internal/pycore_pystate.h>
#include <internal/pycore_runtime.h>

#include <string.h>

void
state_init(struct py_state *s, PyThreadState *ts, PyObject *context)
{
	memset(s, 0, sizeof(*s));
	s->cframe_bottom.previous = &ts->root_cframe;
	s->cframe = &s->cframe_bottom;
	s->exc_info = &s->exc_bottom;
	s->context = context;
}

/*
 * A root chunk keeps its first word unused, so that the frame that lies at
 * its beginning is never taken for the last of a chunk that can be freed.
 */
void
state_begin(PyThreadState *ts, void *mem, size_t size)
{
	_PyStackChunk *chunk = mem;

	chunk->previous = NULL;
	chunk->size = size;
	chunk->top = 0;
	ts->datastack_chunk = chunk;
	ts->datastack_top = &chunk->data[1];
	ts->datastack_limit = (PyObject **)(void *)((char *)mem + size);
}

void
state_end(PyThreadState *ts)
{
	PyObject *context = ts->context;
	PyObject *handled = ts->exc_info->exc_value;

	ts->exc_info->exc_value = NULL;
	ts->context = NULL;
	ts->context_ver++;
	Py_XDECREF(handled);
	Py_XDECREF(context);
	/* Clearing may have run Python code, which may have made another. */
	Py_CLEAR(ts->context);
	ts->context_ver++;

	ts->cframe = &ts->root_cframe;
	ts->exc_info = &ts->exc_state;
	ts->datastack_chunk = NULL;
	ts->datastack_top = NULL;
	ts->datastack_limit = NULL;
}

PyObject *
state_context_copy(PyThreadState *ts)
{
	return ts->context ? PyContext_CopyCurrent() : NULL;
}

/*
 * PyThreadState_GetFrame() looks at the cframe only, so it is lent that of the
 * suspended thread.
 */
PyFrameObject *
state_frame(const struct py_state *s, PyThreadState *ts)
{
	_PyCFrame *running = ts->cframe;
	PyFrameObject *frame;

	ts->cframe = s->cframe;
	frame = PyThreadState_GetFrame(ts);
	ts->cframe = running;
	return frame;
}

/* Move the frame's locals into its frame object. What lies on its evaluation
 * stack is lost: how much there is, is known to the eval loop only. */
static void
hand_over(_PyInterpreterFrame *frame, PyFrameObject *object)
{
	_PyInterpreterFrame *copy = (void *)object->_f_frame_data;
	size_t locals = (size_t)frame->f_code->co_nlocalsplus;

	memcpy(copy, frame,
	       offsetof(_PyInterpreterFrame, localsplus) +
		       locals * sizeof(frame->localsplus[0]));
	copy->owner = FRAME_OWNED_BY_FRAME_OBJECT;
	copy->stacktop = (int)locals;
	copy->frame_obj = NULL;
	copy->previous = NULL;
	object->f_frame = copy;
	frame->frame_obj = NULL;
	Py_DECREF(object); /* somebody else has it too: never the last */
	if (!PyObject_GC_IsTracked((PyObject *)object))
		PyObject_GC_Track(object);
}

void
state_abandon(const struct py_state *s)
{
	_PyInterpreterFrame *frame = s->cframe->current_frame, *previous;

	for (; frame; frame = previous) {
		previous = frame->previous;
		frame->previous = NULL;
		if (frame->owner == FRAME_OWNED_BY_THREAD && frame->frame_obj &&
		    Py_REFCNT(frame->frame_obj) > 1)
			hand_over(frame, frame->frame_obj);
	}
}

void
state_hold(PyThreadState *ts)
{
	ts->gilstate_counter++;
}

int
state_signal_pending(PyThreadState *ts)
{
	return _Py_ThreadCanHandleSignals(ts->interp) &&
	       _Py_atomic_load_relaxed(&_PyRuntime.ceval.signals_pending);
}
