# SPDX-License-Identifier: MIT
"""Cancellation: shields, time-outs, and scopes, which own threads.

The C part is in py_scope.c, with all that must be done; when it is, _end() is
called and decides what leaves the block: with (exc, errors, timed_out), where
exc has ended the block, errors have ended waits for the members since, and the
deadline has passed.
"""

import contextlib as _contextlib

from . import _core
from . import core
from ._core import Cancelled


class shield(_core.Shield, _contextlib.ContextDecorator):
    """A context, or a decorator, that holds cancellation off: for something
    that must be done whole. Afterwards it is there. What is entered inside,
    as a timeout(), works."""

    def _recreate_cm(self):
        return type(self)()


class _Timed(_core.Block, _contextlib.ContextDecorator):
    """What timeout() and move_on_after() share: a scope without members."""

    def __init__(self, seconds):
        self._limit = seconds

    def _recreate_cm(self):
        return type(self)(self._limit)

    def expired(self):
        """Whether the time has passed, and something has noticed."""
        return self._cancelled()

    def _is_end(self, exc):
        """Whether exc is the end of the time, and of nothing else."""
        return (isinstance(exc, Cancelled) and self._cancelled()
                and not core.green_cancelled())


class timeout(_Timed):
    """A context, or a decorator: when so many seconds (None: no limit) have
    passed, calls that can block raise Cancelled in the thread that is inside,
    and TimeoutError leaves the block. It ends nobody who does not wait."""

    def _end(self, exc, errors, timed_out):
        if self._is_end(exc):
            raise TimeoutError(f"{self._limit} seconds passed") from exc


class move_on_after(_Timed):
    """As timeout(), but nothing leaves the block; expired() tells."""

    def _end(self, exc, errors, timed_out):
        return self._is_end(exc)


class scope(_core.Scope):
    """A context that owns the threads which are spawned into it: none of them
    is left when it ends.

        with green.scope() as s:
            for host in hosts:
                s.spawn(fetch, host)

    Its end waits for all of them. When one ends with an exception, or the
    block does, the others are cancelled, and the block; then an ExceptionGroup
    of all these exceptions is raised, in the order in which they came (a
    BaseExceptionGroup, if one of them is no Exception). What only says that a
    thread was cancelled is left out. KeyboardInterrupt and SystemExit leave
    the block as they are.

    When so many seconds have passed as timeout says, all are cancelled, and
    TimeoutError is raised if nothing else is. cancel() calls everything off;
    the block then ends without an exception."""

    def __init__(self, timeout=None):
        self._limit = timeout

    def _end(self, exc, errors, timed_out):
        # Of what has come to this thread, the gravest, and of those the first.
        end = max([exc, *errors], key=_weight)
        if _weight(end) > _weight(Exception()):
            return _leave_with(end, exc)
        failures = [thread.exception() for thread in self._failed]
        if isinstance(end, Exception):
            failures = [end] + [e for e in failures if e is not end]
        if failures:
            raise BaseExceptionGroup("threads of a scope", failures) from None
        if end is not None and core.green_cancelled():
            return _leave_with(end, exc)
        if timed_out:
            raise TimeoutError(f"{self._limit} seconds passed") from end
        return True


def _weight(exc):
    """Of two exceptions that would leave a block, which one does."""
    return (0 if exc is None else 1 if isinstance(exc, Cancelled)
            else 2 if isinstance(exc, Exception) else 3)


def _leave_with(exc, current):
    """What ends _end() so that exc leaves the block."""
    if exc is current:
        return False
    raise exc
