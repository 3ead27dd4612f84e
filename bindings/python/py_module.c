/* SPDX-License-Identifier: MIT */
/*
 * The functions that `green` shows beside those that SWIG wrapped.
 */

#include "config.h"

#include "py_green.h"

PyDoc_STRVAR(
	spawn_doc,
	"spawn($module, fn, /, *args, name=None, stack_size=None, "
	"newest_first=False, **kwargs)\n"
	"--\n\n"
	"Make a green thread that runs fn(*args, **kwargs); returns its "
	"Thread.\n\n"
	"It waits its turn: nothing runs before this returns. It begins with "
	"a copy of\nthe caller's context variables. name is for reports, "
	"stack_size is in bytes of\naddress space (see set_stack_size()). "
	"newest_first: it starts before older ones\nthat were spawned with it; "
	"trees of threads that join each other are walked in\ndepth then, and "
	"few of them are alive at a time.");

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

PyDoc_STRVAR(
	select_doc,
	"select($module, /, clauses, timeout=None)\n--\n\n"
	"Wait until one of several things can be done, do that one, and "
	"return its index\nand its value. If several can, each is chosen with "
	"equal probability; none of the\nothers has happened. Clauses are\n\n"
	"    channel                  receive; the value is the item\n"
	"    channel.sending(item)    send\n"
	"    thread                   wait for its end\n"
	"    semaphore                acquire\n"
	"    event                    wait for it\n"
	"    number                   wait for so many seconds\n"
	"    None                     nothing: it is never chosen\n\n"
	"When timeout (in seconds; None: no limit) passes, TimeoutError is "
	"raised. If the one\nthat was chosen fails, its exception is, Closed "
	"for example; its clause attribute is\nthe index.");

PyDoc_STRVAR(
	offload_doc,
	"offload($module, fn, /, *args, **kwargs)\n--\n\n"
	"Have an OS thread of a pool call fn(*args, **kwargs), and wait for "
	"that: for what\nblocks, so that other green threads run meanwhile. "
	"Returns what it returns, or\nraises what it raises; it sees a copy "
	"of the caller's context variables.\n\n"
	"Whoever stops to wait, because of green.timeout() for example, does "
	"not stop the\nfunction: nobody takes its result then.");

static PyMethodDef methods[] = {
	{ "spawn", (PyCFunction)(void (*)(void))green_py_spawn,
	  METH_FASTCALL | METH_KEYWORDS, spawn_doc },
	{ "select", (PyCFunction)(void (*)(void))green_py_select,
	  METH_VARARGS | METH_KEYWORDS, select_doc },
	{ "offload", (PyCFunction)(void (*)(void))green_py_offload,
	  METH_VARARGS | METH_KEYWORDS, offload_doc },
	{ "set_stack_size", green_py_set_stack_size, METH_O,
	  set_stack_size_doc },
	{ "explore", green_py_explore, METH_VARARGS, explore_doc },
	{ NULL, NULL, 0, NULL },
};

int
type_add(PyObject *module, PyTypeObject *type)
{
	if (PyType_Ready(type) < 0)
		return -1;
	return PyModule_AddObjectRef(module, strchr(type->tp_name, '.') + 1,
				     (PyObject *)type);
}

int
module_init(PyObject *module)
{
	if (PyModule_AddFunctions(module, methods) < 0)
		return -1;
	return PyModule_AddFunctions(module, green_py_wait_methods);
}
