# SPDX-License-Identifier: MIT
"""Proves: events let all go until they are cleared, or one for each time they
are set. Twin of t-event-*.c."""
import threading

import green
import pytest


def test_lets_all_go():
    event = green.Event()
    assert not event.is_set()
    threads = [green.spawn(event.wait) for _ in range(3)]
    green.yield_()
    event.set()
    event.set()
    assert event.is_set()
    assert [t.result() for t in threads] == [True] * 3
    assert event.wait() is True and event.wait(0) is True
    event.clear()
    assert not event.is_set() and event.wait(0) is False


def test_whoever_was_let_go_stays_so():
    event = green.Event()
    thread = green.spawn(event.wait)
    green.yield_()
    event.set()
    event.clear()
    assert thread.result() is True and not event.is_set()


def test_lets_one_go():
    event = green.Event(auto_reset=True)
    threads = [green.spawn(event.wait) for _ in range(3)]
    green.yield_()
    for n in range(3):
        event.set()
        assert threads[n].result() is True
        assert [t.done() for t in threads] == [m <= n for m in range(3)]
    assert not event.is_set()
    event.set()
    event.set()
    assert event.is_set() and event.is_set()
    assert event.wait() is True
    assert not event.is_set() and event.wait(0) is False
    event.set()
    event.clear()
    assert not event.is_set()


def test_timeouts():
    event = green.Event()
    with green.virtual_clock():
        assert event.wait(timeout=2) is False
        assert green.now() == 3.0
        thread = green.spawn(event.wait, 5)
        green.sleep(4)
        event.set()
        assert thread.result() is True and green.now() == 7.0


def test_bad_arguments():
    for call in (lambda: green.Event(True), lambda: green.Event(x=1),
                 lambda: green.Event().wait("x"),
                 lambda: green.Event().wait(1, 2)):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("auto", [False, True])
def test_among_os_threads(auto):
    ping, pong = (green.Event(auto_reset=auto) for _ in range(2))

    def play(mine, other):
        for _ in range(100):
            mine.wait()
            mine.clear()
            other.set()

    thread = threading.Thread(target=play, args=(ping, pong))
    thread.start()
    ping.set()
    play(pong, ping)
    thread.join()
    assert ping.is_set() and not pong.is_set()
