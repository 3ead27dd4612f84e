# SPDX-License-Identifier: MIT
"""Proves: functions that block run in other OS threads, while green threads run
here; what they return and raise comes back; who gives up leaves them alone. Twin
of t-offload-*.c."""
import contextvars
import gc
import os
import signal
import threading
import time
import weakref

import green
import pytest


class Gate:
    """A function that blocks its OS thread until it is let go."""

    def __init__(self):
        self.begun = green.Semaphore(0)
        self.ended = green.Semaphore(0)
        self.out, self.into = os.pipe()

    def __call__(self, value=None):
        self.begun.release()
        os.read(self.out, 1)
        self.ended.release()
        return value

    def open(self):
        os.write(self.into, b"x")

    def close(self):
        os.close(self.out)
        os.close(self.into)


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.close()


def test_calls_elsewhere():
    def work(a, *, b):
        return a + b, threading.get_ident()

    value, ident = green.offload(work, 1, b=2)
    assert value == 3 and ident != threading.get_ident()


def test_raises_here():
    def fail():
        raise KeyError("what it was")

    with pytest.raises(KeyError, match="what it was") as caught:
        green.offload(fail)
    assert caught.traceback[-1].name == "fail"


def test_wants_a_function():
    with pytest.raises(TypeError):
        green.offload()
    with pytest.raises(TypeError):
        green.offload(4711)
    with pytest.raises(TypeError):
        green.offload(threading.get_ident, 4711)


def test_others_run_meanwhile(gate):
    thread = green.spawn(green.offload, gate, "value")
    gate.begun.acquire()
    green.yield_()
    assert not thread.done()
    gate.open()
    assert thread.result() == "value"


def test_many_at_the_same_time():
    barrier = threading.Barrier(8)
    threads = [green.spawn(green.offload, barrier.wait) for _ in range(8)]
    assert sorted(t.result() for t in threads) == list(range(8))


def test_sees_the_context():
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("ours")

    def work():
        seen = variable.get()
        variable.set("theirs")
        return seen

    assert green.offload(work) == "ours"
    assert variable.get() == "ours"


def test_cancellation_leaves_it_alone(gate):
    class Argument:
        pass

    argument = Argument()
    alive = weakref.ref(argument)
    thread = green.spawn(green.offload, gate, argument)
    del argument
    gate.begun.acquire()
    thread.cancel()
    with pytest.raises(Exception):
        thread.result()
    assert thread.cancelled()
    del thread
    gc.collect()
    assert alive() is not None
    gate.open()
    gate.ended.acquire()
    while alive() is not None:  # its OS thread is about to let go
        time.sleep(0)


def test_timeout(gate):
    with green.virtual_clock():
        with pytest.raises(TimeoutError), green.timeout(5):
            green.offload(gate)
        assert green.now() == 6.0
    gate.open()
    gate.ended.acquire()


def test_signal_handlers_run_meanwhile(gate):
    def handle(number, frame):
        gate.open()

    def interrupt():
        gate.begun.acquire()
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        green.spawn(interrupt)
        assert green.offload(gate, "value") == "value"
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_green_threads_over_there():
    def work():
        thread = green.spawn(lambda: green.current().id)
        return thread.result()

    assert green.offload(work) != green.offload(work)


def test_idle_threads_hide_no_deadlock():
    green.offload(threading.get_ident)
    with pytest.raises(green.Deadlock):
        green.Event().wait()
