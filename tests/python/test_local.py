# SPDX-License-Identifier: MIT
"""Proves: each green thread has a green.local's attributes for itself."""
import gc
import weakref

import green
import pytest


class Thing:
    pass


def test_values_are_apart():
    data = green.local()
    data.value = "main"

    def work(n):
        with pytest.raises(AttributeError):
            data.value
        data.value = n
        green.yield_()
        assert data.__dict__ == {"value": n}
        del data.value
        return hasattr(data, "value")

    threads = [green.spawn(work, n) for n in range(5)]
    assert [t.result() for t in threads] == [False] * 5
    assert data.value == "main"


def test_init_runs_in_each_thread():
    class Numbered(green.local):
        shared = []
        step = 1

        def __init__(self, start, *, step):
            self.n = start
            self.step = step
            self.shared.append(green.current().id)

        def next(self):
            self.n += self.step
            return self.n

    data = Numbered(10, step=5)
    assert data.next() == 15
    threads = [green.spawn(data.next) for _ in range(3)]
    assert [t.result() for t in threads] == [15] * 3
    assert data.next() == 20
    assert len(data.shared) == 4


def test_an_init_that_fails_is_tried_again():
    class Fussy(green.local):
        ready = False

        def __init__(self):
            if not Fussy.ready and green.current().name != "main":
                raise ValueError("not yet")
            self.value = 3

    data = Fussy()

    def work():
        with pytest.raises(ValueError):
            data.value
        Fussy.ready = True
        return data.value

    assert green.spawn(work).result() == 3


def test_values_go_with_the_thread():
    data = green.local()
    gone = []

    def work():
        data.thing = Thing()
        gone.append(weakref.ref(data.thing, lambda _: gone.append(
            green.current())))

    thread = green.spawn(work)
    thread.join()
    assert gone[0]() is None and gone[1] is thread


def test_values_go_with_the_object():
    holder = [green.local()]
    things = []

    def work():
        holder[0].thing = Thing()
        things.append(weakref.ref(holder[0].thing))
        green.yield_()
        return things[-1]()

    threads = [green.spawn(work) for _ in range(3)]
    green.yield_()
    assert None not in [thing() for thing in things]
    holder.clear()
    assert [thing() for thing in things] == [None] * 3
    assert [t.result() for t in threads] == [None] * 3


def test_two_objects_do_not_share():
    first, second = green.local(), green.local()
    first.value = 1
    assert not hasattr(second, "value")


@pytest.mark.parametrize("call", [
    lambda: green.local(1), lambda: green.local(a=1)])
def test_arguments_want_an_init(call):
    with pytest.raises(TypeError):
        call()


def test_dict_cannot_be_replaced():
    data = green.local()
    with pytest.raises(AttributeError):
        data.__dict__ = {}


def test_cycles_are_collected():
    data = green.local()
    data.thing = Thing()
    gone = weakref.ref(data.thing)
    data.thing.data = data
    del data
    # The thread holds the values, they hold the object: as with
    # threading.local, that lasts until the thread ends.
    assert gone() is not None

    def work():
        data = green.local()
        data.thing = Thing()
        data.thing.data = data
        return weakref.ref(data.thing)

    assert green.spawn(work).result()() is None
