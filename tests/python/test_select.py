# SPDX-License-Identifier: MIT
"""Proves: select() does one of several things, that one only, and a fair
choice. Twin of t-select-*.c."""
import collections
import gc
import threading
import weakref

import calls
import green
import pytest


@pytest.fixture
def clock():
    with green.virtual_clock() as clock:
        yield clock


def test_each_kind(clock):
    a, b = green.Channel(1), green.Channel(1)
    semaphore, event = green.Semaphore(0), green.Event()
    thread = green.spawn(green.sleep, 100)
    clauses = [None, a, b.sending("b"), thread, semaphore, event, 7]
    assert green.select(clauses) == (2, None)
    assert b.recv() == "b"
    b.send("full")
    a.send("a")
    assert green.select(clauses) == (1, "a")
    semaphore.release()
    assert green.select(clauses) == (4, True)
    assert not semaphore.acquire(False)
    event.set()
    assert green.select(clauses) == (5, True)
    event.clear()
    assert green.now() == 1.0
    assert green.select(clauses) == (6, None)
    assert green.now() == 8.0
    assert green.select(clauses[:-1]) == (3, None)
    assert green.now() == 101.0
    assert green.select(clauses[:-1]) == (3, None)
    assert thread.result() is None


@pytest.mark.parametrize("which", range(5))
def test_waits_for_each_kind(which):
    a, b = green.Channel(), green.Channel()
    semaphore, event = green.BoundedSemaphore(), green.Event(auto_reset=True)
    semaphore.acquire()
    gate = green.Event()
    thread = green.spawn(gate.wait)
    waiter = green.spawn(green.select, [a, b.sending("b"), semaphore, event,
                                        thread])
    green.yield_()
    assert not waiter.done()
    got = [lambda: a.send("a"), b.recv, semaphore.release, event.set,
           gate.set][which]()
    assert waiter.result() == (which, ["a", None, True, True, None][which])
    assert got == ("b" if which == 1 else None)
    # Nothing of the others has happened.
    for call in (lambda: a.send(1, 0), lambda: b.recv(0)):
        with pytest.raises(TimeoutError):
            call()
    if which == 2:
        semaphore.release()
    event.set()
    gate.set()


def test_a_fair_choice():
    channels = [green.Channel(None) for _ in range(4)]
    for channel in channels:
        for _ in range(400):
            channel.send(None)
    counts = collections.Counter(green.select(channels)[0]
                                 for _ in range(400))
    # 100 of each are to be expected; 40 would be seven sigma.
    assert set(counts) == {0, 1, 2, 3} and min(counts.values()) > 40


def test_timeouts(clock):
    with pytest.raises(TimeoutError):
        green.select([green.Channel()], timeout=2)
    assert green.now() == 3.0
    for timeout in (0, -1):
        with pytest.raises(TimeoutError):
            green.select([green.Channel(), None], timeout)
    with pytest.raises(TimeoutError):
        green.select([], 2)
    assert green.now() == 5.0
    assert green.select([5.5, 3, 4]) == (1, None)
    assert green.now() == 8.0


def test_closed_channels():
    a, b = green.Channel(), green.Channel()
    b.close()
    for clause in (b, b.sending(1)):
        with pytest.raises(green.Closed) as info:
            green.select([a, clause])
        assert info.value.clause == 1
    waiter = green.spawn(green.select, [a])
    green.yield_()
    a.close()
    assert waiter.exception().clause == 0


def test_the_same_channel_twice():
    channel = green.Channel()
    waiter = green.spawn(green.select, [channel, channel.sending("mine")])
    green.yield_()
    assert not waiter.done()
    assert channel.recv() == "mine"
    assert waiter.result() == (1, None)
    waiters = [green.spawn(green.select, [channel.sending("other"), channel])
               for _ in range(2)]
    assert sorted(w.result() for w in waiters) == [(0, None), (1, "other")]


