# SPDX-License-Identifier: MIT
"""Proves: a scope leaves no thread behind, calls off what is no use any more,
and raises all that went wrong. Twin of t-scope-*.c."""
import gc
import sys
import threading
import weakref

import calls
import green
import pytest


@pytest.fixture(autouse=True)
def clock():
    with green.virtual_clock() as clock:
        yield clock


def fail(seconds, error=ValueError):
    green.sleep(seconds)
    raise error(seconds)


def test_waits_for_all():
    with green.scope() as scope:
        threads = [scope.spawn(lambda n: (green.sleep(n), n)[1], n)
                   for n in range(10)]
        last = scope.spawn(scope.spawn, green.sleep, 20)
    assert green.now() == 21.0
    assert [t.result() for t in threads] == list(range(10))
    assert last.result().done()
    assert not scope.cancelled()


def test_nothing_in_it():
    with green.scope() as scope:
        pass
    assert not scope.cancelled() and green.now() == 1.0


def test_the_first_failure_cancels_the_others():
    with pytest.raises(ExceptionGroup) as info:
        with green.scope() as scope:
            others = [scope.spawn(green.sleep, 3600) for _ in range(3)]
            scope.spawn(fail, 2)
            green.sleep(3600)
            assert False, "not reached"
    assert [repr(e) for e in info.value.exceptions] == ["ValueError(2)"]
    assert all(t.cancelled() for t in others) and scope.cancelled()
    assert green.now() == 3.0


def test_all_failures_in_order():
    def last():
        try:
            green.sleep(3600)
        finally:
            raise KeyError("last")

    with pytest.raises(ExceptionGroup) as info:
        with green.scope() as scope:
            scope.spawn(last)
            scope.spawn(fail, 1)
    assert [type(e) for e in info.value.exceptions] == [ValueError, KeyError]
    assert info.value.__cause__ is None


def test_a_failure_that_is_no_exception():
    class Odd(BaseException):
        pass

    with pytest.raises(BaseExceptionGroup) as info:
        with green.scope() as scope:
            scope.spawn(fail, 1, Odd)
    assert not isinstance(info.value, ExceptionGroup)


def test_the_body_fails():
    with pytest.raises(ExceptionGroup) as info:
        with green.scope() as scope:
            thread = scope.spawn(green.sleep, 3600)
            green.yield_()
            raise KeyError("body")
    assert [type(e) for e in info.value.exceptions] == [KeyError]
    assert thread.cancelled() and green.now() == 1.0


def test_the_body_takes_a_failure():
    with pytest.raises(ExceptionGroup) as info:
        with green.scope() as scope:
            thread = scope.spawn(fail, 1)
            with green.shield():
                thread.result()
    assert len(info.value.exceptions) == 1


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt,
                                   GeneratorExit])
def test_what_ends_the_program_stays_what_it_is(error):
    with pytest.raises(error):
        with green.scope() as scope:
            thread = scope.spawn(green.sleep, 3600)
            raise error
    assert thread.cancelled()


def test_ctrl_c_in_a_member_leaves_the_scope_of_the_main_flow():
    with pytest.raises(KeyboardInterrupt):
        with green.scope() as scope:
            other = scope.spawn(green.sleep, 3600)
            scope.spawn(fail, 1, KeyboardInterrupt)
    assert other.cancelled()
    green.yield_()


def test_calling_it_off():
    with green.scope() as scope:
        threads = [scope.spawn(green.sleep, 3600) for _ in range(3)]
        scope.spawn(scope.cancel)
        green.sleep(3600)
        assert False, "not reached"
    assert all(t.cancelled() for t in threads) and scope.cancelled()
    assert green.now() == 1.0
    scope.cancel()


def test_a_member_that_is_cancelled_is_no_failure():
    with green.scope() as scope:
        one, other = scope.spawn(green.sleep, 3600), scope.spawn(len, "four")
        green.yield_()
        one.cancel()
    assert one.cancelled() and other.result() == 4


def test_a_member_that_begins_too_late():
    with green.scope() as scope:
        scope.cancel()
        thread = scope.spawn(green.sleep, 1)
    assert thread.cancelled()


def test_a_deadline():
    with pytest.raises(TimeoutError):
        with green.scope(timeout=5) as scope:
            threads = [scope.spawn(green.sleep, n) for n in (1, 3600)]
    assert [t.cancelled() for t in threads] == [False, True]
    assert green.now() == 6.0
    with green.scope(timeout=5) as scope:
        scope.spawn(green.sleep, 4)
    with pytest.raises(ExceptionGroup):
        with green.scope(timeout=5) as scope:
            scope.spawn(fail, 4)


