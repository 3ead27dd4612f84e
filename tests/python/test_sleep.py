# SPDX-License-Identifier: MIT
"""Proves: sleeping lets others run until the deadline, and never less."""
import math

import green
import pytest
from green import core


def test_everybody_wakes_after_its_deadline():
    woken = {}
    start = core.green_now()

    def work(n):
        core.green_sleep_until(start + n * core.GREEN_MILLISECOND)
        woken[n] = core.green_now() - start

    threads = [green.spawn(work, n) for n in (5, 1, 4, 2, 3)]
    for thread in threads:
        thread.join()
    for n in range(1, 6):
        assert woken[n] >= n * core.GREEN_MILLISECOND


def test_never_early():
    for seconds in (0.001, 0.0000001, 1e-9):
        deadline = core.green_now() + int(seconds * 1e9)
        green.sleep(seconds)
        assert core.green_now() >= deadline


def test_zero_yields_once():
    steps = []
    thread = green.spawn(lambda: steps.append("other"))
    green.sleep(0)
    steps.append("main")
    thread.join()
    assert steps == ["other", "main"]


@pytest.mark.parametrize("seconds, error", [
    (-1, ValueError), (math.nan, ValueError), (-math.inf, ValueError),
    ("1", TypeError), (None, TypeError)])
def test_bad_arguments(seconds, error):
    with pytest.raises(error):
        green.sleep(seconds)


def test_the_clock_does_not_go_back():
    times = [green.now() for _ in range(1000)]
    assert times == sorted(times) and isinstance(times[0], float)


def test_a_sleep_without_end_can_be_interrupted():
    def work():
        with pytest.raises(InterruptedError):
            core.green_sleep_until(core.GREEN_NEVER)
        return "woken"

    thread = green.spawn(work)
    green.yield_()
    core.green_interrupt(thread.id)
    assert thread.result() == "woken"


def test_yield_alone_returns():
    for _ in range(5000):
        green.yield_()
