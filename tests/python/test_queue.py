# SPDX-License-Identifier: MIT
"""Proves: queues do what those of the standard library do, for green threads,
of one OS thread or several."""
import queue
import threading

import green
import pytest

kinds = pytest.mark.parametrize("kind", [green.Queue, green.LifoQueue,
                                         green.PriorityQueue])


@pytest.mark.parametrize("kind, order", [
    (green.Queue, [3, 1, 2]), (green.LifoQueue, [2, 1, 3]),
    (green.PriorityQueue, [1, 2, 3])])
def test_orders(kind, order):
    q = kind()
    for n in (3, 1, 2):
        q.put(n)
    assert q.qsize() == 3 and not q.empty() and not q.full()
    assert [q.get() for _ in range(3)] == order
    assert q.empty()


@kinds
def test_whoever_gets_waits(kind):
    q = kind()
    threads = [green.spawn(q.get) for _ in range(3)]
    green.yield_()
    for n in range(3):
        q.put(n)
        assert threads[n].result() == n


@kinds
def test_whoever_puts_waits(kind):
    q = kind(2)
    q.put(1)
    q.put(1)
    assert q.full()
    thread = green.spawn(q.put, 1)
    green.yield_()
    assert not thread.done()
    q.get()
    thread.result()
    assert q.qsize() == 2


@kinds
def test_limits_and_timeouts(kind):
    q = kind(maxsize=1)
    with green.virtual_clock():
        for call in (q.get_nowait, lambda: q.get(block=False),
                     lambda: q.get(timeout=0), lambda: q.get(False, 7)):
            with pytest.raises(queue.Empty):
                call()
        with pytest.raises(queue.Empty):
            q.get(timeout=2)
        assert green.now() == 3.0
        q.put_nowait(1)
        for call in (lambda: q.put_nowait(2), lambda: q.put(2, block=False)):
            with pytest.raises(queue.Full):
                call()
        with pytest.raises(queue.Full):
            q.put(2, timeout=3)
        assert green.now() == 6.0
        for call in (lambda: q.put(2, timeout=-1),):
            with pytest.raises(ValueError):
                call()
        q.get()
        with pytest.raises(ValueError):
            q.get(True, -1)
        thread = green.spawn(q.get, timeout=5)
        green.sleep(4)
        q.put("in time")
        assert thread.result() == "in time"


@kinds
def test_join(kind):
    q = kind()
    q.join()
    for n in range(3):
        q.put(n)
    assert q.unfinished_tasks == 3
    thread = green.spawn(q.join)
    for _ in range(3):
        green.yield_()
        assert not thread.done()
        q.get()
        q.task_done()
    thread.result()
    with pytest.raises(ValueError):
        q.task_done()


def test_no_limit_when_it_is_not_positive():
    for maxsize in (0, -1):
        q = green.Queue(maxsize)
        for n in range(100):
            q.put_nowait(n)
        assert not q.full()


def test_subclasses_decide():
    class Unique(green.Queue[int]):
        def _init(self, maxsize):
            self.items = {}

        def _qsize(self):
            return len(self.items)

        def _put(self, item):
            self.items[item] = None

        def _get(self):
            return self.items.popitem()[0]

    q = Unique()
    for n in (1, 2, 1):
        q.put(n)
    assert q.qsize() == 2 and [q.get(), q.get()] == [2, 1]


def test_nothing_is_lost_when_somebody_is_cancelled():
    def program():
        q = green.Queue()
        threads = [green.spawn(q.get) for _ in range(2)]
        green.yield_()
        q.put("item")
        threads[0].cancel()
        threads[0].join()
        if not threads[0].cancelled():
            assert threads[0].result() == "item"
            threads[1].cancel()
            threads[1].join()
        else:
            assert threads[1].result() == "item"

    assert green.explore(program, max_runs=3000).runs > 5


def test_among_os_threads():
    tasks, results = green.Queue(4), green.Queue()

    def work():
        while (n := tasks.get()) is not None:
            results.put(n * n)
            tasks.task_done()

    def os_thread():
        for thread in [green.spawn(work) for _ in range(3)]:
            thread.result()

    others = [threading.Thread(target=os_thread) for _ in range(2)]
    for other in others:
        other.start()
    for n in range(200):
        tasks.put(n)
    tasks.join()
    for _ in range(6):
        tasks.put(None)
    for other in others:
        other.join()
    assert sorted(results.get() for _ in range(200)) == \
        [n * n for n in range(200)]
