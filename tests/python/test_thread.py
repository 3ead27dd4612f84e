# SPDX-License-Identifier: MIT
"""Proves: green threads run Python functions, and their outcome reaches
whoever waits for them."""
import errno
import gc
import traceback
import weakref

import green
import pytest


def test_nothing_runs_before_spawn_returns():
    ran = []
    thread = green.spawn(ran.append, 1)
    assert ran == [] and not thread.done()
    thread.join()
    assert ran == [1] and thread.done()


def test_threads_take_turns_in_order():
    steps = []

    def work(name, n):
        for i in range(n):
            steps.append(name + str(i))
            green.yield_()

    threads = [green.spawn(work, "a", 2), green.spawn(work, "b", 3)]
    for thread in threads:
        thread.join()
    assert steps == ["a0", "b0", "a1", "b1", "b2"]


def test_arguments_of_every_kind():
    def work(*args, **kwargs):
        return args, kwargs

    cases = [
        ((), {}),
        ((1,), {}),
        (tuple(range(20)), {}),
        ((), {"a": 1}),
        ((1, 2, 3), {"x": 4, "y": 5}),
        (tuple(range(9)), {str(i): i for i in range(9)}),
    ]
    for args, kwargs in cases:
        thread = green.spawn(work, *args, **kwargs)
        assert thread.result() == (args, kwargs)
        thread = green.spawn(work, *args, name="n", **kwargs,
                             stack_size=1 << 18)
        assert thread.result() == (args, kwargs)
        assert thread.name == "n"


def test_callables_of_every_kind():
    class Adder:
        def method(self, n):
            return n + 1

        def __call__(self, n):
            return n + 2

    adder = Adder()
    assert green.spawn(adder.method, 1).result() == 2
    assert green.spawn(adder, 1).result() == 3
    assert green.spawn(len, "four").result() == 4
    assert green.spawn(lambda: None).result() is None
    assert isinstance(green.spawn(Adder).result(), Adder)


class Undecided:
    def __bool__(self):
        raise RuntimeError


@pytest.mark.parametrize("call, error", [
    (lambda: green.spawn(), TypeError),
    (lambda: green.spawn(None), TypeError),
    (lambda: green.spawn(3, 4), TypeError),
    (lambda: green.spawn(len, name=3), TypeError),
    (lambda: green.spawn(len, stack_size="big"), TypeError),
    (lambda: green.spawn(len, stack_size=1), ValueError),
    (lambda: green.spawn(len, stack_size=-1), ValueError),
    (lambda: green.spawn(len, stack_size=(1 << 30) + 1), ValueError),
    (lambda: green.spawn(len, stack_size=1 << 100), OverflowError),
    (lambda: green.spawn(len, name="\ud800"), UnicodeEncodeError),
    (lambda: green.spawn(len, newest_first=Undecided()), RuntimeError),
    (lambda: green.Thread(), TypeError),
    (lambda: green.set_stack_size(5), ValueError),
    (lambda: green.set_stack_size("x"), TypeError),
], ids=str)
def test_bad_arguments_spawn_nothing(call, error):
    before = green.stats()
    with pytest.raises(error):
        call()
    after = green.stats()
    assert (after.threads, after.spawned) == (before.threads, before.spawned)


def test_newest_first():
    trace = []
    threads = [green.spawn(trace.append, c, newest_first=True) for c in "abcd"]
    others = [green.spawn(trace.append, c, newest_first=False) for c in "xyz"]
    while len(trace) < 7:
        green.yield_()
    assert "".join(c for c in trace if c in "abcd") == "dcba"
    assert "".join(c for c in trace if c in "xyz") == "xyz"
    for thread in threads + others:
        thread.result()


def test_a_tree_newest_first_is_walked_in_depth():
    most = 0

    def tree(depth):
        nonlocal most
        most = max(most, green.stats().threads)
        if not depth:
            return 1
        return sum([t.result() for t in
                    [green.spawn(tree, depth - 1, newest_first=True)
                     for _ in range(4)]])

    assert tree(5) == 1024
    assert most < 100


def test_stack_size_is_what_was_asked_for():
    def size():
        info = green.core.green_stack_get(0)
        return info.reserve_end - info.low

    # Sizes are rounded up, to the next size class.
    default = green.spawn(size).result()
    small = green.spawn(size, stack_size=1 << 18).result()
    assert 1 << 18 <= small < default
    before = green.set_stack_size(1 << 18)
    try:
        assert before <= default
        assert green.spawn(size).result() == small
        assert green.set_stack_size(None) == 1 << 18
        assert green.spawn(size).result() == default
    finally:
        green.set_stack_size(None)


def test_result_as_often_as_wanted():
    marker = object()
    thread = green.spawn(lambda: marker)
    assert thread.result() is marker
    assert thread.result() is marker
    assert thread.join() is None
    assert thread.exception() is None