def test_threads_that_others_wait_for():
    gate = green.Event()
    thread = green.spawn(gate.wait)
    joiner = green.spawn(thread.join)
    green.yield_()
    waiters = [green.spawn(green.select, [thread, green.Channel()])
               for _ in range(3)]
    late = green.spawn(thread.result)
    green.yield_()
    gate.set()
    assert [w.result() for w in waiters] == [(0, None)] * 3
    joiner.join()
    assert late.result() is True


def test_the_joiner_gives_up_and_others_go_on():
    a = green.Channel()
    gate = green.Event()
    thread = green.spawn(gate.wait)
    first = green.spawn(green.select, [a, thread])
    green.yield_()
    second = green.spawn(green.select, [thread])
    third = green.spawn(thread.join)
    green.yield_()
    a.send("go")
    assert first.result() == (0, "go")
    gate.set()
    assert second.result() == (0, None)
    third.join()


def test_threads_of_other_os_threads():
    def os_thread():
        thread = green.spawn(gate.wait)
        threads.append(thread)
        ready.set()
        thread.join()

    gate, threads, ready = green.Event(), [], threading.Event()
    other = threading.Thread(target=os_thread)
    other.start()
    ready.wait()
    waiters = [green.spawn(green.select, [green.Channel(), threads[0]])
               for _ in range(2)]
    green.yield_()
    gate.set()
    assert [w.result() for w in waiters] == [(1, None)] * 2
    other.join()


def test_one_that_is_lost():
    def os_thread():
        threads.append(green.spawn(calls.park))
        green.yield_()

    threads = []
    other = threading.Thread(target=os_thread)
    other.start()
    other.join()
    with pytest.raises(ProcessLookupError):
        green.select(threads)


def test_items_have_owners():
    class Item:
        pass

    sent, lost, both = Item(), Item(), green.Channel(1)
    gone = [weakref.ref(sent), weakref.ref(lost)]
    other = green.Channel()
    assert green.select([both.sending(sent), other.sending(lost)]) == (0, None)
    del sent, lost
    gc.collect()
    assert gone[0]() is not None and gone[1]() is None
    assert isinstance(both.recv(), Item)
    assert gone[0]() is None


def test_cancelled_it_has_done_nothing():
    def program():
        a, b = green.Channel(), green.Channel(1)
        b.send("full")
        waiter = green.spawn(green.select, [a, b.sending("b")])
        sender = green.spawn(lambda: a.send("a"))
        waiter.cancel()
        waiter.join()
        if waiter.cancelled():
            assert a.recv() == "a"
        else:
            assert waiter.result() == (0, "a")
        assert b.recv() == "full" and len(b) == 0
        sender.join()

    assert green.explore(program).complete


def test_bad_arguments():
    channel = green.Channel()
    for bad, error in ((None, TypeError), (3, TypeError), ([print], TypeError),
                       ([(channel,)], TypeError), ([(1, 2)], TypeError),
                       ([channel, "x"], TypeError),
                       ([float("nan")], ValueError),
                       ([green.current()], RuntimeError)):
        with pytest.raises(error):
            green.select(bad)
    with pytest.raises(TypeError):
        green.select()
    me = []
    me.append(green.spawn(lambda: green.select(me)))
    assert isinstance(me[0].exception(), OSError)


def test_among_os_threads():
    channels = [green.Channel() for _ in range(3)]
    done = green.Channel(None)

    def os_thread(n):
        for k in range(100):
            green.select([channels[n].sending((n, k))])
        done.send(n)

    others = [threading.Thread(target=os_thread, args=(n,)) for n in range(3)]
    for other in others:
        other.start()
    got, ended = [], 0
    while ended < 3:
        index, value = green.select(channels + [done])
        if index < 3:
            got.append(value)
        else:
            ended += 1
    for other in others:
        other.join()
    assert sorted(got) == [(n, k) for n in range(3) for k in range(100)]
