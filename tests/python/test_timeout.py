# SPDX-License-Identifier: MIT
"""Proves: timeout() and move_on_after() end whatever waits in their block, at
their time, and nothing else. Twin of t-scope-deadline.c."""
import calls
import green
import pytest


@pytest.fixture(autouse=True)
def clock():
    with green.virtual_clock() as clock:
        yield clock


@pytest.mark.parametrize("make", calls.ALL, ids=lambda make: make.__name__)
def test_every_call(make):
    _, call = make()
    with pytest.raises(TimeoutError) as info:
        with green.timeout(5) as limit:
            call()
    assert "5 seconds" in str(info.value)
    assert isinstance(info.value.__cause__, green.Cancelled)
    assert limit.expired() and green.now() == 6.0
    green.sleep(1)  # nobody is cancelled


def test_moving_on():
    with green.move_on_after(5) as limit:
        green.sleep(3600)
        assert False, "not reached"
    assert limit.expired() and green.now() == 6.0


@pytest.mark.parametrize("kind", [green.timeout, green.move_on_after])
def test_in_time(kind):
    with kind(5) as limit:
        green.sleep(4)
    assert not limit.expired()
    with kind(None):
        green.sleep(3600)
    with kind(0):
        pass
    assert green.now() == 3605.0


@pytest.mark.parametrize("kind", [green.timeout, green.move_on_after])
def test_other_exceptions_pass(kind):
    with pytest.raises(KeyError):
        with kind(5):
            raise KeyError
    with pytest.raises(KeyError):
        with kind(5):
            try:
                green.sleep(10)
            finally:
                raise KeyError


def test_the_one_that_comes_first_ends_its_block():
    with green.move_on_after(9) as outer:
        with pytest.raises(TimeoutError):
            with green.timeout(2):
                green.sleep(3600)
        assert green.now() == 3.0
        with green.timeout(60) as inner:
            green.sleep(3600)
        assert False, "not reached"
    assert green.now() == 10.0
    assert outer.expired() and not inner.expired()


def test_none_and_the_past():
    for seconds in (0, -3):
        with pytest.raises(TimeoutError):
            with green.timeout(seconds):
                green.sleep(1)
    assert green.now() == 1.0


def test_who_is_cancelled_is_not_late():
    def work():
        with green.timeout(5):
            green.sleep(3600)

    thread = green.spawn(work)
    green.yield_()
    thread.cancel()
    thread.join()
    assert thread.cancelled() and green.now() == 1.0


def test_as_decorators():
    @green.timeout(5)
    def late(n):
        if n:
            return late(n - 1)
        green.sleep(3600)

    with pytest.raises(TimeoutError):
        late(2)
    assert green.now() == 6.0

    @green.move_on_after(5)
    def leave():
        green.sleep(3600)

    assert leave() is None and green.now() == 11.0


def test_used_again_and_wrongly():
    limit = green.move_on_after(3)
    for n in range(1, 4):
        with limit:
            green.sleep(3600)
        assert green.now() == 1.0 + 3 * n
    with limit:
        with pytest.raises(RuntimeError):
            limit.__enter__()
    with pytest.raises(RuntimeError):
        limit.__exit__(None, None, None)
    for bad in ("x", float("nan")):
        with pytest.raises((TypeError, ValueError)):
            with green.timeout(bad):
                pass


def test_not_left_in_order():
    outer, inner = green.timeout(1), green.timeout(2)
    outer.__enter__()
    inner.__enter__()
    with pytest.raises(OSError):
        outer.__exit__(None, None, None)
    inner.__exit__(None, None, None)
    outer.__exit__(None, None, None)


def test_not_left_by_somebody_else():
    limit = green.timeout(1)
    limit.__enter__()
    thread = green.spawn(limit.__exit__, None, None, None)
    assert isinstance(thread.exception(), PermissionError)
    limit.__exit__(None, None, None)
