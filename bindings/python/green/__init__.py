# SPDX-License-Identifier: MIT
"""Green threads: write straight-line code, run a million of it.

    import green

    def work(n):
        green.sleep(0.1)
        return n * n

    threads = [green.spawn(work, n) for n in range(1000)]
    print(sum(t.result() for t in threads))

Green threads take turns on the OS thread that spawned them: one runs until it
waits or yields. What they wait for each other with (locks, channels, queues and
so on) serves those of several OS threads, and has the names of the standard
library where that has the same. `green.core` has the calls of the C library
under their own names.
"""

import atexit as _atexit
import contextlib as _contextlib
import errno as _errno
import io as _io
import os as _os
import sys as _sys
import traceback as _traceback
from collections import namedtuple as _namedtuple
from typing import NamedTuple as _NamedTuple

from . import _core
from . import core
from ._core import (
    BoundedSemaphore,
    Cancelled,
    Channel,
    Closed,
    Condition,
    Deadlock,
    Event,
    Lock,
    RLock,
    RWLock,
    Semaphore,
    Thread,
    current,
    local,
    now,
    offload,
    select,
    set_stack_size,
    sleep,
    spawn,
    yield_,
)
from ._net import getaddrinfo, getnameinfo
from ._scope import move_on_after, scope, shield, timeout
from ._sync import Barrier, LifoQueue, PriorityQueue, Queue

__all__ = [
    "Barrier",
    "BoundedSemaphore",
    "Cancelled",
    "Channel",
    "Closed",
    "Condition",
    "Deadlock",
    "Event",
    "ExceptHookArgs",
    "Exploration",
    "LifoQueue",
    "Lock",
    "PriorityQueue",
    "Queue",
    "RLock",
    "RWLock",
    "Semaphore",
    "Stats",
    "Thread",
    "core",
    "current",
    "dump",
    "dump_blocked",
    "dump_times",
    "excepthook",
    "explore",
    "getaddrinfo",
    "getnameinfo",
    "local",
    "move_on_after",
    "now",
    "offload",
    "scope",
    "seed",
    "select",
    "set_stack_size",
    "shield",
    "sleep",
    "spawn",
    "stats",
    "timeout",
    "trim",
    "version",
    "virtual_clock",
    "yield_",
]

#: The version of the C library.
version = core.green_version()
__version__ = version


class Stats(_NamedTuple):
    """Numbers of the whole process; green/runtime.h says what each is."""

    threads: int
    spawned: int
    abandoned: int
    workers: int
    stacks_guard_install: int
    stacks_guard_mprotect: int
    stacks_guard_none: int
    stacks_free: int
    stack_bytes: int
    sleeps: int


def stats():
    """Numbers of the whole process, as a named tuple."""
    numbers = core.green_stats_get()
    return Stats(*(getattr(numbers, name) for name in Stats._fields))


def trim():
    """Give the memory of unused stacks back to the system; returns bytes."""
    return core.green_trim()


# ---- time ------------------------------------------------------------------

class virtual_clock(_contextlib.ContextDecorator):
    """A context, or a decorator, in which time stands still while any green
    thread of this OS thread can run, and jumps to the next deadline when none
    can: tests of time-outs take no time, and give the same every time.

        with green.virtual_clock() as clock:
            green.sleep(3600)       # at once
            clock.advance(60)       # as if this thread had been busy

    It begins at start (seconds), and at its end the real clock is back; by
    then no thread may wait with a timeout any more. They do not nest."""

    def __init__(self, start=1.0):
        self._start = start

    def __enter__(self):
        core.green_clock_virtual(_nanoseconds(self._start))
        return self

    def __exit__(self, *exc_info):
        core.green_clock_real()

    def advance(self, seconds, /):
        """Let so many seconds pass at once. Threads whose time has come by
        then can run, but do not before the caller waits or yields."""
        core.green_clock_advance(_nanoseconds(seconds))


def seed(seed, /):
    """Have the green threads of this OS thread run in an order that seed (an
    int) determines, to find out what depends on it; 0 is first in first out,
    as usual. The same seed gives the same order. The environment variable
    GREEN_SEED says it from the beginning."""
    core.green_seed_set(seed)


class Exploration(_NamedTuple):
    """What explore() found: how many runs it made, whether these were all
    orders there are, and the most choices in one of them."""

    runs: int
    complete: bool
    choices: int


