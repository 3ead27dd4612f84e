# SPDX-License-Identifier: MIT
"""Proves: in the child of a fork the flow that forked goes on alone."""
import os
import signal
import sys

import calls
import green
import pytest


def child_status(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def in_child(work):
    """Exit status of a child that runs work: 0 if that returns."""
    pid = os.fork()
    if pid:
        return child_status(pid)
    try:
        work()
        os._exit(0)
    except BaseException:
        import traceback
        traceback.print_exc()
        os._exit(1)


def suspended(mark):
    while not mark:
        green.yield_()
    return "went on"


def test_the_main_flow_forks():
    mark = []
    thread = green.spawn(suspended, mark)
    new = green.spawn(suspended, mark)
    green.yield_()
    unstarted = green.spawn(len, "four")

    def work():
        mark.append(1)
        for lost in (thread, new, unstarted):
            with pytest.raises(ProcessLookupError):
                lost.join()
            assert lost.done() and "lost" in repr(lost)
        assert green.core.green_self() == green.current().id
        assert green.spawn(len, "four").result() == 4
        green.sleep(0.001)
        assert green.stats().threads == 1

    assert in_child(work) == 0
    mark.append(1)
    assert thread.result() == new.result() == "went on"
    assert unstarted.result() == 4


def test_a_green_thread_forks():
    main = green.current()

    def work():
        assert green.current() is thread
        with pytest.raises((RuntimeError, ProcessLookupError)):
            main.join()
        assert green.spawn(len, "four").result() == 4
        green.sleep(0.001)

    thread = green.spawn(in_child, work)
    assert thread.result() == 0


def test_frames_of_lost_threads_can_be_looked_at():
    def inner(value):
        green.yield_()

    thread = green.spawn(inner, "kept")
    green.yield_()
    frame = thread._frame()

    def work():
        assert frame.f_locals["value"] == "kept"
        assert frame.f_code.co_name == "inner"
        for _ in range(100):
            green.spawn(inner, "new").join()
        assert frame.f_locals["value"] == "kept"

    assert in_child(work) == 0
    thread.join()


def test_the_child_ends_as_its_thread_does(python):
    done = python("""
import green, os, sys
def work():
    if os.fork():
        os.wait()
        return "parent"
    sys.stdout.write("child\\n")
t = green.spawn(work)
print(t.result())
""")
    assert done.stdout == "child\nparent\n", done.stderr
    assert (done.returncode, done.stderr) == (0, "")


def test_output_of_such_a_child_is_not_lost(python, tmp_path):
    path = tmp_path / "out"
    done = python("""
import green, os, sys
sys.stdout = open(sys.argv[1], "w") if len(sys.argv) > 1 else open(%r, "w")
def work():
    if os.fork():
        os.wait()
        return
    sys.stdout.write("child\\n")
    green.spawn(sys.stdout.write, "its own\\n")
green.spawn(work).join()
""" % str(path))
    assert done.returncode == 0, done.stderr
    assert path.read_text() == "child\nits own\n"


def test_other_os_threads_and_theirs_are_gone(python):
    done = python("""
import green, os, threading
ready, go = threading.Event(), threading.Event()
lost = []
def worker():
    def inner(value):
        lost.append(green.current())
        green.yield_()
    t = green.spawn(inner, 3)
    green.yield_()
    ready.set()
    go.wait()
    t.join()
os_thread = threading.Thread(target=worker)
os_thread.start()
ready.wait()
pid = os.fork()
if not pid:
    try:
        lost[0].join()
    except ProcessLookupError:
        print(green.spawn(lambda: "child").result())
    os._exit(0)
os.waitpid(pid, 0)
go.set()
os_thread.join()
print(lost[0].done())
""")
    assert done.stdout == "child\nTrue\n", done.stderr
    assert (done.returncode, done.stderr) == (0, "")


def test_interrupting_a_child_that_a_green_thread_forked():
    def work():
        signal.signal(signal.SIGALRM, lambda *args: sys.exit(1))
        with pytest.raises(SystemExit):
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            green.sleep(3600)

    assert in_child(work) == 0
    assert green.spawn(in_child, work).result() == 0


def test_objects_are_as_they_were_without_those_who_waited():
    lock, condition, event = green.Lock(), green.Condition(), green.Event()
    channel, semaphore = green.Channel(1), green.Semaphore(0)
    queue = green.Queue(1)
    channel.send("first")
    queue.put("first")

    def wait():
        with condition:
            condition.wait()

    calls.held(lock)
    threads = [green.spawn(call) for call in (
        lock.acquire, semaphore.acquire, event.wait, queue.join, wait,
        lambda: channel.send("lost"), lambda: queue.put("lost"))]
    for _ in range(3):
        green.yield_()

    def work():
        assert not lock.acquire(False)  # nobody is left to release it
        semaphore.release()
        assert semaphore.acquire(False)
        assert channel.recv() == "first"
        channel.send("second")
        assert green.spawn(channel.recv).result() == "second"
        with condition:
            condition.notify_all()
        assert queue.get() == "first"
        queue.put("second")
        assert queue.get() == "second"
        for _ in range(2):
            queue.task_done()
        queue.join()
        event.set()
        assert event.wait()
        with green.scope() as scope:
            scope.spawn(green.yield_)
        for thread in threads:
            thread.cancel()

    assert in_child(work) == 0
    assert not any(thread.done() for thread in threads)
