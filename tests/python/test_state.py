# SPDX-License-Identifier: MIT
"""Proves: what the interpreter keeps per thread does not leak between green
threads, and what it keeps per OS thread goes on across switches."""
import asyncio
import contextvars
import decimal
import sys

import green
import pytest

var = contextvars.ContextVar("var", default="default")


def test_context_is_copied_from_the_spawner():
    def work(value):
        seen = [var.get()]
        var.set(value)
        green.yield_()
        seen.append(var.get())
        return seen

    var.set("outer")
    threads = [green.spawn(work, n) for n in range(3)]
    var.set("later")
    assert [t.result() for t in threads] == [["outer", n] for n in range(3)]
    assert var.get() == "later"


def test_context_run_inside_a_thread():
    def work():
        var.set("thread")
        inner = contextvars.copy_context()
        inner.run(lambda: (var.set("inner"), green.yield_()))
        return var.get(), inner[var]

    thread, other = green.spawn(work), green.spawn(var.set, "other")
    assert thread.result() == ("thread", "inner")
    other.join()


def test_decimal_contexts_are_apart():
    def work(precision):
        decimal.setcontext(decimal.Context(prec=precision))
        green.yield_()
        return str(decimal.Decimal(1) / 3)

    threads = [green.spawn(work, n) for n in (2, 5)]
    assert [t.result() for t in threads] == ["0.33", "0.33333"]


def test_handled_exceptions_are_apart():
    def work(name):
        try:
            raise ValueError(name)
        except ValueError:
            green.yield_()
            try:
                raise KeyError(name)
            except KeyError as error:
                green.yield_()
                assert error.__context__.args == (name,)
            seen = sys.exc_info()[1].args[0]
        assert sys.exc_info() == (None, None, None)
        return seen

    try:
        raise OSError("main")
    except OSError:
        threads = [green.spawn(work, n) for n in "abc"]
        assert [t.result() for t in threads] == list("abc")
        assert sys.exc_info()[1].args == ("main",)
        fresh = green.spawn(sys.exc_info)
        assert fresh.result() == (None, None, None)


def test_a_generator_goes_from_thread_to_thread():
    def numbers():
        n = 0
        while True:
            try:
                green.yield_()
                yield n
                n += 1
            except ValueError:
                yield "caught"

    gen = numbers()

    def step():
        try:
            raise KeyError
        except KeyError:
            return next(gen)

    assert [green.spawn(step).result() for _ in range(3)] == [0, 1, 2]
    assert green.spawn(gen.throw, ValueError).result() == "caught"
    gen.close()


def test_a_running_generator_cannot_be_entered():
    def numbers():
        green.yield_()
        yield 1

    gen = numbers()
    first = green.spawn(next, gen)
    green.yield_()
    second = green.spawn(next, gen)
    with pytest.raises(ValueError, match="already executing"):
        second.result()
    assert first.result() == 1


def deep(n):
    if n == 0:
        green.yield_()
        return 0
    return 1 + deep(n - 1)


def test_recursion_depth_is_each_threads_own():
    limit = sys.getrecursionlimit()
    threads = [green.spawn(deep, limit - 100) for _ in range(20)]
    assert [t.result() for t in threads] == [limit - 100] * 20
    with pytest.raises(RecursionError):
        green.spawn(deep, limit).result()
    assert green.spawn(deep, limit - 100).result() == limit - 100


def test_recursion_limit_is_for_all():
    limit = sys.getrecursionlimit()
    started = green.spawn(lambda: (green.yield_(), deep(limit + 200))[1])
    green.yield_()
    sys.setrecursionlimit(limit + 500)
    try:
        assert started.result() == limit + 200
        assert green.spawn(deep, limit + 200).result() == limit + 200
    finally:
        sys.setrecursionlimit(limit)


class Endless:
    def __getattr__(self, name):
        return getattr(self, name + "x")


class Nested:
    def __repr__(self):
        return repr([self])


def nested_lists():
    value = []
    for _ in range(100000):
        value = [value]
    repr(value)


