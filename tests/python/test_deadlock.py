# SPDX-License-Identifier: MIT
"""Proves: when every thread waits for another, the main flow hears of it, and
of who waits for what."""
import os
import re

import calls
import pytest


def test_main_and_a_thread_wait_for_each_other(python):
    done = python("""
import green

a = green.spawn(lambda: b.join(), name="first")
b = green.spawn(lambda: a.join(), name="second")
try:
    a.join()
except green.Deadlock as error:
    assert isinstance(error, RuntimeError)
    text = str(error)
    assert "first" in text and "second" in text, text
    print("caught")
# Life goes on.
print(green.spawn(lambda: 3).result())
green.sleep(0.001)
try:
    b.join()
except green.Deadlock:
    print("again")
""")
    assert done.stdout == "caught\n3\nagain\n", done.stderr
    assert done.returncode == 0
    assert "first" in done.stderr


def test_nobody_catches_it(python):
    done = python("""
import green
main = green.current()
def work():
    b.join()
a = green.spawn(work)
b = green.spawn(a.join)
a.join()
""")
    assert done.returncode == 1
    assert "green.Deadlock: " in done.stderr


def test_not_while_somebody_sleeps_or_a_signal_may_come(python):
    done = python("""
import green, signal
def alarm(*args):
    print("alarm")
    green.core.green_interrupt(t.id)
def work():
    try:
        green.core.green_sleep_until(green.core.GREEN_NEVER)
    except InterruptedError:
        print("interrupted")
t = green.spawn(work)
try:
    t.join(0.01)
except TimeoutError:
    print("timeout")
signal.signal(signal.SIGALRM, alarm)
signal.setitimer(signal.ITIMER_REAL, 0.05)
t.join()
""")
    assert done.stdout == "timeout\nalarm\ninterrupted\n", done.stderr
    assert done.returncode == 0


# What the report says of the main flow.
WAITS = {
    "join": "joins thread", "result": "joins thread",
    "lock": "locks mutex", "with_lock": "locks mutex", "rlock": "locks mutex",
    "reader": "reads", "writer": "writes",
    "semaphore": "waits for semaphore", "with_semaphore": "waits for semaphore",
    "send": "sends to channel", "recv": "receives from channel",
    "iterate": "receives from channel",
    "event": "waits for event", "auto_event": "waits for event",
    "select": "", "scope": "waits for the threads of scope",
}


@pytest.mark.parametrize("make", calls.ALL, ids=lambda make: make.__name__)
def test_every_call_is_reported(python, make):
    done = python(f"""
import sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
import calls, green
_, call = calls.{make.__name__}()
try:
    call()
except green.Deadlock as error:
    print(error)
except ExceptionGroup as group:
    print(group.exceptions[0])
# Life goes on.
print(green.spawn(lambda: "on").result())
""")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("on\n")
    main = re.search(r"\(main flow\): (.*)", done.stdout).group(1)
    assert main.startswith(WAITS.get(make.__name__, "waits for condition"))


def test_who_holds_what(python):
    done = python("""
import green
def work(first, second):
    with first:
        green.yield_()
        with second:
            pass
a, b = green.Lock(), green.RLock()
threads = [green.spawn(work, a, b, name="one"),
           green.spawn(work, b, a, name="other")]
try:
    threads[0].join()
except green.Deadlock as error:
    print(threads[0].id, threads[1].id)
    print(error)
for thread in threads:
    thread.cancel()
    thread.join()
print(a.locked(), b.locked())
""")
    lines = done.stdout.splitlines()
    one, other = lines[0].split()
    assert re.search(f"{one}.*one.*locks mutex.*{other}", done.stdout)
    assert re.search(f"{other}.*other.*locks mutex.*{one}", done.stdout)
    assert lines[-1] == "False False", done.stderr