def test_exception_has_its_traceback():
    def inner():
        raise LookupError("lost")

    def outer():
        green.yield_()
        inner()

    thread = green.spawn(outer)
    with pytest.raises(LookupError, match="lost") as info:
        thread.result()
    names = [frame.name for frame in traceback.extract_tb(info.value
                                                          .__traceback__)]
    assert names[-2:] == ["outer", "inner"]
    assert thread.exception() is info.value
    assert thread.join() is None


def test_many_wait_for_one():
    gate = green.spawn(green.yield_)

    def work():
        gate.join()
        green.yield_()
        return 7

    one = green.spawn(work)
    waiters = [green.spawn(one.result) for _ in range(5)]
    assert [w.result() for w in waiters] == [7] * 5


def test_waiting_that_gives_up():
    stop = []

    def work():
        while not stop:
            green.yield_()
        return "end"

    thread = green.spawn(work)
    for timeout in (0, -1, 0.0001):
        with pytest.raises(TimeoutError):
            thread.join(timeout)
        with pytest.raises(TimeoutError):
            thread.result(timeout=timeout)
        with pytest.raises(TimeoutError):
            thread.exception(timeout)
    # One that waits beside another gives up too.
    other = green.spawn(thread.join)
    green.yield_()
    with pytest.raises(TimeoutError):
        thread.join(0.0001)
    with pytest.raises(TimeoutError):
        thread.join(0)
    stop.append(1)
    assert thread.result(60) == "end"
    other.join()
    assert thread.result(0) == "end"


@pytest.mark.parametrize("timeout, error", [
    ("1", TypeError), (float("nan"), ValueError)])
def test_bad_timeouts(timeout, error):
    thread = green.spawn(green.yield_)
    for wait in (thread.join, thread.result, thread.exception):
        with pytest.raises(error):
            wait(timeout)
        with pytest.raises(TypeError):
            wait(1, 2)
        with pytest.raises(TypeError):
            wait(time=1)
    thread.join()


def test_joining_oneself_is_an_error():
    def work():
        with pytest.raises(OSError) as info:
            green.current().join()
        return info.value.errno

    assert green.spawn(work).result() == errno.EDEADLK


def test_the_main_flow_cannot_be_joined():
    main = green.current()
    assert main.name == "main" and not main.done()

    def work():
        with pytest.raises(RuntimeError):
            main.join()

    green.spawn(work).result()


def test_current_is_the_thread_that_spawn_returned():
    thread = green.spawn(lambda: green.current())
    assert thread.result() is thread
    assert green.current() is green.current() is not thread


def test_ids_and_names():
    def work():
        green.current().name = "renamed"
        return green.core.green_name_get(0)

    first, second = green.spawn(work), green.spawn(work, name="given")
    assert first.id != second.id and first.id == first.id > 0
    assert first.name.endswith("work") and second.name == "given"
    assert green.core.green_name_get(second.id) == "given"
    assert "given" in repr(second) and "new" in repr(second)
    assert first.result() == second.result() == "renamed"
    assert second.name == "renamed" and "done" in repr(second)
    with pytest.raises(TypeError):
        first.name = 3
    with pytest.raises(TypeError):
        del first.name
    with pytest.raises(AttributeError):
        first.id = 3


def test_threads_can_spawn_threads():
    def fan(depth):
        if depth == 0:
            return 1
        return sum(t.result() for t in
                   [green.spawn(fan, depth - 1) for _ in range(3)])

    assert green.spawn(fan, 5).result() == 3 ** 5


def test_ten_thousand_alive():
    go = []

    def work(n):
        while not go:
            green.yield_()
        return n

    threads = [green.spawn(work, n) for n in range(10000)]
    green.yield_()
    assert green.stats().threads >= 10000
    go.append(1)
    assert [t.result() for t in threads] == list(range(10000))


def test_a_thread_that_nobody_holds_runs_and_goes():
    ran = []

    def work():
        ran.append(weakref.ref(green.current()))
        green.yield_()
        ran.append(2)

    green.spawn(work)
    green.yield_()
    green.yield_()
    assert ran[1:] == [2] and ran[0]() is None


def test_what_a_thread_held_goes_with_its_end():
    class Thing:
        pass

    thing = Thing()
    gone = weakref.ref(thing)

    def work(thing):
        green.yield_()

    thread = green.spawn(work, thing)
    del thing
    thread.join()
    gc.collect()
    assert gone() is None


def test_destructors_at_the_end_may_wait():
    steps = []

    class Noisy:
        def __del__(self):
            steps.append("before")
            green.yield_()
            steps.append("after")

    thread = green.spawn(lambda noisy: None, Noisy())
    thread.join()
    green.yield_()
    assert steps == ["before", "after"]


def test_system_exit_ends_the_thread_only():
    def work():
        raise SystemExit(3)

    thread = green.spawn(work)
    assert thread.exception().code == 3
