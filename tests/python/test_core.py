# SPDX-License-Identifier: MIT
"""Proves: green.core has the C calls and constants of the headers, with their
comments, and negative returns become exceptions. Twins of the C tests."""
import errno
import os
import re

import green
import pytest
from green import core

INCLUDE = os.path.join(os.environ.get("top_srcdir", "."), "include", "green")
HEADERS = ["base.h", "embed.h", "explore.h", "runtime.h", "scope.h",
           "thread.h", "time.h"]
# bindings/python/green.i says why.
LEFT_OUT = {
    "green_cleanup_pop", "green_cleanup_push", "green_control_size",
    "green_deadlock_hook", "green_exit", "green_explore", "green_hooks_set",
    "green_key_create", "green_key_delete", "green_key_get", "green_key_set",
    "green_park", "green_poll_fd", "green_reserve", "green_run_ready",
    "green_runtime_create", "green_runtime_destroy", "green_runtime_run",
    "green_scope_cancel", "green_scope_cancelled", "green_scope_create",
    "green_scope_destroy", "green_scope_enter", "green_scope_fail",
    "green_scope_leave", "green_scope_spawn", "green_scope_wait",
    "green_spawn", "green_user",
}


def header(name):
    with open(os.path.join(INCLUDE, name)) as text:
        return text.read()


headers_here = pytest.mark.skipif(not os.path.isdir(INCLUDE),
                                  reason="the headers are not at hand")


@headers_here
def test_every_function_is_there_or_left_out():
    declared = set()
    for name in HEADERS:
        declared |= set(re.findall(
            r"GREEN_API[^;]*?\b(green_\w+)\s*\(", header(name)))
    present = {name for name in dir(core) if name.startswith("green_")
               and callable(getattr(core, name))
               and not isinstance(getattr(core, name), type)}
    assert present == declared - LEFT_OUT
    assert LEFT_OUT <= declared


@headers_here
def test_every_constant_has_the_value_of_its_header():
    checked = 0
    for name in HEADERS:
        for constant, value in re.findall(
                r"^#define (GREEN_[A-Z0-9_]+) (\d+)(?:LL)?$", header(name),
                re.M):
            assert getattr(core, constant) == int(value), constant
            checked += 1
    assert checked > 10


@headers_here
def test_header_comments_are_docstrings():
    for name in dir(core):
        value = getattr(core, name)
        if name.startswith("green_") and callable(value):
            assert value.__doc__ and "0.1" in value.__doc__ or \
                isinstance(value, type), name
    assert "The library's version" in core.green_version.__doc__


def test_version():
    assert core.green_version() == green.version == green.__version__
    assert green.version.startswith("%d.%d." % (core.GREEN_VERSION_MAJOR,
                                                core.GREEN_VERSION_MINOR))


def test_strerror():
    assert core.green_strerror(0) and core.green_strerror(-errno.ETIMEDOUT)
    assert core.green_strerror(-errno.EINVAL) != core.green_strerror(0)


@pytest.mark.parametrize("call, number, error", [
    (lambda: core.green_sleep_until(-1), errno.EINVAL, OSError),
    (lambda: core.green_join(0, 0), errno.EINVAL, OSError),
    (lambda: core.green_join(1 << 60, 0), errno.ESRCH, ProcessLookupError),
    (lambda: core.green_join(1 << 60, -1), errno.EINVAL, OSError),
    (lambda: core.green_detach(0), errno.EINVAL, OSError),
    (lambda: core.green_detach(1 << 60), errno.ESRCH, ProcessLookupError),
    (lambda: core.green_interrupt(0), errno.EINVAL, OSError),
    (lambda: core.green_interrupt(1 << 60), errno.ESRCH, ProcessLookupError),
    (lambda: core.green_interrupt(core.green_self()), errno.EALREADY,
     BlockingIOError),
    (lambda: core.green_name_get(1 << 60), errno.ESRCH, ProcessLookupError),
    (lambda: core.green_name_set(1 << 60, "x"), errno.ESRCH,
     ProcessLookupError),
    (lambda: core.green_stack_get(1 << 60), errno.ESRCH, ProcessLookupError),
    (lambda: core.green_dump(-1), errno.EBADF, OSError),
    (lambda: core.green_overflow_report(7), errno.EINVAL, OSError),
    (lambda: core.green_dump_times(2), errno.EINVAL, OSError),
    (lambda: core.green_dump_blocked(2, -1), errno.EINVAL, OSError),
    (lambda: core.green_dump_blocked(2, 1), errno.ENODATA, OSError),
])
def test_errors(call, number, error):
    with pytest.raises(error) as info:
        call()
    assert info.value.errno == number
    assert info.value.strerror == core.green_strerror(-number)


