/* SPDX-License-Identifier: MIT */
/*
 * The functions that `green` shows beside those that SWIG wrapped.
 */

#include "config.h"

#include "py_green.h"

PyDoc_STRVAR(
	spawn_doc,
	"spawn($module, fn, /, *args, name=None, stack_size=None, **kwargs)\n"
	"--\n\n"
	"Make a green thread that runs fn(*args, **kwargs); returns its "
	"Thread.\n\n"
	"It waits its turn: nothing runs before this returns. It begins with "
	"a copy of\nthe caller's context variables. name is for reports, "
	"stack_size is in bytes of\naddress space (see set_stack_size()).");

PyDoc_STRVAR(
	set_stack_size_doc,
	"set_stack_size($module, size, /)\n--\n\n"
	"Set how many bytes of address space each new thread gets for its "
	"stack; None\nfor the default. Only what is used costs memory. "
	"Returns what it was.\n\n"
	"The default is enough for sys.getrecursionlimit() of 1000. Whoever "
	"raises that\nlimit wants about 1 KiB more for each level that goes "
	"through C.");

PyDoc_STRVAR(explore_doc,
	     "explore($module, fn, name, schedule, timeouts, max_runs, "
	     "max_choices,\n        max_steps, /)\n--\n\n"
	     "What green.explore() is made of.");

static PyMethodDef methods[] = {
	{ "spawn", (PyCFunction)(void (*)(void))green_py_spawn,
	  METH_FASTCALL | METH_KEYWORDS, spawn_doc },
	{ "set_stack_size", green_py_set_stack_size, METH_O,
	  set_stack_size_doc },
	{ "explore", green_py_explore, METH_VARARGS, explore_doc },
	{ NULL, NULL, 0, NULL },
};

int
module_init(PyObject *module)
{
	if (PyModule_AddFunctions(module, methods) < 0)
		return -1;
	return PyModule_AddFunctions(module, green_py_wait_methods);
}
