# SPDX-License-Identifier: MIT
"""Proves: signals reach the main flow while everybody waits, and a program
of green threads can be interrupted from the keyboard."""
import os
import signal

import calls
import green
import pytest


@pytest.fixture
def alarm():
    """A signal that comes by itself, so that it finds the process asleep."""
    old = signal.getsignal(signal.SIGALRM)

    def set_alarm(handler):
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.02)

    yield set_alarm
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, old)


def interrupt(signum, frame):
    raise KeyboardInterrupt


def wait_forever():
    green.core.green_sleep_until(green.core.GREEN_NEVER)


@pytest.mark.parametrize("wait", ["join", "result", "sleep", "raw"])
def test_keyboard_interrupt_while_all_wait(alarm, wait):
    thread = green.spawn(green.sleep, 3600)
    green.yield_()
    with pytest.raises(KeyboardInterrupt):
        alarm(interrupt)
        if wait == "sleep":
            green.sleep(3600)
        elif wait == "raw":
            wait_forever()
        else:
            getattr(thread, wait)()
    assert not thread.done()
    green.core.green_interrupt(thread.id)


@pytest.mark.parametrize("make", calls.ALL, ids=lambda make: make.__name__)
def test_keyboard_interrupt_ends_every_call(alarm, make):
    green.spawn(green.sleep, 3600)  # or it would be a deadlock
    _, call = make()
    with pytest.raises(KeyboardInterrupt):
        alarm(interrupt)
        call()


@pytest.mark.parametrize("make", calls.ALL, ids=lambda make: make.__name__)
def test_every_call_waits_on_after_a_handler(make, alarm):
    def handler(signum, frame):
        count.append(1)
        if len(count) == 3:
            scope.cancel()

    count = []
    green.spawn(green.sleep, 3600)
    _, call = make()
    with green.scope() as scope:
        alarm(handler)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        call()
        assert False, "it waits for ever"
    assert len(count) >= 3


def test_the_handler_runs_on_the_main_flow_and_the_wait_goes_on(alarm):
    main = green.current()
    seen = []

    def handler(signum, frame):
        seen.append(green.current() is main)
        green.core.green_interrupt(thread.id)

    def work():
        with pytest.raises(InterruptedError):
            wait_forever()
        green.sleep(0.01)
        return "slept on"

    thread = green.spawn(work)
    green.yield_()
    alarm(handler)
    assert thread.result() == "slept on"
    assert seen == [True]


def test_a_handler_may_use_green_threads(alarm):
    seen = []

    def handler(signum, frame):
        seen.append(green.spawn(lambda: "from the handler").result())

    alarm(handler)
    while not seen:
        green.sleep(0.01)
    assert seen == ["from the handler"]


def test_interrupt_of_a_computing_thread_reaches_the_main_flow(alarm):
    def compute():
        alarm(interrupt)
        while True:
            pass

    thread = green.spawn(compute)
    with pytest.raises(KeyboardInterrupt):
        thread.join()
    assert thread.done()
    assert isinstance(thread.exception(), KeyboardInterrupt)


def test_interrupt_of_a_thread_when_the_main_flow_only_yields():
    def compute():
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            pass

    green.spawn(compute)
    with pytest.raises(KeyboardInterrupt):
        while True:
            green.yield_()


def test_a_thread_may_handle_the_interrupt():
    def compute():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            while True:
                pass
        except KeyboardInterrupt:
            return "handled"

    assert green.spawn(compute).result() == "handled"
    green.yield_()


def test_the_program_ends_as_python_programs_do(python):
    done = python("""
import green, os, signal
green.spawn(lambda: os.kill(os.getpid(), signal.SIGINT))
green.sleep(3600)
""")
    assert done.returncode == -2  # SIGINT
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")


def test_a_signal_just_before_the_sleep_is_not_missed():
    seen = []
    old = signal.signal(signal.SIGUSR1, lambda *args: seen.append(1))
    try:
        for n in range(200):
            # The handler's note is left for after the last Python code.
            thread = green.spawn(os.kill, os.getpid(), signal.SIGUSR1)
            thread.join()
            green.sleep(1e-6)
            assert len(seen) == n + 1
    finally:
        signal.signal(signal.SIGUSR1, old)


def test_an_interrupt_that_comes_with_an_item_loses_neither():
    def work():
        channel.send("item")
        raise KeyboardInterrupt

    channel = green.Channel()
    green.spawn(work)
    assert channel.recv() == "item"
    with pytest.raises(KeyboardInterrupt):
        channel.recv()
