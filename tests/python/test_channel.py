# SPDX-License-Identifier: MIT
"""Proves: channels hand each item to one receiver, in order, and lose none,
whatever ends a wait. Twin of t-chan-*.c."""
import errno
import gc
import threading
import weakref

import green
import pytest


class Item:
    pass


@pytest.mark.parametrize("capacity", [0, 1, 7, None])
def test_items_arrive_in_order(capacity):
    channel = green.Channel(capacity)

    def send():
        with channel:
            for n in range(100):
                channel.send(n)

    green.spawn(send)
    assert list(channel) == list(range(100))
    assert channel.closed


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("capacity", [0, 3])
def test_many_of_both_kinds(capacity, seed):
    channel = green.Channel(capacity)
    got = []

    def receive():
        for item in channel:
            got.append(item)

    green.seed(seed)
    try:
        receivers = [green.spawn(receive) for _ in range(4)]
        senders = [green.spawn(lambda k=k: [channel.send((k, n))
                                            for n in range(25)])
                   for k in range(4)]
        for thread in senders:
            thread.result()
        channel.close()
        for thread in receivers:
            thread.result()
    finally:
        green.seed(0)
    assert sorted(got) == [(k, n) for k in range(4) for n in range(25)]


def test_each_send_waits_until_its_item_is_taken():
    channel = green.Channel()
    sender = green.spawn(channel.send, "item")
    green.yield_()
    assert not sender.done() and len(channel) == 0
    assert channel.recv() == "item"
    sender.result()


def test_holds_what_fits():
    channel = green.Channel(2)
    channel.send(1)
    channel.send(2)
    assert len(channel) == 2
    sender = green.spawn(channel.send, 3)
    green.yield_()
    assert not sender.done()
    assert [channel.recv() for _ in range(3)] == [1, 2, 3]
    sender.result()


def test_no_limit():
    channel = green.Channel(None)
    for n in range(1000):
        channel.send(n)
    assert len(channel) == 1000
    channel.close()
    assert sum(channel) == 499500


def test_timeouts():
    channel = green.Channel()
    with green.virtual_clock():
        with pytest.raises(TimeoutError):
            channel.recv(timeout=2)
        assert green.now() == 3.0
        with pytest.raises(TimeoutError) as info:
            channel.send("lost?", timeout=3)
        assert info.value.errno == errno.ETIMEDOUT
        assert green.now() == 6.0
        for call in (lambda: channel.recv(0), lambda: channel.recv(-1),
                     lambda: channel.send(1, 0)):
            with pytest.raises(TimeoutError):
                call()
        assert green.now() == 6.0
        # What was not sent is not there.
        receiver = green.spawn(channel.recv, timeout=5)
        green.yield_()
        channel.send("item", timeout=0)
        assert receiver.result() == "item"


def test_closing_wakes_everybody():
    channel = green.Channel()
    receivers = [green.spawn(channel.recv) for _ in range(3)]
    green.yield_()
    channel.close()
    for thread in receivers:
        assert isinstance(thread.exception(), green.Closed)

    channel = green.Channel()
    senders = [green.spawn(channel.send, n) for n in range(3)]
    green.yield_()
    channel.close()
    channel.close()
    for thread in senders:
        assert isinstance(thread.exception(), green.Closed)
    with pytest.raises(green.Closed) as info:
        channel.recv()
    assert isinstance(info.value, BrokenPipeError)
    assert info.value.errno == errno.EPIPE
    with pytest.raises(green.Closed):
        channel.send(1)
    assert list(channel) == []


def test_receivers_get_what_is_left():
    channel = green.Channel(5)
    for n in range(3):
        channel.send(n)
    channel.close()
    assert channel.closed and len(channel) == 3
    assert channel.recv() == 0
    assert list(channel) == [1, 2]


def test_properties():
    assert green.Channel().capacity == 0
    assert green.Channel(3).capacity == 3
    assert green.Channel(capacity=None).capacity is None
    channel = green.Channel()
    assert channel and not channel.closed
    assert repr(channel).startswith("<green.Channel with 0 items at 0x")
    channel.close()
    assert "closed" in repr(channel)
    assert green.Channel[int].__origin__ is green.Channel


def test_bad_arguments():
    channel = green.Channel()
    for call, error in ((lambda: green.Channel(-1), ValueError),
                        (lambda: green.Channel("x"), TypeError),
                        (lambda: green.Channel(1 << 70), OverflowError),
                        (lambda: green.Channel(1 << 60), MemoryError),
                        (lambda: channel.send(), TypeError),
                        (lambda: channel.send(1, 2, 3), TypeError),
                        (lambda: channel.send(1, x=2), TypeError),
                        (lambda: channel.recv("x"), TypeError),
                        (lambda: channel.recv(float("nan")), ValueError)):
        with pytest.raises(error):
            call()


# ---- who owns items ---------------------------------------------------------

def test_items_go_with_the_channel():
    channel = green.Channel(2)
    items = [Item(), Item()]
    gone = [weakref.ref(item) for item in items]
    while items:
        channel.send(items.pop())
    assert all(ref() for ref in gone)
    del channel
    assert not any(ref() for ref in gone)


def test_an_item_that_was_not_sent_goes():
    channel = green.Channel()
    item = Item()
    gone = weakref.ref(item)
    sender = green.spawn(channel.send, item)
    del item
    green.yield_()
    assert gone() is not None
    channel.close()
    sender.exception().__traceback__ = None
    assert gone() is None


def test_an_item_that_nobody_came_back_for():
    channel = green.Channel()
    gone = []

    def receive():
        channel.recv()
        assert False, "never runs again"

    def os_thread():
        green.spawn(receive)
        green.yield_()
        item = Item()
        gone.append(weakref.ref(item))
        channel.send(item)  # handed over; the receiver is lost

    other = threading.Thread(target=os_thread)
    other.start()
    other.join()
    assert len(channel) == 0
    with pytest.raises(TimeoutError):
        channel.recv(0)
    assert gone[0]() is not None


@pytest.mark.parametrize("length", [1, 3])
def test_cycles_are_collected(length):
    channels = [green.Channel(2) for _ in range(length)]
    gone = [weakref.ref(channel) for channel in channels]
    for one, next_one in zip(channels, channels[1:] + channels[:1]):
        one.send(next_one)
        one.send(Item())
    assert channels[-1] in gc.get_referents(channels[0]) or length == 3
    del channels, one, next_one
    gc.collect()
    assert not any(ref() for ref in gone)


def test_a_long_chain_of_channels_goes():
    channel = None
    for _ in range(100000):
        outer = green.Channel(1)
        outer.send(channel)
        channel = outer
    del channel, outer


# ---- among OS threads -------------------------------------------------------

@pytest.mark.parametrize("capacity", [0, 4])
def test_among_os_threads(capacity):
    channel, results = green.Channel(capacity), green.Channel(None)

    def work():
        for n in channel:
            results.send(n * n)

    def os_thread():
        for thread in [green.spawn(work) for _ in range(3)]:
            thread.result()

    others = [threading.Thread(target=os_thread) for _ in range(3)]
    for other in others:
        other.start()
    with channel:
        for n in range(300):
            channel.send(n)
    for other in others:
        other.join()
    results.close()
    assert sorted(results) == [n * n for n in range(300)]
