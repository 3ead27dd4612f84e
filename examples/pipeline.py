# SPDX-License-Identifier: MIT
"""A pipeline of green threads: what goes wrong in one stage ends them all.

    pipeline.py 1 2 3       the squares are added; to square n takes n * 100 ms
    pipeline.py 1 two 3     a stage fails
    pipeline.py 1 20 3      a stage takes too long

    source --words--> parse --numbers--> square --squares--> add

Each send and receive has a time limit. When an exception ends a stage, the
scope cancels the others, and raises an ExceptionGroup of what has gone wrong.

The clock is virtual: while everybody waits, time jumps to the next deadline.
The output is that of pipeline.c, but for a rounded millisecond.
"""

import contextlib
import sys

import green

LIMIT, TICK = 1, 1 / 3  # seconds
ERRORS = {  # as libgreen calls them in C
    ValueError: "invalid argument",
    TimeoutError: "deadline has passed",
    green.Cancelled: "thread was cancelled",
}

words, numbers, squares = (green.Channel(2) for _ in range(3))


def say(name, what):
    print(f"{int(green.now() * 1000):4} ms: {name}: {what}")


@contextlib.contextmanager
def stage(name, out=None):
    """Says how it ends. A good end closes out; no failure looks like one."""
    try:
        yield
    except BaseException as error:
        say(name, ERRORS.get(type(error), error))
        raise
    say(name, "all done")
    if out:
        out.close()


def items(channel):
    """What iter(channel) gives, but each item has to come in time."""
    with contextlib.suppress(green.Closed):
        while True:
            yield channel.recv(timeout=LIMIT)


def source():
    with stage("source", words):
        for word in sys.argv[1:]:
            words.send(word, timeout=LIMIT)


def parse():
    with stage("parse", numbers):
        for word in items(words):
            numbers.send(int(word), timeout=LIMIT)


def square():
    with stage("square", squares):
        for n in items(numbers):
            green.sleep(n / 10)
            squares.send(n * n, timeout=LIMIT)


def add():
    """Waits for two things at a time: a square, and the time to say so."""
    total, tick, limit = 0, green.now() + TICK, green.now() + LIMIT
    with stage("add"), contextlib.suppress(green.Closed):
        while True:
            clauses = [squares, tick - green.now()]
            chosen, n = green.select(clauses, timeout=limit - green.now())
            if chosen == 0:
                total += n
                limit = green.now() + LIMIT
            else:
                say("add", "waiting")
                tick = green.now() + TICK
    return total


with green.virtual_clock(start=1e-9):  # the milliseconds begin at 0
    try:
        with green.scope() as scope:
            *_, total = map(scope.spawn, [source, parse, square, add])
        print(f"the sum is {total.result()}")
    except ExceptionGroup as group:
        error = group.exceptions[0]
        print(f"failed: {ERRORS.get(type(error), error)}")
        sys.exit(1)