def explore(fn, /, *, name=None, timeouts=False, max_runs=0, max_choices=0,
            max_steps=0, schedule=None):
    """Run fn(), with all threads that it spawns, again and again, until it ran
    in every order there is; returns an Exploration.

    Wherever a thread yields, waits or ends and more than one can go on, each
    run takes another choice; with timeouts, the earliest deadline may also
    come before the others go on. Each run has a virtual clock. fn must depend
    on nothing else: it makes what it uses, and joins what it spawns. There
    may be no other green threads.

    An exception from fn ends it and is raised here, and so does a Deadlock; a
    note on it has the schedule, which makes the same run again when passed
    here, or as GREEN_SCHEDULE in the environment. max_runs limits the runs,
    max_choices the choices of each (after those it goes on first in first
    out), max_steps how often its threads may switch; 0 is no limit, 1023 and
    a million."""
    result, runs, complete, choices, found, error, report = _core.explore(
        fn, name, schedule, timeouts, max_runs, max_choices, max_steps)
    if result == 0:
        return Exploration(runs, complete, choices)
    if error is None and result == -_errno.EDEADLK:
        error = Deadlock(report)
    elif error is None:
        error = OSError(-result, core.green_strerror(result))
    if runs:
        where = f"{name}:{found}" if name else found
        error.add_note(f"in run {runs} of an exploration; "
                       f"GREEN_SCHEDULE={where} runs it again")
    raise error


def _nanoseconds(seconds):
    return round(seconds * 1e9)


# ---- exceptions that nobody takes ------------------------------------------

ExceptHookArgs = _namedtuple(
    "ExceptHookArgs", "exc_type exc_value exc_traceback thread")
ExceptHookArgs.__doc__ = "What excepthook() is called with."


def excepthook(args, /):
    """Called with the exception that ended a thread, when nobody can take it
    with result() or exception() any more.

    Assign another function to green.excepthook to have that called; this one
    stays as green.__excepthook__. It writes to sys.stderr, and leaves out
    SystemExit, as threading.excepthook() does.
    """
    if issubclass(args.exc_type, SystemExit) or _sys.stderr is None:
        return
    print(f"Exception in green thread {args.thread.name}:", file=_sys.stderr)
    _traceback.print_exception(
        args.exc_type, args.exc_value, args.exc_traceback, file=_sys.stderr)
    _sys.stderr.flush()


__excepthook__ = excepthook


def _report(args):
    """Called by C. The hook may have been taken away, or fail."""
    args = ExceptHookArgs(*args)
    try:
        (excepthook or __excepthook__)(args)
    except BaseException:
        _sys.excepthook(*_sys.exc_info())
        __excepthook__(args)


# ---- reports ---------------------------------------------------------------

def _core_report(write):
    """What write(fd) writes, and what it returns."""
    fd = _os.memfd_create("green dump")
    try:
        result = write(fd)
        _os.lseek(fd, 0, _os.SEEK_SET)
        with open(fd, closefd=False, errors="replace") as report:
            return report.read(), result
    finally:
        _os.close(fd)


def dump(file=None):
    """Write a report of every thread of this OS thread to file (sys.stderr):
    id, name, state, what it waits for, how much stack it used; then where each
    one is in its Python code."""
    out = _io.StringIO()
    out.write(_core_report(core.green_dump)[0])
    for thread in _core.threads():
        out.write(f"\n{thread.name} ({thread.id}), most recent call last:\n")
        frame = thread._frame()
        if frame is None:
            out.write("  not started\n")
        else:
            out.writelines(_traceback.format_stack(frame))
    print(out.getvalue(), end="", file=_sys.stderr if file is None else file)


def dump_times(on=True, /):
    """Have reports say for how long threads have been blocked: of waits that
    begin from now on, or no more. GREEN_DUMP_TIMES=1 in the environment does
    so from the start."""
    core.green_dump_times(int(bool(on)))


def dump_blocked(longer_than, file=None):
    """Write those lines of dump() to file (sys.stderr) that are about threads
    which have been blocked for more than so many seconds: not asleep, but
    waiting for something; and return how many they are. dump_times() must be
    on, or OSError is raised."""
    text, listed = _core_report(
        lambda fd: core.green_dump_blocked(fd, _nanoseconds(longer_than)))
    print(text, end="", file=_sys.stderr if file is None else file)
    return listed


# ---- life of the process ---------------------------------------------------

_os.register_at_fork(after_in_child=_core.after_fork)
_atexit.register(_core.shutdown)
