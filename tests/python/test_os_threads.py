# SPDX-License-Identifier: MIT
"""Proves: each OS thread has green threads of its own, and they can wait for
each other's."""
import sys
import threading

import green
import pytest


def in_os_thread(fn, *args):
    """Run fn in an OS thread of its own; its outcome comes back."""
    outcome = []

    def run():
        try:
            outcome.append((fn(*args), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    value, error = outcome[0]
    if error is not None:
        raise error
    return value


def ring(n):
    seen = []

    def work(i):
        for _ in range(20):
            seen.append(i)
            green.yield_()
        return threading.get_ident()

    threads = [green.spawn(work, i) for i in range(n)]
    idents = {t.result() for t in threads}
    assert idents == {threading.get_ident()}
    assert seen == list(range(n)) * 20
    return green.current().id


def test_each_has_its_own():
    ids = [in_os_thread(ring, 10) for _ in range(4)]
    assert len(set(ids + [green.current().id])) == 5


def test_at_the_same_time():
    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    errors = []

    def work():
        try:
            for _ in range(20):
                ring(10)
        except BaseException as error:
            errors.append(error)

    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            ring(10)
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(switch)
    assert errors == []


def test_sleeping_lets_other_os_threads_run():
    ran = threading.Event()
    thread = threading.Thread(target=ran.set)
    sleeper = green.spawn(green.sleep, 3600)
    green.yield_()
    thread.start()
    while not ran.is_set():
        green.sleep(0.001)
    thread.join()
    green.core.green_interrupt(sleeper.id)


def test_waiting_for_a_thread_of_another_os_thread():
    go = threading.Event()
    made = []
    ready = threading.Event()

    def worker():
        def work():
            go.wait()
            green.yield_()
            return "from afar"

        made.append(green.spawn(work))
        ready.set()
        made[0].join()

    os_thread = threading.Thread(target=worker)
    os_thread.start()
    ready.wait()
    with pytest.raises(TimeoutError):
        made[0].join(0)
    waiters = [green.spawn(made[0].result) for _ in range(3)]
    green.yield_()
    go.set()
    assert [w.result() for w in waiters] == ["from afar"] * 3
    os_thread.join()


def test_several_os_threads_wait_for_one_thread():
    made, results = [], []
    ready, go = threading.Event(), threading.Event()

    def worker():
        def work():
            go.wait()
            green.yield_()
            return "from afar"

        made.append(green.spawn(work))
        ready.set()
        made[0].join()

    def other():
        waiters = [green.spawn(made[0].result) for _ in range(3)]
        green.yield_()
        results.extend(w.result() for w in waiters)

    os_threads = [threading.Thread(target=worker)]
    os_threads[0].start()
    ready.wait()
    os_threads += [threading.Thread(target=other) for _ in range(3)]
    for os_thread in os_threads[1:]:
        os_thread.start()
    go.set()
    for os_thread in os_threads:
        os_thread.join()
    assert results == ["from afar"] * 9


def test_a_thread_of_another_os_thread_cannot_be_renamed_there():
    made = []
    ready, go = threading.Event(), threading.Event()

    def worker():
        made.append(green.spawn(len, "four"))
        ready.set()
        go.wait()
        return made[0].join()

    os_thread = threading.Thread(target=worker)
    os_thread.start()
    ready.wait()
    with pytest.raises(PermissionError):
        green.core.green_name_set(made[0].id, "name")
    with pytest.raises(PermissionError):
        green.core.green_stack_get(made[0].id)
    made[0].name = "in Python only"
    assert made[0].name == "in Python only"
    go.set()
    os_thread.join()


def test_who_waits_for_a_thread_whose_os_thread_ends():
    made = []
    ready, go = threading.Event(), threading.Event()

    def worker():
        made.append(green.spawn(green.sleep, 3600))
        green.yield_()
        ready.set()
        go.wait()

    os_thread = threading.Thread(target=worker)
    os_thread.start()
    ready.wait()
    waiters = [green.spawn(made[0].join) for _ in range(3)]
    green.yield_()
    go.set()
    for waiter in waiters:
        assert isinstance(waiter.exception(), ProcessLookupError)
    os_thread.join()


def test_an_os_thread_ends_with_threads_alive():
    before = green.stats().abandoned
    kept = []

    def inner(value):
        kept.append(sys._getframe())
        green.yield_()

    def generator():
        kept.append(sys._getframe())
        yield inner("in a generator")

    def worker():
        made = [green.spawn(inner, 1), green.spawn(inner, 2),
                green.spawn(next, generator())]
        green.yield_()
        made.append(green.spawn(inner, 3))
        return made

    made = in_os_thread(worker)
    # The C library learns of it a moment after Python does.
    while green.stats().abandoned < before + 4:
        green.sleep(0.001)
    assert [t.done() for t in made] == [True] * 4
    for thread in made:
        assert "lost" in repr(thread)
        for wait in (thread.join, thread.result, thread.exception):
            with pytest.raises(ProcessLookupError):
                wait()
    # Their stacks are gone; what somebody holds is still true.
    for _ in range(100):
        green.spawn(ring, 1).join()
    frames = {f.f_locals.get("value") for f in kept}
    assert frames >= {1, 2, "in a generator"}
    for frame in kept:
        while frame:
            frame = frame.f_back
