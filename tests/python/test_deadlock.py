# SPDX-License-Identifier: MIT
"""Proves: when every thread waits for another, the main flow hears of it."""


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