def test_join_by_id():
    thread = green.spawn(green.yield_)
    with pytest.raises(BlockingIOError):
        core.green_join(thread.id, 0)
    with pytest.raises(TimeoutError):
        core.green_join(thread.id, core.green_now())
    assert core.green_join(thread.id, core.GREEN_NEVER) is None
    with pytest.raises(ProcessLookupError):
        core.green_join(thread.id, 0)
    assert thread.done() and thread.result() is None


def test_detach_by_id():
    thread = green.spawn(lambda: 3)
    core.green_detach(thread.id)
    with pytest.raises(OSError):
        core.green_detach(thread.id)
    green.yield_()
    assert thread.result() == 3


def test_times():
    now = core.green_now()
    assert core.green_after(0) >= now
    assert core.green_after(-1) >= 1
    assert core.green_after(core.GREEN_NEVER) == core.GREEN_NEVER
    assert core.green_sleep_until(0) is None
    assert core.green_sleep_until(now) is None
    assert core.green_sleep_until(core.green_after(1000)) is None


def test_self_and_names():
    assert core.green_self() == green.current().id
    assert core.green_name_set(0, "a name that is far too long for a thread") \
        is None
    assert core.green_name_get(0) == "a name that is far too long for"
    core.green_name_set(core.green_self(), None)
    assert core.green_name_get(core.green_self()) == ""


def test_yield():
    steps = []
    green.spawn(steps.append, 1)
    assert core.green_yield() is None
    assert steps == [1]


def test_stats():
    numbers = core.green_stats_get()
    assert numbers.threads >= 1 and numbers.workers >= 1
    assert numbers.size == 8 * (1 + len(green.Stats._fields))
    with pytest.raises(AttributeError):
        numbers.threads = 3
    before = green.stats()
    green.spawn(len, "x").join()
    assert green.stats().spawned == before.spawned + 1
    assert isinstance(before, tuple)


def test_stack():
    main = core.green_stack_get(0)
    assert main.low < main.high and main.used > 0

    def work():
        return core.green_stack_get(0)

    info = green.spawn(work).result()
    assert info.low < info.high < info.reserve_end
    assert info.used > 0
    thread = green.spawn(green.yield_)
    with pytest.raises(BlockingIOError):
        core.green_stack_get(thread.id)
    thread.join()


def test_trim():
    threads = [green.spawn(green.yield_) for _ in range(100)]
    for thread in threads:
        thread.join()
    assert green.trim() >= 0
    assert core.green_trim() == 0


def test_overflow_report_can_be_switched():
    assert core.green_overflow_report(0) is None
    assert core.green_overflow_report(1) is None


def test_dump(tmp_path, capsys):
    thread = green.spawn(core.green_sleep_until,
                         core.green_after(3600 * core.GREEN_SECOND),
                         name="sleeper")

    def suspended_here():
        green.yield_()

    other = green.spawn(suspended_here)
    green.yield_()
    green.spawn(len, name="unstarted")
    path = tmp_path / "dump"
    with open(path, "w") as file:
        core.green_dump(file.fileno())
        green.dump(file)
    text = path.read_text()
    assert text.count("sleeper") >= 2
    assert "in suspended_here" in text and "not started" in text
    green.dump()
    assert "sleeper" in capsys.readouterr().err
    core.green_interrupt(thread.id)
    other.join()
    assert isinstance(thread.exception(), InterruptedError)


def test_dump_of_those_who_are_blocked(capsys):
    with green.virtual_clock() as clock:
        green.dump_times()
        sem = green.Semaphore(0)
        first = green.spawn(sem.acquire, name="first")
        sleeper = green.spawn(green.sleep, 100, name="sleeper")
        green.yield_()
        clock.advance(2)
        second = green.spawn(sem.acquire, name="second")
        green.yield_()
        clock.advance(1)
        assert green.dump_blocked(1) == 1
        text = capsys.readouterr().err
        assert "first" in text and "for 3000000 us" in text
        assert "second" not in text and "sleeper" not in text
        assert green.dump_blocked(0.5) == 2
        green.dump_times(False)
        sem.release(2)
        for thread in first, second, sleeper:
            thread.join()


def test_interrupt_says_so_in_raw_calls_only():
    def raw():
        core.green_sleep_until(core.GREEN_NEVER)

    def cooked():
        green.sleep(0.1)
        return "slept on"

    threads = [green.spawn(raw), green.spawn(cooked)]
    green.yield_()
    for thread in threads:
        core.green_interrupt(thread.id)
    assert isinstance(threads[0].exception(), InterruptedError)
    assert threads[1].result() == "slept on"