def test_a_deadline_in_the_body():
    with pytest.raises(TimeoutError):
        with green.scope(5) as scope:
            thread = scope.spawn(green.sleep, 3600)
            green.sleep(3600)
    assert thread.cancelled()


def test_cancelled_from_outside():
    inner = []

    def work():
        with green.scope() as scope:
            inner.append(scope.spawn(green.sleep, 3600))

    thread = green.spawn(work)
    green.sleep(1)
    thread.cancel()
    thread.join()
    assert thread.cancelled() and inner[0].cancelled()


def test_nested():
    inner = []

    def work():
        with green.scope() as scope:
            inner.append(scope.spawn(green.sleep, 3600))
            inner.append(scope.spawn(green.sleep, 3600))

    with pytest.raises(ExceptionGroup) as info:
        with green.scope() as outer:
            middle = outer.spawn(work)
            outer.spawn(fail, 2)
    assert [type(e) for e in info.value.exceptions] == [ValueError]
    assert middle.cancelled() and all(t.cancelled() for t in inner)


def test_within_a_timeout():
    with pytest.raises(TimeoutError):
        with green.timeout(5):
            with green.scope() as scope:
                thread = scope.spawn(green.sleep, 3600)
    assert thread.cancelled() and green.now() == 6.0


def test_whoever_is_shielded_is_waited_for():
    def work():
        with green.shield():
            green.sleep(7)
        return "whole"

    with green.scope() as scope:
        thread = scope.spawn(work)
        green.yield_()
        scope.cancel()
    assert thread.result() == "whole" and green.now() == 8.0


@pytest.mark.parametrize("make", calls.ALL, ids=lambda make: make.__name__)
def test_every_call_is_called_off(make):
    def work():
        _, call = make()
        call()

    with green.scope() as scope:
        thread = scope.spawn(work)
        green.sleep(1)
        assert not thread.done()
        scope.cancel()
    assert thread.cancelled()


def test_used_wrongly():
    scope = green.scope()
    with pytest.raises(RuntimeError):
        scope.spawn(len, "x")
    with scope:
        with pytest.raises(RuntimeError):
            scope.__enter__()
        with pytest.raises(TypeError):
            scope.spawn(3)
        assert isinstance(green.spawn(scope.__exit__, None, None, None)
                          .exception(), PermissionError)
    # That one has cancelled nothing; and it can be used again.
    with scope:
        thread = scope.spawn(len, "four")
    assert thread.result() == 4


def test_members_of_other_os_threads():
    def os_thread():
        threads.append(scope.spawn(calls.park))
        ready.set()
        threads[0].join()

    threads, ready = [], threading.Event()
    with green.scope() as scope:
        other = threading.Thread(target=os_thread)
        other.start()
        ready.wait()
        scope.cancel()
    assert threads[0].done() and threads[0].cancelled()
    other.join()


def test_nothing_is_kept():
    class Thing:
        pass

    def work(thing):
        return None

    thing = Thing()
    gone = weakref.ref(thing)
    with green.scope() as scope:
        scope.spawn(work, thing)
        del thing
        green.sleep(1)
        gc.collect()
        assert gone() is None


def test_in_every_order():
    def program():
        ends = []

        def member(n):
            try:
                green.yield_()
                if n == 0:
                    raise ValueError
                green.Channel().recv()
            finally:
                ends.append(n)

        with pytest.raises(ExceptionGroup) as info:
            with green.scope() as scope:
                for n in range(3):
                    scope.spawn(member, n)
        assert len(info.value.exceptions) == 1
        assert sorted(ends) == [0, 1, 2]

    green.core.green_clock_real()
    assert green.explore(program, max_runs=3000).runs > 10
    green.core.green_clock_virtual(1)


def test_an_exception_between_any_two_lines():
    """As that of a signal handler may come."""
    def trace(frame, event, arg):
        nonlocal left
        if frame.f_code.co_filename != green._scope.__file__:
            return None
        left -= 1
        if left == 0:
            raise KeyboardInterrupt
        return trace

    def program():
        try:
            with green.scope(5) as scope:
                threads.append(scope.spawn(green.sleep, 3600))
                with green.shield(), green.move_on_after(1):
                    green.sleep(3600)
                with green.timeout(2):
                    green.sleep(3600)
        except (KeyboardInterrupt, TimeoutError, ExceptionGroup):
            pass

    old = sys.gettrace()
    for n in range(1, 100):
        left, threads = n, []
        sys.settrace(trace)
        try:
            program()
        finally:
            sys.settrace(old)
        assert all(thread.done() for thread in threads)
        assert green.core.green_cancelled() == 0
        assert green.core.green_shield(0) == 0
        if left > 0:
            break
    assert left > 0 and n > 10