@pytest.mark.parametrize("code", [
    lambda: Endless().x,
    lambda: repr(Nested()),
    lambda: nested_lists(),
    lambda: sorted([1, 2], key=lambda x: Endless().x),
    lambda: deep(10 ** 6),
    lambda: eval("[" * 60 + "]" * 60) and Endless().x,
], ids=["getattr", "repr", "lists", "sorted", "python", "compile"])
def test_endless_recursion_is_an_error_and_no_crash(code):
    for _ in range(2):
        with pytest.raises(RecursionError):
            green.spawn(code).result()


def test_tracing_goes_on_in_every_thread():
    seen = []

    def tracer(frame, event, arg):
        if event == "line" and frame.f_code.co_name == "traced":
            seen.append(frame.f_locals["name"])
        return tracer

    def traced(name):
        green.yield_()
        green.yield_()

    untraced = green.spawn(traced, "a")
    green.yield_()
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        threads = [green.spawn(traced, name) for name in "bc"]
        for thread in threads:
            thread.join()
    finally:
        sys.settrace(before)
    untraced.join()
    assert seen == ["b", "c"] * 2
    green.spawn(traced, "d").join()
    assert seen == ["b", "c"] * 2


def test_tracing_switched_on_in_a_thread_reaches_the_others():
    seen = []

    def profiler(frame, event, arg):
        if event == "call":
            seen.append(frame.f_code.co_name)

    def leaf():
        pass

    def on():
        sys.setprofile(profiler)

    def work():
        green.yield_()
        leaf()

    threads = [green.spawn(work), green.spawn(on)]
    try:
        for thread in threads:
            thread.join()
        leaf()
    finally:
        sys.setprofile(None)
    leaf()
    assert seen.count("leaf") == 2


def test_switching_inside_a_trace_function():
    lines = []

    def tracer(frame, event, arg):
        if frame.f_code.co_name != "traced":
            return None
        green.yield_()
        if event == "line":
            lines.append(frame.f_locals["name"])
        return tracer

    def traced(name):
        first = 1
        return first

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        threads = [green.spawn(traced, name) for name in "ab"]
        for thread in threads:
            thread.join()
    finally:
        sys.settrace(before)
    assert sorted(lines) == ["a", "a", "b", "b"]


def test_frames_of_suspended_threads_stay_true():
    def inner(mark):
        green.yield_()
        return sys._getframe()

    def outer():
        return inner("here")

    thread = green.spawn(outer)
    green.yield_()
    frame = thread._frame()
    assert frame.f_code.co_name == "inner"
    assert frame.f_locals["mark"] == "here"
    assert frame.f_back.f_code.co_name == "outer"
    assert frame.f_back.f_back is None
    assert thread.result() is frame
    assert frame.f_locals["mark"] == "here"
    assert thread._frame() is None


def test_deep_stacks_switch_back_and_forth():
    def climb(n):
        if n:
            return max(map(climb, [n - 1]))
        for _ in range(50):
            green.yield_()
        return green.current().id

    threads = [green.spawn(climb, n) for n in range(0, 100, 7)]
    assert [t.result() for t in threads] == [t.id for t in threads]


def test_frames_that_outgrow_their_first_chunk():
    def work(depth, *args):
        green.yield_()
        if depth:
            return work(depth - 1, *args)
        return len(args)

    threads = [green.spawn(work, 60, *range(2000)) for _ in range(3)]
    assert [t.result() for t in threads] == [2000] * 3


def test_asyncio_inside_a_thread():
    async def main():
        await asyncio.sleep(0)
        return "done"

    assert green.spawn(asyncio.run, main()).result() == "done"


def test_deep_structures_that_die_across_switches():
    class Noisy:
        def __del__(self):
            green.yield_()

    def work():
        chain = (Noisy(),)
        for _ in range(1000):
            chain = (chain, Noisy())
        del chain

    threads = [green.spawn(work) for _ in range(3)]
    for thread in threads:
        thread.join()
