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


def cancelled(thread):
    green.yield_()
    thread.cancel()
    thread.join()


def work_locks():
    for lock in (green.Lock(), green.RLock()):
        with lock:
            cancelled(green.spawn(lock.acquire))
            other = green.spawn(lock.acquire)
            for call in (lambda: lock.acquire(False, 1), lambda: lock.x,
                         lambda: green.spawn(lock.release).result()):
                try:
                    call()
                except Exception as error:
                    error.__traceback__ = None
            repr(lock)
        other.join()


def work_rwlock():
    lock = green.RWLock()
    with lock.writer:
        cancelled(green.spawn(lock.reader.acquire))
    with lock.reader:
        cancelled(green.spawn(lock.writer.acquire))
        try:
            lock.writer.release()
        except RuntimeError as error:
            error.__traceback__ = None


def work_semaphores():
    for kind in green.Semaphore, green.BoundedSemaphore:
        with kind() as semaphore:
            pass
        semaphore = kind(1)
        semaphore.acquire()
        cancelled(green.spawn(semaphore.acquire))
        semaphore.release()
        try:
            kind(-1)
        except ValueError:
            pass


def work_channel():
    for capacity in (0, 3, None):
        channel = green.Channel(capacity)
        sender = green.spawn(channel.send, [1])
        channel.recv()
        sender.join()
        cancelled(green.spawn(channel.recv))
        senders = [green.spawn(channel.send, [n]) for n in range(6)]
        cancelled(senders[5])
        channel.close()
        for sender in senders:
            sender.join()
            if not sender.cancelled() and sender.exception():
                sender.exception().__traceback__ = None


def work_channel_of_itself():
    channel = green.Channel(2)
    channel.send([channel])


def work_iterate():
    channel = green.Channel()
    thread = green.spawn(lambda: list(channel))
    with channel:
        channel.send([1])
    thread.join()


def work_select():
    a, b = green.Channel(), green.Channel(1)
    clauses = [a, a.sending([1]), b.sending([2]), green.Semaphore(0),
               green.Event(), 3600, None]
    green.select(clauses)
    b.recv()
    b.send([3])
    clauses.append(green.spawn(len, "four"))
    green.select(clauses)
    cancelled(green.spawn(green.select, clauses[:-1]))
    for bad in ([a.sending([1]), print], [a.sending(1), "x"]):
        try:
            green.select(bad)
        except TypeError as error:
            error.__traceback__ = None
    b.close()
    try:
        green.select([b.sending([1])])
    except green.Closed as error:
        error.__traceback__ = None


def work_condition():
    condition = green.Condition()

    def wait():
        with condition:
            return condition.wait_for(lambda: done)

    done = []
    thread = green.spawn(wait)
    cancelled(green.spawn(wait))
    with condition:
        condition.wait(0)
        done.append(1)
        condition.notify_all()
    thread.join()


def work_event():
    for auto in (False, True):
        event = green.Event(auto_reset=auto)
        cancelled(green.spawn(event.wait))
        event.set()
        event.is_set()
        event.wait()


def work_barrier():
    barrier = green.Barrier(2)
    cancelled(green.spawn(barrier.wait))
    thread = green.spawn(barrier.wait)
    barrier.wait()
    thread.join()


def work_queue():
    queue = green.Queue(1)
    cancelled(green.spawn(queue.get))
    queue.put([1])
    cancelled(green.spawn(queue.put, [2]))
    queue.get()
    queue.task_done()
    queue.join()
    queue.put([3])


def work_cancel():
    thread = green.spawn(green.sleep, 3600)
    cancelled(thread)
    for call in thread.result, thread.exception:
        try:
            call()
        except Exception as error:
            error.__traceback__ = None


def work_timeouts():
    with green.move_on_after(0):
        green.sleep(1)
    with green.shield():
        pass
    try:
        with green.timeout(0):
            green.sleep(1)
    except TimeoutError as error:
        error.__cause__.__traceback__ = error.__traceback__ = None


def work_scope():
    def fail():
        raise ValueError
    with green.scope() as scope:
        scope.spawn(len, "four")
    try:
        with green.scope() as scope:
            for n in range(3):
                scope.spawn(green.sleep, 3600)
            scope.spawn(fail)
    except ExceptionGroup as group:
        for error in group.exceptions:
            error.__traceback__ = None
        group.__traceback__ = None


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
    rounds = [total(100) for _ in range(4)]
    # What leaks does so in every round, by 100 at least; the interpreter itself
    # keeps a few more things in some of them.
    for numbers in zip(*rounds):
        assert min(after - before for before, after in
                   zip(numbers, numbers[1:])) < 50
