# SPDX-License-Identifier: MIT
"""Count lines, words and bytes of all files in a tree, as wc does.

One green thread per file; each yields after every block it reads. Usage and
output are those of words.c:

    words.py [FILE or FOLDER]...    default: libgreen's own sources
"""

import errno
import os
import stat
import string
import sys

import green

BLOCK = 16384
OWN = ["arch", "bindings", "docs", "examples", "include", "src", "tests"]
FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
IGNORED = bytes(set(range(256)) - set(string.printable.encode()))

open_files = 0
exit_status = 0


def complain(error):
    global exit_status
    name = os.fsdecode(error.filename or b"?")
    print(f"words: {name}: {error.strerror}", file=sys.stderr)
    exit_status = 1


def open_file(path):
    """Open a regular file; wait for a descriptor while others hold all."""
    while True:
        try:
            fd = os.open(path, FLAGS)
            break
        except OSError as error:
            if error.errno != errno.EMFILE or not open_files:
                raise
        green.yield_()
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    return fd


def count_blocks(fd):
    lines = words = size = blocks = 0
    in_word = False
    while block := os.read(fd, BLOCK):
        text = block.translate(None, IGNORED)
        lines += block.count(b"\n")
        words += len(text.split())
        if text:
            words -= in_word and not text[:1].isspace()
            in_word = not text[-1:].isspace()
        size += len(block)
        blocks += 1
        green.yield_()
    return lines, words, size, blocks


def count_file(path):
    global open_files
    fd = open_file(path)
    open_files += 1
    try:
        return count_blocks(fd)
    except OSError as error:
        error.filename = path
        raise
    finally:
        os.close(fd)
        open_files -= 1


def find_files(path):
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        complain(error)
        return
    if stat.S_ISREG(mode):
        yield path
    if stat.S_ISDIR(mode):
        for folder, _, names in os.walk(path, onerror=complain):
            for name in names:
                file = os.path.join(folder, name)
                if stat.S_ISREG(os.lstat(file).st_mode):
                    yield file


def main():
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    own = [os.path.join(top, name) for name in OWN]
    paths = sys.argv[1:] or [path for path in own if os.path.exists(path)]
    threads = [
        green.spawn(count_file, file)
        for path in paths
        for file in find_files(os.fsencode(path))
    ]
    sums = [0, 0, 0, 0]
    for thread in threads:
        try:
            sums = [a + b for a, b in zip(sums, thread.result())]
        except OSError as error:
            complain(error)
    lines, words, size, blocks = sums
    print(f"{lines:7} {words:7} {size:7} total")
    print(
        f"{len(threads)} files, a green thread each; "
        f"{blocks} blocks read in turns"
    )
    return exit_status


sys.exit(main())
