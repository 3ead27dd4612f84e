# SPDX-License-Identifier: MIT
"""What is made of conditions: barriers and queues, with the interface of the
standard library. Any number of OS threads may use one.

A barrier of the C library does not break, and one of threading's does: this is
one of threading's. A queue is not a channel either: subclasses decide what is
next, and task_done() counts.
"""

import collections as _collections
import heapq as _heapq
from queue import Empty, Full
from threading import BrokenBarrierError
from types import GenericAlias as _GenericAlias

from ._core import Condition, Lock


class _Round:
    """One filling of a barrier. Those who wait keep theirs, so that the next
    can begin before all of them have gone."""

    def __init__(self, parties):
        self.free = list(range(parties))[::-1]
        self.open = False
        self.broken = False

    def over(self):
        return self.open or self.broken


class Barrier:
    """As many threads as parties says wait for each other, again and again.

    The last one calls action(), if there is one, before the others go on.
    timeout (in seconds; None: no limit) is that of wait(). As
    threading.Barrier."""

    def __init__(self, parties, action=None, timeout=None):
        if parties < 1:
            raise ValueError("parties must be > 0")
        self._parties = parties
        self._action = action
        self._timeout = timeout
        self._condition = Condition(Lock())
        self._round = _Round(parties)

    def wait(self, timeout=None):
        """Wait until all have come. Returns a number from 0 on, another one to
        each. When the time passes, action() fails, or abort() or reset() is
        called, BrokenBarrierError is raised in all who wait. Who is cancelled,
        or interrupted by an exception of a signal handler, has not come."""
        with self._condition:
            round = self._round
            if round.broken:
                raise BrokenBarrierError
            mine = round.free.pop()
            try:
                if not round.free:
                    self._go_on(round)
                elif not self._condition.wait_for(
                        round.over,
                        self._timeout if timeout is None else timeout):
                    self._break(round)
            finally:
                if not round.over():
                    round.free.append(mine)
            if round.broken:
                raise BrokenBarrierError
            return mine

    def _go_on(self, round):
        try:
            if self._action:
                self._action()
        except BaseException:
            self._break(round)
            raise
        round.open = True
        self._round = _Round(self._parties)
        self._condition.notify_all()

    def _break(self, round):
        round.broken = True
        self._condition.notify_all()

    def reset(self):
        """Begin anew; those who wait get BrokenBarrierError."""
        with self._condition:
            if self.n_waiting:
                self._break(self._round)
            self._round = _Round(self._parties)

    def abort(self):
        """Break the barrier: all who wait or come later get
        BrokenBarrierError, until reset()."""
        with self._condition:
            self._break(self._round)

    @property
    def parties(self):
        """How many threads wait for each other."""
        return self._parties

    @property
    def n_waiting(self):
        """How many are waiting."""
        round = self._round
        return 0 if round.broken else self._parties - len(round.free)

    @property
    def broken(self):
        """Whether the barrier is broken."""
        return self._round.broken


class Queue:
    """A queue, first in first out, of up to maxsize items (0: no limit). As
    queue.Queue; the exceptions are queue.Empty and queue.Full, and subclasses
    can have another order in the same way."""

    __class_getitem__ = classmethod(_GenericAlias)

    def __init__(self, maxsize=0):
        self.maxsize = maxsize
        self.unfinished_tasks = 0
        lock = Lock()
        self._not_empty = Condition(lock)
        self._not_full = Condition(lock)
        self._finished = Condition(lock)
        self._init(maxsize)

    def put(self, item, block=True, timeout=None):
        """Put item into the queue; wait while it is full, for as many seconds
        as timeout says (None: no limit), or not if block is false. Then
        queue.Full is raised."""
        with self._not_full:
            if not self._has_room() and not self._not_full.wait_for(
                    self._has_room, _limit(block, timeout)):
                raise Full
            self._put(item)
            self.unfinished_tasks += 1
            self._not_empty.notify()

    def get(self, block=True, timeout=None):
        """Take an item out of the queue; wait while it is empty, for as many
        seconds as timeout says (None: no limit), or not if block is false.
        Then queue.Empty is raised."""
        with self._not_empty:
            if not self._qsize() and not self._not_empty.wait_for(
                    self._qsize, _limit(block, timeout)):
                raise Empty
            item = self._get()
            self._not_full.notify()
            return item

    def put_nowait(self, item):
        """put(item, block=False)."""
        return self.put(item, block=False)

    def get_nowait(self):
        """get(block=False)."""
        return self.get(block=False)

    def task_done(self):
        """Say that an item which came from get() is done with. ValueError if
        there was none."""
        with self._finished:
            if not self.unfinished_tasks:
                raise ValueError("task_done() called too many times")
            self.unfinished_tasks -= 1
            if not self.unfinished_tasks:
                self._finished.notify_all()

    def join(self):
        """Wait until all items that were put have been done with."""
        with self._finished:
            self._finished.wait_for(lambda: not self.unfinished_tasks)

    def qsize(self):
        """How many items there are."""
        with self._not_empty:
            return self._qsize()

    def empty(self):
        """Whether there are none."""
        return not self.qsize()

    def full(self):
        """Whether put() would wait."""
        with self._not_full:
            return not self._has_room()

    def _has_room(self):
        return not 0 < self.maxsize <= self._qsize()

    # What subclasses replace, as those of queue.Queue do.

    def _init(self, maxsize):
        self.queue = _collections.deque()

    def _qsize(self):
        return len(self.queue)

    def _put(self, item):
        self.queue.append(item)

    def _get(self):
        return self.queue.popleft()


class LifoQueue(Queue):
    """A Queue whose newest item comes first. As queue.LifoQueue."""

    def _init(self, maxsize):
        self.queue = []

    def _get(self):
        return self.queue.pop()


class PriorityQueue(Queue):
    """A Queue whose smallest item comes first. As queue.PriorityQueue."""

    def _init(self, maxsize):
        self.queue = []

    def _put(self, item):
        _heapq.heappush(self.queue, item)

    def _get(self):
        return _heapq.heappop(self.queue)


def _limit(block, timeout):
    """What a condition waits at most."""
    if not block:
        return 0
    if timeout is not None and timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    return timeout
