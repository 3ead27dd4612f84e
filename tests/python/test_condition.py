# SPDX-License-Identifier: MIT
"""Proves: conditions wake whom they should, in order, and hand the lock back.
Twin of t-cond-*.c."""
import signal
import threading

import green
import pytest

locks = pytest.mark.parametrize("lock", [green.Lock, green.RLock,
                                         lambda: None],
                                ids=["Lock", "RLock", "own"])


@locks
def test_notified_in_order(lock):
    condition = green.Condition(lock())
    woken = []

    def work(n):
        with condition:
            assert condition.wait() is True
            woken.append(n)

    threads = [green.spawn(work, n) for n in range(5)]
    green.yield_()
    with condition:
        condition.notify()
    threads[0].join()
    assert woken == [0]
    with condition:
        condition.notify(2)
    threads[2].join()
    assert woken == [0, 1, 2]
    with condition:
        condition.notify_all()
    threads[4].join()
    assert woken == [0, 1, 2, 3, 4]
    with condition:
        condition.notify(1 << 60)
        condition.notify_all()  # nobody is there


def test_the_lock_is_held_by_whoever_returns():
    lock = green.Lock()
    condition = green.Condition(lock)

    def work():
        with condition:
            condition.wait()
            assert not green.spawn(lock.acquire, False).result()
        return True

    threads = [green.spawn(work) for _ in range(3)]
    green.yield_()
    assert not lock.locked()
    with lock:
        condition.notify_all()
    assert all(thread.result() for thread in threads)


def test_an_rlock_is_released_whole():
    lock = green.RLock()
    condition = green.Condition(lock)

    def work():
        with lock, lock, condition:
            condition.wait()
            for _ in range(2):
                lock.release()
            assert lock.locked()
            lock.acquire()
            lock.acquire()
        return lock.locked()

    thread = green.spawn(work)
    green.yield_()
    with condition:
        condition.notify()
    assert thread.result() is False


def test_timeouts():
    condition = green.Condition()
    with green.virtual_clock():
        with condition:
            assert condition.wait(2) is False
            assert green.now() == 3.0
            for timeout in (0, -1):
                assert condition.wait(timeout=timeout) is False
            assert condition.wait_for(lambda: 0, 3) == 0
            assert green.now() == 6.0
            assert condition.wait_for(lambda: "yes", timeout=3) == "yes"
            assert condition.wait_for(predicate=lambda: green.now() > 1) is True
            assert condition.release() is None
            assert condition.acquire(timeout=1) is True


def test_wait_for():
    condition = green.Condition()
    n = 0

    def work():
        with condition:
            return condition.wait_for(lambda: n == 3 and "three")

    thread = green.spawn(work)
    for _ in range(3):
        green.yield_()
        assert not thread.done()
        with condition:
            n += 1
            condition.notify()
    assert thread.result() == "three"
    with condition, pytest.raises(ZeroDivisionError):
        condition.wait_for(lambda: 1 / 0)


def test_the_lock_must_be_held():
    condition = green.Condition()
    for call in (condition.wait, condition.notify, condition.notify_all,
                 condition.release, lambda: condition.wait_for(lambda: False)):
        with pytest.raises(RuntimeError):
            call()
    with condition:
        assert isinstance(green.spawn(condition.notify).exception(),
                          RuntimeError)


def test_bad_arguments():
    for bad in (3, threading.Lock()):
        with pytest.raises(TypeError):
            green.Condition(bad)
    condition = green.Condition(lock=green.Lock())
    with condition:
        for call in (lambda: condition.wait("x"), lambda: condition.wait(1, 2),
                     lambda: condition.notify("x"),
                     lambda: condition.wait_for()):
            with pytest.raises(TypeError):
                call()


def test_among_os_threads():
    condition = green.Condition()
    turn = 0

    def play(mine, other):
        nonlocal turn
        for _ in range(100):
            with condition:
                condition.wait_for(lambda: turn == mine)
                turn = other
                condition.notify_all()

    thread = threading.Thread(target=play, args=(1, 0))
    thread.start()
    play(0, 1)
    thread.join()
    assert turn == 0


def test_a_notification_while_a_handler_runs_is_not_lost():
    condition = green.Condition()
    calls = []
    old = signal.getsignal(signal.SIGALRM)

    def handler(signum, frame):
        # The wait was ended for us, and is about to begin anew; or it has not
        # begun, and we come again.
        condition.notify()
        calls.append(1)
        assert len(calls) < 50

    signal.signal(signal.SIGALRM, handler)
    sleeper = green.spawn(green.sleep, 3600)  # or it would be a deadlock
    green.yield_()
    try:
        with condition:
            signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
            assert condition.wait() is True
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    sleeper.cancel()
