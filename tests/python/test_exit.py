# SPDX-License-Identifier: MIT
"""Proves: a program ends cleanly whatever its green threads are doing."""
import os

import pytest

@pytest.mark.parametrize("end", [
    "print('end')",
    "print('end'); sys.exit(0)",
    "for t in threads[:20]: t.name\ngreen.core.green_yield()\nprint('end')",
    "import gc; gc.collect(); frame = threads[0]._frame(); print('end')",
    "import atexit; atexit.register(green.spawn(lambda: 1).result); "
    "print('end')",
], ids=["plain", "exit", "yield", "frames", "atexit"])
def test_with_suspended_threads(python, end):
    code = """
import green, sys
class Noisy:
    def __del__(self):
        green.yield_()
        try:
            green.sleep(0)
        except RuntimeError as error:
            assert "shutting down" in str(error)
def gen():
    yield green.yield_()
    yield green.yield_()
def work(n):
    noisy = Noisy()
    try:
        for _ in gen():
            green.yield_()
        green.sleep(3600)
    finally:
        print("must not run")
threads = [green.spawn(work, n) for n in range(20)]
for _ in range(10):
    green.yield_()
keep = Noisy()
""" + end
    done = python(code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_an_exception_in_the_main_flow(python):
    done = python("""
import green
t = green.spawn(green.sleep, 3600)
green.yield_()
1 / 0
""")
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("ZeroDivisionError: division by zero")


def test_threads_used_while_the_interpreter_goes_away(python):
    done = python("""
import green
class Late:
    spawn, sleep, yield_ = green.spawn, green.sleep, green.yield_
    current, local = green.current, green.local
    def __init__(self, thread):
        self.thread = thread
    def __del__(self):
        print(self.thread.done(), self.thread.id > 0)
        self.yield_()
        for call in (lambda: self.spawn(len), lambda: self.sleep(1),
                     self.current, self.local, self.thread.join):
            try:
                call()
            except RuntimeError as error:
                print(error)
late = Late(green.spawn(green.sleep, 3600))
""")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "False True"
    assert lines[1:] == ["the interpreter is shutting down"] * 5


def test_daemon_threads_that_sleep_in_green(python):
    done = python("""
import green, threading
def worker():
    t = green.spawn(green.sleep, 3600)
    ready.set()
    t.join()
for _ in range(4):
    ready = threading.Event()
    threading.Thread(target=worker, daemon=True).start()
    ready.wait()
green.sleep(0.01)
print("end")
""")
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_daemon_threads_that_switch_in_green(python):
    done = python("""
import green, threading
def spin():
    ready.set()
    while True:
        green.yield_()
def worker():
    green.spawn(spin)
    spin()
for _ in range(3):
    ready = threading.Event()
    threading.Thread(target=worker, daemon=True).start()
    ready.wait()
green.sleep(0.01)
print("end")
""")
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_subinterpreters_are_refused(python):
    done = python("""
import green
import _xxsubinterpreters as sub
sub.run_string(sub.create(), '''
try:
    import green
    green.spawn(len)
except (ImportError, RuntimeError) as error:
    print("refused")
''')
""")
    assert done.stdout == "refused\n", done.stderr


IMPORT_CALLS = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})"


def test_with_threads_in_every_call(python):
    done = python(IMPORT_CALLS + """
import calls, green
threads = [calls.blocked(make) for make in calls.ALL]
kept = [make() for make in calls.ALL]
print("end")
""")
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_with_os_threads_in_every_call(python):
    done = python(IMPORT_CALLS + """
import calls, green, threading
def os_thread(make):
    _, call = make()
    ready.release()
    call()
ready = threading.Semaphore(0)
for make in calls.ALL:
    threading.Thread(target=os_thread, args=(make,), daemon=True).start()
    ready.acquire()
print("end")
""")
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_objects_used_while_the_interpreter_goes_away(python):
    done = python("""
import green
class Late:
    def __init__(self, *objects):
        self.objects = objects
    def __del__(self):
        lock, channel, event, semaphore = self.objects
        event.set()
        semaphore.release()
        channel.close()
        lock.release()
        for call in (lock.acquire, channel.recv, event.wait,
                     semaphore.acquire, lambda: channel.send(1)):
            try:
                call()
            except RuntimeError as error:
                print(error)
late = Late(green.Lock(), green.Channel(), green.Event(), green.Semaphore())
late.objects[0].acquire()
""")
    assert done.stderr == "" and done.returncode == 0
    assert done.stdout.splitlines() == ["the interpreter is shutting down"] * 5
