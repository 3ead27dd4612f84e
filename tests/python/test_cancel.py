# SPDX-License-Identifier: MIT
"""Proves: a cancelled thread gets Cancelled from each call that can block, and
nobody who handles errors gets it. Twin of t-cancel-*.c."""
import concurrent.futures
import threading

import calls
import green
import pytest
from green import core


@pytest.mark.parametrize("make", calls.ALL, ids=lambda make: make.__name__)
def test_every_call_that_waits(make):
    thread = calls.blocked(make)
    thread.cancel()
    thread.join()
    assert thread.cancelled() and thread.done()


@pytest.mark.parametrize("make", calls.ALL, ids=lambda make: make.__name__)
def test_every_call_that_would_wait(make):
    def work():
        _, call = make()
        green.current().cancel()
        call()

    thread = green.spawn(work)
    thread.join()
    assert thread.cancelled()


def test_also_calls_that_could_succeed():
    def work():
        green.current().cancel()
        count = 0
        for call in (lambda: green.sleep(0), lambda: green.Lock().acquire(),
                     lambda: green.Semaphore().acquire(False),
                     lambda: full.recv(), lambda: full.send(1, timeout=0),
                     lambda: green.Event().wait(0)):
            with pytest.raises(green.Cancelled):
                call()
            count += 1
        green.yield_()
        return count

    full = green.Channel(2)
    full.send(1)
    assert green.spawn(work).result() == 6
    assert len(full) == 1


def test_it_stays_and_passes_handlers_of_errors():
    seen = []

    def work():
        try:
            green.sleep(3600)
        except Exception:
            assert False, "no Exception"
        except green.Cancelled as error:
            seen.append(str(error))
        try:
            green.sleep(3600)
        finally:
            seen.append("finally")

    thread = green.spawn(work)
    green.yield_()
    assert not thread.cancelled()
    thread.cancel()
    thread.cancel()
    thread.join()
    assert seen == ["", "finally"] and thread.cancelled()
    assert not issubclass(green.Cancelled, Exception)


def test_results_are_those_of_a_cancelled_future():
    thread = green.spawn(green.sleep, 3600)
    thread.cancel()
    for call in thread.result, thread.exception:
        with pytest.raises(concurrent.futures.CancelledError):
            call()
    assert thread.join() is None
    assert "cancelled" in repr(thread)


def test_a_thread_may_return_instead():
    def work():
        try:
            green.sleep(3600)
        except green.Cancelled:
            return "home"

    thread = green.spawn(work)
    green.yield_()
    thread.cancel()
    assert thread.result() == "home" and not thread.cancelled()


def test_nobody_is_told_of_it(capsys):
    thread = green.spawn(green.sleep, 3600)
    green.yield_()
    thread.cancel()
    del thread
    green.yield_()
    green.yield_()
    assert capsys.readouterr().err == ""


def test_one_that_has_ended_or_not_begun():
    thread = green.spawn(len, "four")
    thread.cancel()
    assert thread.result() == 4  # it does not block
    thread.cancel()
    assert not thread.cancelled()


def test_the_main_flow(python):
    done = python("""
import green
main = green.current()
green.spawn(main.cancel)
try:
    green.sleep(3600)
except green.Cancelled:
    print("cancelled")
with green.shield():
    green.sleep(0)
print(green.core.green_cancelled())
green.Channel().recv()
""")
    assert done.stdout == "cancelled\n1\n"
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("green.Cancelled")


def test_from_another_os_thread():
    thread = calls.blocked(calls.recv)
    other = threading.Thread(target=thread.cancel)
    other.start()
    thread.join()
    other.join()
    assert thread.cancelled()


def test_by_id():
    thread = calls.blocked(calls.lock)
    assert core.green_cancel(thread.id) is None
    thread.join()
    assert thread.cancelled()
    with pytest.raises(ProcessLookupError):
        core.green_cancel(thread.id)
    with pytest.raises(OSError):
        core.green_cancel(0)
    assert core.green_cancelled() == 0


# ---- what was waited for ----------------------------------------------------

def test_a_cancelled_receive_loses_nothing():
    def program():
        channel = green.Channel()
        got = []
        receivers = [green.spawn(lambda: got.append(channel.recv()))
                     for _ in range(2)]
        sender = green.spawn(channel.send, "item")
        receivers[0].cancel()
        sender.result()
        receivers[0].join()
        if receivers[0].cancelled():
            receivers[1].join()
        else:
            receivers[1].cancel()
            receivers[1].join()
        assert got == ["item"]

    assert green.explore(program).complete


def test_a_cancelled_send_sends_nothing_or_all():
    def program():
        channel = green.Channel(1)
        channel.send("full")
        sender = green.spawn(channel.send, "item")
        canceller = green.spawn(sender.cancel)
        got = [channel.recv()]
        sender.join()
        canceller.join()
        if not sender.cancelled():
            got.append(channel.recv(0))
        assert len(channel) == 0
        assert len(got) == 2 - sender.cancelled()

    assert green.explore(program).complete


@pytest.mark.parametrize("kind", [green.Lock, green.RLock, green.Semaphore,
                                  green.BoundedSemaphore])
def test_a_cancelled_wait_for_a_lock_passes_it_on(kind):
    def program():
        lock = kind()

        def work():
            with lock:
                green.yield_()

        threads = [green.spawn(work) for _ in range(3)]
        threads[1].cancel()
        for thread in threads:
            thread.join()
        assert lock.acquire(False)

    assert green.explore(program, max_runs=2000).runs > 1


def test_a_cancelled_wait_swallows_no_signal():
    def program():
        condition = green.Condition()
        tokens = 0

        def work():
            nonlocal tokens
            with condition:
                try:
                    condition.wait_for(lambda: tokens)
                    tokens -= 1
                finally:
                    condition.notify(0)  # only whoever holds the lock may

        threads = [green.spawn(work) for _ in range(2)]
        green.yield_()
        with condition:
            tokens = 1
            condition.notify()
        threads[0].cancel()
        threads[0].join()
        if not threads[0].cancelled():
            threads[1].cancel()
        threads[1].join()
        assert threads[0].cancelled() != threads[1].cancelled()

    assert green.explore(program, max_runs=3000).runs > 10


# ---- shields ----------------------------------------------------------------

def test_a_shield_holds_it_off():
    steps = []

    def work():
        with green.shield():
            green.sleep(1)
            steps.append("whole")
            with green.shield():
                green.sleep(1)
            green.sleep(1)
            steps.append("still")
        green.sleep(1)

    with green.virtual_clock():
        thread = green.spawn(work)
        green.yield_()
        thread.cancel()
        thread.join()
        assert green.now() == 4.0
    assert steps == ["whole", "still"] and thread.cancelled()


def test_a_shield_as_a_decorator():
    @green.shield()
    def whole():
        green.sleep(0)
        return core.green_cancelled()

    def work():
        green.current().cancel()
        return whole(), core.green_cancelled()

    assert green.spawn(work).result() == (0, 1)


def test_time_outs_work_inside_of_a_shield():
    def work():
        with green.shield():
            with green.move_on_after(2) as inner:
                green.sleep(3600)
        return inner.expired(), green.now()

    with green.virtual_clock():
        thread = green.spawn(work)
        thread.cancel()
        assert thread.result() == (True, 3.0)


def test_shield_of_the_core():
    assert core.green_shield(1) == 0
    assert core.green_shield(0) == 1
    with pytest.raises(OSError):
        core.green_shield(2)
