# SPDX-License-Identifier: MIT
"""A pool of workers counts the lines, words and bytes of files, as wc does. The
results are printed in order, however long each file takes.

    pool.py [FILE or FOLDER]...     default: libgreen's own sources

    finder --- todo ---> workers --- done ---> main
         `----------- in_order ------------->

Both channels hold a few files: nobody runs far ahead. The workers of pool.c are
on all cores; these take turns on one, as CPython lets one OS thread at a time
run Python code. The output is the same. Symbolic links are not followed.
"""

import os
import stat
import string
import sys

import green

WORKERS = 8
AHEAD = 100  # files that may be counted before it is their turn
OWN = ["arch", "bindings", "docs", "examples", "include", "src", "tests"]
IGNORED = bytes(set(range(256)) - set(string.printable.encode()))

todo, in_order = green.Channel(WORKERS), green.Channel(AHEAD)


def count(path):
    lines = words = size = 0
    with open(path, "rb") as file:
        for line in file:
            lines += line.endswith(b"\n")
            words += len(line.translate(None, IGNORED).split())
            size += len(line)
            if lines % 100 == 0:
                green.yield_()  # a long file holds nobody up
    return lines, words, size


def work():
    for path, done in todo:
        try:
            done.send(count(path))
        except OSError as error:
            done.send(error)


def walk(path):
    """All files below path, each with the error if it cannot be looked at."""
    try:
        mode = os.lstat(path).st_mode
        names = os.listdir(path) if stat.S_ISDIR(mode) else []
    except OSError as error:
        yield path, error
        return
    if stat.S_ISREG(mode):
        yield path, None
    for name in names:
        yield from walk(os.path.join(path, name))


def find(paths):
    """Each goes to the workers, and to main, with a channel for its result."""
    with todo, in_order:
        for top in paths:
            for path, error in walk(top):
                done = green.Channel(1)
                if error:
                    done.send(error)
                else:
                    todo.send((path, done))
                in_order.send((path, done))


def main(paths):
    status, sums = 0, [0, 0, 0]
    print(f"pool: {WORKERS} workers take turns on one core", file=sys.stderr)
    with green.scope() as pool:
        pool.spawn(find, paths)
        for _ in range(WORKERS):
            pool.spawn(work)
        for path, done in in_order:
            result = done.recv()
            if isinstance(result, OSError):
                print(f"pool: {path}: {result.strerror}", file=sys.stderr)
                status = 1
            else:
                print("{:7} {:7} {:7} {}".format(*result, path))
                sums = [a + b for a, b in zip(sums, result)]
    print("{:7} {:7} {:7} total".format(*sums))
    return status


if len(sys.argv) < 2:
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.stdout.reconfigure(errors="surrogateescape")  # for names of any bytes
sys.exit(main(sys.argv[1:] or OWN))
