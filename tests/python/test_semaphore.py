# SPDX-License-Identifier: MIT
"""Proves: semaphores count, serve in order, and a bounded one says when it is
given too much. Twin of t-sem-*.c."""
import threading

import green
import pytest

# GREEN_SEM_MAX
MOST = 2147483647
both = pytest.mark.parametrize("kind", [green.Semaphore,
                                        green.BoundedSemaphore])


@both
def test_counts(kind):
    semaphore = kind(3)
    inside = most = 0

    def work():
        nonlocal inside, most
        with semaphore as got:
            assert got is True
            inside += 1
            most = max(most, inside)
            green.yield_()
            inside -= 1

    for thread in [green.spawn(work) for _ in range(10)]:
        thread.result()
    assert (inside, most) == (0, 3)


@both
def test_served_in_order(kind):
    semaphore = kind()
    order = []

    def work(n):
        semaphore.acquire()
        order.append(n)

    semaphore.acquire()
    threads = [green.spawn(work, n) for n in range(3)]
    green.yield_()
    semaphore.release()
    # It was handed over: nobody who comes later is faster.
    assert semaphore.acquire(False) is False
    assert threads[0].result() is None
    semaphore.release()
    assert threads[1].result() is None
    semaphore.release()
    assert threads[2].result() is None
    assert order == [0, 1, 2]


@both
def test_what_acquire_returns(kind):
    semaphore = kind(1)
    assert semaphore.acquire() is True
    assert semaphore.acquire(blocking=False) is False
    with green.virtual_clock():
        assert semaphore.acquire(timeout=2.5) is False
        assert green.now() == 3.5
        other = green.spawn(semaphore.acquire, timeout=2)
        green.sleep(1)
        semaphore.release()
        assert other.result() is True
        assert green.now() == 4.5
    with pytest.raises(ValueError):
        semaphore.acquire(False, 1)


def test_release_of_many():
    semaphore = green.Semaphore(0)
    threads = [green.spawn(semaphore.acquire) for _ in range(3)]
    green.yield_()
    semaphore.release(5)
    assert [t.result() for t in threads] == [True] * 3
    assert [semaphore.acquire(False) for _ in range(3)] == [True, True, False]
    for bad in (0, -1):
        with pytest.raises(ValueError):
            semaphore.release(bad)
    with pytest.raises(TypeError):
        semaphore.release("x")


def test_bounds():
    semaphore = green.BoundedSemaphore(2)
    with pytest.raises(ValueError):
        semaphore.release()
    semaphore.acquire()
    with pytest.raises(ValueError):
        semaphore.release(2)
    semaphore.release()
    with pytest.raises(ValueError):
        semaphore.release()
    assert [semaphore.acquire(False) for _ in range(3)] == [True, True, False]


@both
def test_first_values(kind):
    for bad in (-1, MOST + 1):
        with pytest.raises(ValueError):
            kind(bad)
    with pytest.raises(TypeError):
        kind("x")
    assert kind().acquire(False) is True
    assert kind(value=0).acquire(False) is False


def test_no_more_than_it_can_hold():
    semaphore = green.Semaphore(MOST)
    with pytest.raises(OverflowError):
        semaphore.release()
    assert semaphore.acquire()
    semaphore.release()


def test_among_os_threads():
    ping, pong = green.Semaphore(0), green.Semaphore(0)

    def other():
        for _ in range(200):
            ping.acquire()
            pong.release()

    thread = threading.Thread(target=other)
    thread.start()
    for _ in range(200):
        ping.release()
        assert pong.acquire()
    thread.join()
    assert not ping.acquire(False) and not pong.acquire(False)
