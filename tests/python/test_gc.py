# SPDX-License-Identifier: MIT
"""Proves: the garbage collector sees through Thread objects, and nothing
leaks a reference."""
import gc
import sys
import weakref

import green
import pytest


class Thing:
    pass


@pytest.mark.parametrize("ends", ["returns", "raises"])
def test_a_cycle_through_a_thread_is_collected(ends):
    thing = Thing()
    gone = weakref.ref(thing)

    def work():
        if ends == "raises":
            raise ValueError(thing)
        return thing

    thing.thread = green.spawn(work)
    thing.thread.join()
    thing.thread.exception()
    del thing, work
    gc.collect()
    assert gone() is None


def test_a_thread_that_runs_is_not_collected():
    def work():
        mine = [green.current(), Thing()]
        mine.append(mine)
        gone = weakref.ref(mine[1])
        green.yield_()
        gc.collect()
        return gone() is not None

    result = []
    green.spawn(lambda: result.append(work()))
    green.yield_()
    gc.collect()
    green.yield_()
    assert result == [True]


def test_referents_of_a_thread():
    thing = Thing()

    def work(thing):
        return thing

    thread = green.spawn(work, thing, name="n")
    assert thing in gc.get_referents(thread)
    assert work in gc.get_referents(thread)
    thread.join()
    assert thing in gc.get_referents(thread)
    assert work not in gc.get_referents(thread)


def test_collecting_while_everybody_is_suspended():
    def work(n):
        mine = Thing()
        mine.me = mine
        green.yield_()
        return n

    threads = [green.spawn(work, n) for n in range(50)]
    green.yield_()
    gc.collect()
    assert [t.result() for t in threads] == list(range(50))


# ---- references that leak ---------------------------------------------------

def work_returns():
    green.spawn(len, "four").result()


def work_raises():
    def boom():
        raise ValueError("boom")
    try:
        green.spawn(boom).result()
    except ValueError as error:
        error.__traceback__ = None


def work_unheld():
    green.spawn(green.yield_)
    green.yield_()
    green.yield_()


def work_reported():
    hook, green.excepthook = green.excepthook, lambda args: None
    green.spawn(divmod, 1, 0)
    green.yield_()
    green.excepthook = hook


def work_keywords():
    green.spawn(dict, name="n", a=1, b=2, stack_size=1 << 18).result()


def work_refused():
    for call in (lambda: green.spawn(3), lambda: green.spawn(len, name=3),
                 lambda: green.spawn(dict, a=1, stack_size=1)):
        try:
            call()
        except (TypeError, ValueError):
            pass


def work_times_out():
    thread = green.spawn(green.yield_)
    green.yield_()
    try:
        thread.join(0)
    except TimeoutError:
        pass
    thread.join()


def work_many_wait():
    def gate():
        green.yield_()
        green.yield_()
    thread = green.spawn(gate)
    others = [green.spawn(thread.join) for _ in range(3)]
    green.yield_()
    for other in others:
        other.join()


def work_locals():
    data = green.local()
    data.value = 1
    green.spawn(setattr, data, "value", 2).join()


def work_weak():
    thread = green.spawn(len, "four")
    weakref.ref(thread, lambda _: None)
    del thread
    green.yield_()
    green.yield_()


def work_context():
    import contextvars
    contextvars.copy_context().run(work_returns)


def work_core():
    core = green.core
    core.green_stats_get()
    core.green_name_get(0)
    core.green_stack_get(0)
    try:
        core.green_join(0, 0)
    except OSError:
        pass


def work_suspended():
    threads = [green.spawn(green.yield_) for _ in range(5)]
    green.yield_()
    for thread in threads:
        thread.join()


def work_misc():
    green.current().name
    repr(green.current())
    green.stats()
    green.sleep(0)
    green.trim()
    green.spawn(green.current).result()._frame()


# Only a debug build counts all references; any build counts its blocks.
total_references = getattr(sys, "gettotalrefcount", lambda: 0)


@pytest.mark.parametrize("work", [
    value for name, value in sorted(globals().items())
    if name.startswith("work_")],
    ids=lambda work: work.__name__)
def test_nothing_leaks(work):
    def total(n):
        for _ in range(n):
            work()
        gc.collect()
        return total_references(), sys.getallocatedblocks()

    total(20)
    total(20)
    before, blocks = total(20)
    after, blocks_after = total(200)
    # The interpreter itself moves by a few; a leak by 200 at least.
    assert after - before < 100
    assert blocks_after - blocks < 100
