# SPDX-License-Identifier: MIT
"""Proves: barriers hold all until the last has come, and break as those of
threading do."""
import threading

import green
import pytest


def test_all_go_on_together_again_and_again():
    barrier = green.Barrier(3)
    steps = []

    def work(n):
        places = []
        for k in range(4):
            steps.append(k)
            places.append(barrier.wait())
            assert steps.count(k) == 3
        return places

    threads = [green.spawn(work, n) for n in range(3)]
    places = zip(*(t.result() for t in threads))
    assert all(sorted(p) == [0, 1, 2] for p in places)
    assert steps == sorted(steps)


def test_the_action_comes_first():
    steps = []
    barrier = green.Barrier(2, lambda: steps.append("action"))

    def work():
        barrier.wait()
        steps.append("went on")

    threads = [green.spawn(work) for _ in range(2)]
    for thread in threads:
        thread.result()
    assert steps == ["action", "went on", "went on"]


def test_an_action_that_fails_breaks_it():
    barrier = green.Barrier(2, lambda: 1 / 0)
    thread = green.spawn(barrier.wait)
    green.yield_()
    with pytest.raises(ZeroDivisionError):
        barrier.wait()
    assert isinstance(thread.exception(), threading.BrokenBarrierError)
    assert barrier.broken


def test_a_timeout_breaks_it():
    barrier = green.Barrier(3, timeout=5)
    with green.virtual_clock():
        others = [green.spawn(barrier.wait) for _ in range(2)]
        green.sleep(2)
        assert barrier.n_waiting == 2
        for thread in others:
            assert isinstance(thread.exception(),
                              threading.BrokenBarrierError)
        assert green.now() == 6.0 and barrier.broken
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait()
        barrier.reset()
        assert not barrier.broken
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait(timeout=1)
        assert green.now() == 7.0


@pytest.mark.parametrize("how", ["abort", "reset"])
def test_those_who_wait_are_told(how):
    barrier = green.Barrier(2)
    thread = green.spawn(barrier.wait)
    green.yield_()
    assert barrier.n_waiting == 1 and barrier.parties == 2
    getattr(barrier, how)()
    assert isinstance(thread.exception(), threading.BrokenBarrierError)
    assert barrier.broken == (how == "abort")
    assert barrier.n_waiting == 0


def test_whoever_is_cancelled_has_not_come():
    barrier = green.Barrier(2)
    thread = green.spawn(barrier.wait)
    green.yield_()
    thread.cancel()
    thread.join()
    assert barrier.n_waiting == 0 and not barrier.broken
    threads = [green.spawn(barrier.wait) for _ in range(2)]
    assert sorted(t.result() for t in threads) == [0, 1]


def test_a_late_one_that_is_cancelled_is_through():
    def program():
        barrier = green.Barrier(2)
        threads = [green.spawn(barrier.wait) for _ in range(2)]
        threads[0].cancel()
        for thread in threads[:1]:
            thread.join()
        if threads[0].cancelled():
            threads[1].cancel()
        threads[1].join()
        assert threads[0].cancelled() == threads[1].cancelled()

    assert green.explore(program, max_runs=3000).runs > 1


def test_bad_parties():
    for bad in (0, -1):
        with pytest.raises(ValueError):
            green.Barrier(bad)


def test_among_os_threads():
    barrier = green.Barrier(6)
    counts = [0] * 6

    def work(n):
        for k in range(20):
            counts[n] = k
            barrier.wait()
            assert set(counts) == {k}
            barrier.wait()

    def os_thread(first):
        for thread in [green.spawn(work, first + n) for n in range(2)]:
            thread.result()

    others = [threading.Thread(target=os_thread, args=(n,)) for n in (2, 4)]
    for other in others:
        other.start()
    os_thread(0)
    for other in others:
        other.join()
    assert counts == [19] * 6
