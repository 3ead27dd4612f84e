#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measure libgreen and its peers side by side.

Each measurement is a fresh process, pinned to one CPU unless it is about
several, that prints one line of JSON. A round runs every measurement of every
peer once, in random order, so that a disturbance of the machine hits all
alike; the report has the median and the least of the rounds. Clocks are CPU
time of the process, or wall time where it uses several CPUs.

A peer's number is void when what it did is not what the row says: its yield
is not fair (the first of N threads ended when less than 0.9 of what round
robin would have done by then was done), or its threads were not all alive at
once. What was not built, gave up, or took too long is reported with a reason.
Rows of servers are done by servers.py; README.md says how.
"""
import argparse
import fnmatch
import json
import math
import os
import random
import resource
import subprocess
import sys
import time
from collections import namedtuple

import report
import servers
import syscalls

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 30  # seconds for one measurement

# A peer of one kind of rows. stack: what its threads are given, bytes, 0 its
# default. slower: its counts are divided by this. most: threads it is asked
# for at most, because its cost grows with them; bytes: memory of one, roughly.
# lacks: measurements of what it does not have.
Peer = namedtuple("Peer", "key kind name program stack slower most bytes lacks",
                  defaults=(0, 1, 10**9, 5000, ()))
ONE_OS_THREAD = ("pingpong-*", "stream-*", "*-shared")

PEERS = [
    Peer("green", "switch", "libgreen", "switch-green"),
    Peer("fcontext", "switch", "Boost fcontext", "switch-fcontext"),
    Peer("ucontext", "switch", "ucontext", "switch-ucontext", 0, 20),
    Peer("floor", "switch", "(push, pop, ret)", "switch-floor"),
    Peer("green", "threads", "libgreen", "threads-green"),
    Peer("boost", "threads", "Boost.Fiber", "threads-boost", 16384, 2,
         bytes=13000),
    Peer("st", "threads", "State Threads", "threads-st", 16384, 2, 100000,
         lacks=ONE_OS_THREAD),
    Peer("pth", "threads", "Pth", "threads-pth", 16384, 100, 1000,
         lacks=ONE_OS_THREAD + ("*-200", "sleeps-*", "timers")),
    Peer("go", "threads", "Go", "threads-go", 0, 2),
    Peer("pthread", "threads", "pthreads", "threads-pthread", 16384, 50,
         1000, lacks=("pingpong-*", "stream-*", "timers")),
    Peer("green", "cores", "libgreen", "cores-green"),
    Peer("go", "cores", "Go", "threads-go"),
    Peer("green", "names", "libgreen", "names-green"),
    Peer("green", "echo", "libgreen", "echo-green"),
    Peer("loop", "echo", "epoll loop", "echo-epoll", lacks=("idle-*",)),
    Peer("st", "echo", "State Threads", "echo-st", 16384),
    Peer("asio", "echo", "Boost.Asio", "echo-asio"),
    Peer("go", "echo", "Go", "echo-go"),
    Peer("green", "http", "libgreen", "../examples/httpd/httpd"),
    Peer("nginx", "http", "nginx", None),
    Peer("go", "http", "Go", "http-go"),
    Peer("green", "python", "green", None),
    Peer("greenlet", "python", "greenlet", None, 0, 5, bytes=6500),
    Peer("gevent", "python", "gevent", None, 0, 50, bytes=9000),
    Peer("asyncio", "python", "asyncio", None, 0, 20, bytes=1500),
]
REFERENCES = {"floor"}
SEVERAL = ("cores", "names")  # kinds of several CPUs

# What is run: arguments of a program. quick: the same for a smoke test.
# once: a check, not repeated in each round. own: of libgreen only. Of rows of
# servers, threads are connections, and workers those of the server.
Measure = namedtuple("Measure", "key kind row threads count quick once own "
                     "workers", defaults=(False, False, 1))

MEASURES = [Measure("switch-" + row, "switch", row, 2, 5000000, (2, 1000))
            for row in ("same", "sites", "nested", "nested-sites")]
for n, count in ((2, 5), (10, 5), (100, 5), (1000, 5), (10000, 5),
                 (100000, 5), (1000000, 8)):
    quick = (n, 1000) if n <= 100 else None
    own = n > 100000
    MEASURES += [
        Measure("yield-%d" % n, "threads", "yield", n, count * 10**6, quick,
                False, own),
        Measure("yield-check-%d" % n, "threads", "yield-check", n,
                min(count * 10**6, 10 * n + 10**6), quick, True, own)]
for row, count in (("pingpong", 1000000), ("stream-0", 1000000),
                   ("stream-128", 2000000), ("sem", 1000000),
                   ("mutex-handoff", 1000000), ("mutex-turns", 1000000)):
    MEASURES += [Measure("%s-%d" % (row, n), "threads", row, n, count,
                         (n, 1000) if n == 2 else None) for n in (2, 20, 200)]
    MEASURES.append(Measure(row + "-shared", "threads", row + "-shared", 2,
                            count, (2, 1000)))
MEASURES += [Measure("sleeps-%d" % n, "threads", "sleeps", n, 1,
                     (1, 1) if n == 1000 else None)
             for n in (1000, 10000, 100000)]
MEASURES += [
    Measure("mutex-pair", "threads", "mutex-pair", 1, 5000000, (1, 100)),
    Measure("mutex-pair-shared", "threads", "mutex-pair-shared", 1, 5000000,
            (1, 100)),
    Measure("timers", "threads", "timers", 100000, 1000000, (10, 100)),
    Measure("spawn-join", "threads", "spawn-join", 1, 2000000, (1, 100)),
    Measure("crowd", "threads", "crowd", 100000, 6, (100, 2)),
    Measure("storm", "threads", "storm", 100000, 6, (100, 2)),
    Measure("parked-100000", "threads", "parked", 100000, 1, (100, 1)),
    Measure("parked-1000000", "threads", "parked", 1000000, 1, None, True),
    Measure("skynet-1", "cores", "skynet", 1, 1000000, (1, 100)),
    Measure("skynet-2", "cores", "skynet", 2, 1000000, (2, 100)),
    Measure("skynet-newest-1", "cores", "skynet-newest", 1, 1000000, (1, 100),
            False, True),
    Measure("skynet-newest-2", "cores", "skynet-newest", 2, 1000000, (2, 100),
            False, True),
    Measure("spawn-storm-1", "cores", "spawn-storm", 1, 1000000,
            (1, 100)),
    Measure("spawn-storm-2", "cores", "spawn-storm", 2, 1000000,
            (2, 100)),
    Measure("echo-64", "echo", "echo", 64, 200000, (2, 100)),
    Measure("echo-1000", "echo", "echo", 1000, 200000, None),
    Measure("echo-10000", "echo", "echo", 10000, 200000, None),
    Measure("burst-10000", "echo", "burst", 10000, 1, (10, 1)),
    Measure("idle-echo-10000", "echo", "idle-echo", 10000, 1, (10, 1)),
    Measure("http-64-1", "http", "http", 64, 2000, (2, 100)),
    Measure("http-64-2", "http", "http", 64, 2000, (2, 100), workers=2),
    Measure("http-1000-1", "http", "http", 1000, 2000, None),
    Measure("idle-http-10000", "http", "idle-http", 10000, 1, (10, 1)),
    Measure("names-1000", "names", "names", 3, 1000, (1, 10)),
    Measure("names-blocking-1000", "names", "names-blocking", 3, 1000,
            (1, 10)),
    Measure("py-switch-2", "python", "py-switch", 2, 3000000, (2, 1000)),
    Measure("py-switch-100", "python", "py-switch", 100, 3000000, None),
    Measure("py-spawn", "python", "py-spawn", 1, 200000, (1, 100)),
    Measure("py-parked", "python", "py-parked", 100000, 1, (10, 1), True),
]


def memory_available():
    try:
        with open("/proc/meminfo") as f:
            for line in f:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 1 << 32


def lacks(peer, measure):
    return any(fnmatch.fnmatch(measure.key, row) for row in peer.lacks)


class Bench:
    def __init__(self, options):
        self.options = options
        # A smoke test says nothing of speed, on a busy machine or emulated.
        self.limit = None if options.quick else LIMIT
        self.emulator = os.environ.get("TEST_EMULATOR", "").split()
        self.cpu = None
        if hasattr(os, "sched_getaffinity"):
            self.cpu = max(os.sched_getaffinity(0))
        self.servers = servers.Driver(options.build, self.emulator,
                                      self.limit)

    def command(self, measure, peer):
        """Arguments of the process, or the reason why there is none; of a
        server's row, connections and count."""
        threads, count = measure.threads, measure.count
        if self.options.quick:
            threads, count = measure.quick
        elif count > 1000:
            count = max(count // peer.slower, 1000)
        if lacks(peer, measure):
            return "has no such thing"
        if threads > peer.most:
            return "not asked for over %d threads" % peer.most
        alive = count if peer.kind == "cores" else threads
        if alive * peer.bytes > memory_available() / 2:
            return "not enough memory"
        if peer.kind in servers.KINDS:
            if self.emulator and peer.key != "green":
                return "not under an emulator"
            return self.servers.missing(
                peer, threads, self.options.quick) or [threads, count]
        tail = [measure.row, str(threads), str(count), str(peer.stack)]
        if peer.kind == "python":
            if self.emulator:
                return "not under an emulator"
            script = os.path.join(HERE, "peers", "threads.py")
            return [sys.executable, "-B", script, peer.key] + tail
        program = os.path.join(self.options.build, peer.program)
        if not os.path.exists(program):
            return "not built"
        if self.emulator and peer.key != "green":
            return "not under an emulator"
        return self.emulator + [program] + tail

    def pin(self):
        if self.cpu is not None:
            os.sched_setaffinity(0, {self.cpu})

    def run(self, measure, peer):
        """One process. A dict with the numbers, or with "error"."""
        command = self.command(measure, peer)
        if isinstance(command, str):
            return {"error": command, "skipped": True}
        if peer.kind in servers.KINDS:
            return self.servers.run(measure, peer, *command,
                                    self.options.quick)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            out = subprocess.run(command, stdout=subprocess.PIPE,
                                 timeout=self.limit, preexec_fn=self.pin
                                 if peer.kind not in SEVERAL else None)
        except subprocess.TimeoutExpired:
            return {"error": "took over %d s" % self.limit}
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if out.returncode:
            return {"error": "ended with status %d" % out.returncode}
        try:
            result = json.loads(out.stdout)
        except ValueError:
            return {"error": "printed no JSON: %r" % out.stdout[:200]}
        result["process_seconds"] = (after.ru_utime + after.ru_stime -
                                     before.ru_utime - before.ru_stime)
        return result


def chosen(options):
    """Pairs of a measurement and a peer that were asked for."""
    for m in MEASURES:
        if options.quick and m.quick is None:
            continue
        if options.rows and not any(fnmatch.fnmatch(m.key, r)
                                    for r in options.rows):
            continue
        for p in PEERS:
            if p.kind != m.kind or m.own and p.key != "green":
                continue
            if options.quick and lacks(p, m):
                continue
            if options.peers and p.key not in options.peers + ["green"]:
                continue
            yield m, p


def tap(bench, pairs):
    """Smoke test: every program runs each of its rows and prints sane
    numbers. No time is judged."""
    failed = 0
    for n, (m, p) in enumerate(pairs, 1):
        what = "%s %s" % (p.name, m.key)
        result = bench.run(m, p)
        numbers = [v for v in result.values() if isinstance(v, (int, float))]
        error = result.get("error")
        if result.get("skipped") or error and "ModuleNotFound" in error:
            print("ok %d - %s # SKIP %s" % (n, what, error))
            continue
        good = not error and numbers and all(
            math.isfinite(v) for v in numbers) and result["row"] == m.row
        failed += not good
        print("%s %d - %s" % ("ok" if good else "not ok", n, what))
        if not good:
            print("# %s" % result)
    print("1..%d" % len(pairs))
    return failed != 0


def measure_all(bench, pairs, rounds):
    """All rounds; {measure key: {peer key: [result, ...]}}."""
    results = {}
    random.seed(time.time_ns())
    for r in range(rounds):
        random.shuffle(pairs)
        start = time.monotonic()
        for i, (m, p) in enumerate(pairs):
            got = results.setdefault(m.key, {}).setdefault(p.key, [])
            if got and (m.once or "error" in got[-1]):
                continue
            if sys.stderr.isatty():
                print("\r\033[Kround %d/%d, %d/%d: %s %s" %
                      (r + 1, rounds, i + 1, len(pairs), p.name, m.key),
                      end="", file=sys.stderr, flush=True)
            got.append(bench.run(m, p))
        print("%sround %d/%d took %.0f s" %
              ("\r\033[K" if sys.stderr.isatty() else "", r + 1, rounds,
               time.monotonic() - start), file=sys.stderr)
    return results


def instructions(bench):
    """Instructions per operation: the difference of two run lengths, so that
    start and end do not count."""
    def count(*command):
        names = [os.path.join(bench.options.build, c) for c in command[:2]]
        return int(subprocess.run(names + [str(c) for c in command[2:]],
                                  stdout=subprocess.PIPE, check=True).stdout)

    print("| operation | instructions |\n|---|---|")
    for what, program, row, threads, per in (
            ("context switch", "switch-green", "same", 2, 2),
            ("yield, 2 threads", "threads-green", "yield", 2, 1),
            ("spawn + join", "threads-green", "spawn-join", 1, 1.1),
            ("100 threads that yield once, each", "threads-green", "crowd",
             100, 100)):
        few, many = (2, 12) if row == "crowd" else (200, 1200)
        ran = [count("count", program, row, threads, n) for n in (few, many)]
        if row == "same":
            per *= 1.1  # the warm-up grows with the count
        print("| %s | %.1f |" % (what, (ran[1] - ran[0]) / (many - few) / per),
              flush=True)
    return 0


def arguments():
    a = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    a.add_argument("--build", default="bench",
                   help="folder of the programs, and of results/")
    a.add_argument("--rounds", type=int, default=5)
    a.add_argument("--rows", action="append", default=[], metavar="GLOB",
                   help="only measurements that match; may be repeated:\n" +
                   ", ".join(m.key for m in MEASURES))
    a.add_argument("--peers", action="append", default=[], metavar="PEER",
                   help="libgreen and only these: " +
                   ", ".join(sorted({p.key for p in PEERS})))
    a.add_argument("--quick", action="store_true",
                   help="smoke test of seconds: run everything once with tiny"
                   " counts, print TAP")
    a.add_argument("--instructions", action="store_true",
                   help="count instructions instead")
    a.add_argument("--syscalls", action="store_true",
                   help="count system calls of the servers instead")
    return a.parse_args()


def main():
    options = arguments()
    bench = Bench(options)
    pairs = list(chosen(options))
    if options.instructions:
        return instructions(bench)
    if options.syscalls:
        return syscalls.table(bench.servers, [
            p for p in PEERS
            if not options.peers or p.key in options.peers + ["green"]])
    if options.quick:
        return tap(bench, pairs)
    load = os.getloadavg()[0]
    results = measure_all(bench, pairs, options.rounds)
    folder = os.path.join(options.build, "results")
    os.makedirs(folder, exist_ok=True)
    report.write(folder, results, PEERS, REFERENCES, options.rounds,
                 load)
    return 0


if __name__ == "__main__":
    sys.exit(main())
