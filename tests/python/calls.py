# SPDX-License-Identifier: MIT
"""Every call that can block, for tests of what can end it.

Each function makes an object, and returns it with a call that would wait for
ever: whoever could end it waits for something else.
"""
import green


def park():
    """Wait, and not for time: as far as can be known, for ever."""
    green.Channel().recv()


def held(lock):
    """Have another thread hold the lock."""
    def hold():
        with lock:
            park()

    green.spawn(hold)
    green.yield_()
    return lock


def join():
    thread = green.spawn(park)
    return thread, thread.join


def result():
    thread = green.spawn(park)
    return thread, thread.result


def lock():
    lock = held(green.Lock())
    return lock, lock.acquire


def with_lock():
    lock = held(green.Lock())
    return lock, lock.__enter__


def rlock():
    lock = held(green.RLock())
    return lock, lock.acquire


def reader():
    lock = green.RWLock()
    held(lock.writer)
    return lock, lock.reader.acquire


def writer():
    lock = green.RWLock()
    held(lock.reader)
    return lock, lock.writer.__enter__


def semaphore():
    semaphore = green.Semaphore(0)
    return semaphore, semaphore.acquire


def with_semaphore():
    semaphore = green.BoundedSemaphore()
    semaphore.acquire()
    return semaphore, semaphore.__enter__


def send():
    channel = green.Channel()
    return channel, lambda: channel.send("item")


def recv():
    channel = green.Channel()
    return channel, channel.recv


def iterate():
    channel = green.Channel()
    return channel, lambda: list(channel)


def condition():
    condition = green.Condition()
    condition.acquire()
    return condition, condition.wait


def wait_for():
    condition = green.Condition(green.Lock())
    condition.acquire()
    return condition, lambda: condition.wait_for(lambda: False)


def event():
    event = green.Event()
    return event, event.wait


def auto_event():
    event = green.Event(auto_reset=True)
    return event, event.wait


def barrier():
    barrier = green.Barrier(2)
    return barrier, barrier.wait


def get():
    queue = green.Queue()
    return queue, queue.get


def put():
    queue = green.Queue(1)
    queue.put("first")
    return queue, lambda: queue.put("second")


def queue_join():
    queue = green.PriorityQueue()
    queue.put(1)
    return queue, queue.join


def select():
    channel, thread = green.Channel(), green.spawn(park)
    clauses = [channel, channel.sending(1), green.Semaphore(0), thread,
               green.Event(), None]
    return clauses, lambda: green.select(clauses)


def scope():
    """Its end; a body that waits is an ordinary call."""
    def with_scope():
        with green.scope() as scope:
            scope.spawn(park)

    return None, with_scope


ALL = [join, result, lock, with_lock, rlock, reader, writer, semaphore,
       with_semaphore, send, recv, iterate, condition, wait_for, event,
       auto_event, barrier, get, put, queue_join, select, scope]


def blocked(make):
    """A new thread that waits in such a call."""
    def work():
        made, call = make()
        keep.append(made)
        return call()

    keep = []
    thread = green.spawn(work, name=make.__name__)
    for _ in range(5):
        green.yield_()
    assert not thread.done()
    return thread
