# SPDX-License-Identifier: MIT
"""Proves: locks exclude, are handed over in order, and know who holds them.
Twin of t-mutex-*.c."""
import threading
import weakref

import green
import pytest

both = pytest.mark.parametrize("kind", [green.Lock, green.RLock])


@both
def test_one_thread_at_a_time(kind):
    lock = kind()
    inside = []

    def work():
        for _ in range(20):
            with lock:
                inside.append(1)
                green.yield_()
                assert len(inside) == 1
                inside.pop()

    threads = [green.spawn(work) for _ in range(10)]
    for thread in threads:
        thread.result()


@both
def test_handed_over_in_order(kind):
    lock = kind()
    order = []

    def work(n):
        with lock:
            order.append(n)

    lock.acquire()
    threads = [green.spawn(work, n) for n in range(5)]
    green.yield_()
    lock.release()
    # It is the first one's already, though that one has not run.
    assert lock.locked() and not lock.acquire(False)
    lock.acquire()
    order.append("main")
    lock.release()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4, "main"]


@both
def test_what_acquire_returns(kind):
    lock = kind()
    assert lock.acquire() is True
    other = green.spawn(lock.acquire, False)
    assert other.result() is False
    with green.virtual_clock():
        assert green.spawn(lock.acquire, True, 5).result() is False
        assert green.now() == 6.0
        assert green.spawn(lock.acquire, timeout=0).result() is False
        assert green.now() == 6.0
        waiter = green.spawn(lock.acquire, blocking=True, timeout=5)
        green.sleep(3)
        lock.release()
        assert waiter.result() is True
        assert green.now() == 9.0
    assert lock.locked()


@both
def test_timeouts_as_those_of_threading(kind):
    lock = kind()
    for timeout in (-1, None, 1e300):
        assert lock.acquire(timeout=timeout) is True
        lock.release()
    for bad in ((True, -2), (False, 1), (False, 0)):
        with pytest.raises(ValueError):
            lock.acquire(*bad)
    for call in (lambda: lock.acquire(1, 2, 3), lambda: lock.acquire(x=1),
                 lambda: lock.acquire(True, blocking=True),
                 lambda: lock.acquire(timeout="x"), lambda: kind(1)):
        with pytest.raises(TypeError):
            call()
    assert not lock.locked()


@both
def test_only_the_holder_releases(kind):
    lock = kind()
    with pytest.raises(RuntimeError):
        lock.release()
    lock.acquire()
    with pytest.raises(RuntimeError):
        green.spawn(lock.release).result()
    assert lock.locked()
    lock.release()
    with pytest.raises(RuntimeError):
        lock.release()


def test_a_lock_is_not_acquired_twice():
    lock = green.Lock()
    with lock:
        with pytest.raises(green.Deadlock):
            lock.acquire()
        with pytest.raises(green.Deadlock):
            lock.acquire(timeout=1)
        assert lock.acquire(False) is False
        assert lock.locked()
    assert not lock.locked()


def test_an_rlock_is():
    lock = green.RLock()
    for _ in range(3):
        assert lock.acquire()
    other = green.spawn(lock.acquire)
    for _ in range(3):
        green.yield_()
        assert not other.done()
        lock.release()
    assert other.result() is True
    with pytest.raises(RuntimeError):
        lock.release()


@both
def test_an_exception_releases(kind):
    lock = kind()
    with pytest.raises(KeyError):
        with lock as got:
            assert got is True
            raise KeyError
    assert not lock.locked()


@both
def test_says_who_holds_it(kind):
    lock = kind()
    assert repr(lock).startswith("<green.%s at 0x" % kind.__name__)
    with lock:
        assert "held by thread %d" % green.current().id in repr(lock)


@both
def test_a_lock_that_is_held_may_go(kind):
    lock = kind()
    gone = weakref.ref(lock)
    lock.acquire()
    del lock
    assert gone() is None


@both
@pytest.mark.parametrize("seed", range(1, 9))
def test_any_order(kind, seed):
    lock = kind()
    total = 0

    def work():
        nonlocal total
        for _ in range(10):
            with lock:
                seen = total
                green.yield_()
                total = seen + 1

    green.seed(seed)
    try:
        threads = [green.spawn(work) for _ in range(5)]
        for thread in threads:
            thread.result()
    finally:
        green.seed(0)
    assert total == 50


@both
def test_among_os_threads(kind):
    lock = kind()
    total = 0

    def work():
        nonlocal total
        for _ in range(50):
            with lock:
                seen = total
                green.yield_()
                total = seen + 1

    def os_thread():
        for thread in [green.spawn(work) for _ in range(4)]:
            thread.result()

    others = [threading.Thread(target=os_thread) for _ in range(3)]
    for other in others:
        other.start()
    os_thread()
    for other in others:
        other.join()
    assert total == 4 * 4 * 50


def test_handed_over_to_another_os_thread():
    lock = green.Lock()
    steps = []

    def other():
        waits.set()
        with lock:
            steps.append("other")

    waits = threading.Event()
    with lock:
        thread = threading.Thread(target=other)
        thread.start()
        waits.wait()
        steps.append("main")
    thread.join()
    assert steps == ["main", "other"]
    assert not lock.locked()
