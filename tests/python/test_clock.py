# SPDX-License-Identifier: MIT
"""Proves: with the virtual clock time passes only when nothing can run, and
then at once and exactly. Twin of t-clock-virtual.c."""
import errno
import threading
import time

import green
import pytest
from green import core


def test_it_stands_still_and_jumps():
    before = time.monotonic()
    with green.virtual_clock():
        assert green.now() == 1.0
        for _ in range(2000):
            green.yield_()
        assert green.now() == 1.0
        green.sleep(3600)
        assert green.now() == 3601.0
        green.sleep(0.1)
        assert green.now() == 3601.1
    assert green.now() >= before


def test_everybody_wakes_at_its_time_in_order():
    woken = []

    def work(seconds):
        green.sleep(seconds)
        woken.append((seconds, green.now()))

    with green.virtual_clock(100):
        threads = [green.spawn(work, n) for n in (50, 10, 40, 20, 30)]
        with pytest.raises(TimeoutError):
            threads[0].join(35)
        assert green.now() == 135.0
        threads[0].join()
    assert woken == [(n, 100.0 + n) for n in (10, 20, 30, 40, 50)]


def test_advance():
    with green.virtual_clock() as clock:
        threads = [green.spawn(green.sleep, n) for n in (2, 5)]
        green.yield_()
        clock.advance(3)
        assert green.now() == 4.0
        green.yield_()
        assert [t.done() for t in threads] == [True, False]
        with pytest.raises(OSError) as info:
            clock.advance(-1)
        assert info.value.errno == errno.EINVAL
        threads[1].join()
        assert green.now() == 6.0


def test_as_a_decorator():
    @green.virtual_clock()
    def hour():
        start = green.now()
        green.sleep(3600)
        return green.now() - start

    assert hour() == hour() == 3600.0


def test_not_while_somebody_waits_for_a_time():
    with pytest.raises(OSError) as info:
        with green.virtual_clock():
            sleeper = green.spawn(green.sleep, 1)
            green.yield_()
    assert info.value.errno == errno.EBUSY
    sleeper.join()
    core.green_clock_real()
    with pytest.raises(OSError) as info:
        core.green_clock_advance(1)
    assert info.value.errno == errno.EINVAL


@pytest.mark.parametrize("start", [0, -1, 1e10])
def test_bad_starts(start):
    with pytest.raises((OSError, OverflowError)):
        with green.virtual_clock(start):
            pass


def test_other_os_threads_have_their_own():
    times = []
    with green.virtual_clock():
        other = threading.Thread(target=lambda: times.append(green.now()))
        other.start()
        other.join()
        assert green.now() == 1.0
    assert times[0] <= green.now() and times[0] != 1.0
