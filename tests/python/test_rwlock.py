# SPDX-License-Identifier: MIT
"""Proves: many readers or one writer hold a reader-writer lock, and nobody
starves. Twin of t-rwlock-*.c."""
import threading

import green
import pytest


def test_readers_together_writers_alone():
    lock = green.RWLock()
    inside = {"reader": 0, "writer": 0}
    most = 0

    def work(kind):
        nonlocal most
        for _ in range(10):
            with getattr(lock, kind) as got:
                assert got is True
                inside[kind] += 1
                most = max(most, inside["reader"])
                assert inside["writer"] + bool(inside["reader"]) == 1
                green.yield_()
                inside[kind] -= 1

    threads = [green.spawn(work, kind) for kind in ["reader"] * 4 +
               ["writer"] * 2]
    for thread in threads:
        thread.result()
    assert most > 1


def test_served_in_order():
    lock = green.RWLock()
    order = []

    def work(kind, name):
        with getattr(lock, kind):
            order.append(name)
            green.yield_()

    with lock.reader:
        threads = [green.spawn(work, kind, name) for kind, name in (
            ("writer", "w1"), ("reader", "r1"), ("reader", "r2"),
            ("writer", "w2"), ("reader", "r3"))]
        green.yield_()
        # A writer waits: readers that come later do too.
        assert lock.reader.acquire(False) is False
    for thread in threads:
        thread.result()
    assert order == ["w1", "r1", "r2", "w2", "r3"]


def test_what_acquire_returns():
    lock = green.RWLock()
    assert lock.reader.acquire() is True and lock.reader.acquire() is True
    with green.virtual_clock():
        assert lock.writer.acquire(False) is False
        assert lock.writer.acquire(timeout=2) is False
        assert green.now() == 3.0
        thread = green.spawn(lock.writer.acquire, True, 5)
        green.sleep(1)
        lock.reader.release()
        green.sleep(1)
        lock.reader.release()
        assert thread.result() is True
        assert lock.reader.acquire(timeout=2) is False
        assert green.now() == 7.0
    with pytest.raises(ValueError):
        lock.reader.acquire(False, 1)


def test_released_by_those_who_hold_it():
    lock = green.RWLock()
    for side in lock.reader, lock.writer:
        with pytest.raises(RuntimeError):
            side.release()
    with lock.reader:
        with pytest.raises(RuntimeError):
            lock.writer.release()
    with lock.writer:
        for call in lock.reader.release, \
                green.spawn(lock.writer.release).result:
            with pytest.raises(RuntimeError):
                call()
    assert lock.writer.acquire(False)


def test_a_writer_that_would_wait_for_itself():
    lock = green.RWLock()
    with lock.writer:
        for side in lock.reader, lock.writer:
            with pytest.raises(green.Deadlock):
                side.acquire()
            assert side.acquire(False) is False
    with lock.reader, lock.reader:
        pass


def test_bad_arguments():
    with pytest.raises(TypeError):
        green.RWLock(1)
    with pytest.raises(TypeError):
        type(green.RWLock().reader)()


def test_cancelled_it_makes_way():
    def program():
        lock = green.RWLock()

        def work(side):
            with side:
                green.yield_()

        threads = [green.spawn(work, side) for side in
                   (lock.reader, lock.writer, lock.reader)]
        threads[1].cancel()
        for thread in threads:
            thread.join()
        assert lock.writer.acquire(False)

    assert green.explore(program, max_runs=2000).runs > 1


def test_among_os_threads():
    lock = green.RWLock()
    pair = [0, 0]

    def write():
        for _ in range(30):
            with lock.writer:
                pair[0] += 1
                green.yield_()
                pair[1] += 1

    def read():
        for _ in range(30):
            with lock.reader:
                assert pair[0] == pair[1]
                green.yield_()
                assert pair[0] == pair[1]

    def os_thread():
        for thread in [green.spawn(fn) for fn in (write, read, read)]:
            thread.result()

    others = [threading.Thread(target=os_thread) for _ in range(2)]
    for other in others:
        other.start()
    os_thread()
    for other in others:
        other.join()
    assert pair == [90, 90]
