# SPDX-License-Identifier: MIT
"""Tables, JSON and the plot of what bench/run.py measured."""
import json
import os
import platform
import statistics
import subprocess
import time
from collections import namedtuple

# A line of a table: which number of which measurement. When ratio is false,
# more is not worse, or no peer does the same thing. best: of a peer's numbers.
Line = namedtuple("Line", "measure field title ratio best",
                  defaults=(True, min))

TABLES = [
    ("switch", "Raw switch, ns one way", [
        Line("switch-same", "ns", "both sides in one loop"),
        Line("switch-sites", "ns", "two call sites"),
        Line("switch-nested", "ns", "under three calls"),
        Line("switch-nested-sites", "ns", "under three calls, two sites"),
    ]),
    ("threads", "Threads, ns", [
        Line("yield-2", "ns", "yield, 2 threads"),
        Line("yield-1000", "ns", "yield, 1,000 threads"),
        Line("yield-100000", "ns", "yield, 100,000 threads"),
        Line("yield-1000000", "ns", "yield, 1,000,000 threads"),
        Line("spawn-join", "ns", "spawn, run, join, one after another"),
        Line("crowd", "ns", "100,000 alive at once, warm, each"),
        Line("crowd", "cold_ns", "100,000 alive at once, cold, each"),
        Line("storm", "ns", "100,000 that only return, warm, each"),
        Line("storm", "cold_ns", "100,000 that only return, cold, each"),
    ]),
    ("threads", "Channels, locks and time, ns",
     [Line(key + which, "ns", title + more)
      for key, title in (
          ("pingpong", "channel ping-pong, a message"),
          ("stream-0", "stream, capacity 0, a message"),
          ("stream-128", "stream, capacity 128, a message"),
          ("sem", "semaphore, a hand-over"),
          ("mutex-handoff", "mutex: lock, yield, unlock"),
          ("mutex-turns", "mutex: lock, yield, unlock, yield"))
      for which, more in (("-2", ", 2 threads"), ("-shared", ", 2, shared"),
                          ("-20", ", 20"), ("-200", ", 200"))] + [
        Line("mutex-pair", "ns", "mutex: lock and unlock, nobody else"),
        Line("mutex-pair-shared", "ns", "mutex: lock and unlock, shared"),
        Line("timers", "ns", "timer: insert and cancel, 100,000 others"),
        Line("sleeps-1000", "ns", "1,000 threads sleep once, each"),
        Line("sleeps-10000", "ns", "10,000 threads sleep once, each"),
        Line("sleeps-100000", "ns", "100,000 threads sleep once, each"),
        Line("sleeps-100000", "ms", "100,000 threads sleep once, all, ms"),
    ]),
    ("cores", "Several cores, ms of the wall's clock", [
        Line("skynet-1", "ms", "skynet, a million leaves, 1 worker, warm"),
        Line("skynet-2", "ms", "skynet, a million leaves, 2 workers, warm"),
        Line("skynet-2", "cold_ms", "the same, cold"),
        Line("skynet-newest-1", "ms", "newest first, 1 worker"),
        Line("skynet-newest-2", "ms", "newest first, 2 workers"),
        Line("spawn-storm-1", "ms", "a million that only return, 1 worker, warm"),
        Line("spawn-storm-2", "ms", "a million that only return, 2 workers, warm"),
        Line("spawn-storm-2", "cold_ms", "the same, cold"),
    ]),
    ("threads", "Memory of a thread that has run and waits, bytes", [
        Line("parked-100000", "rss", "resident, 100,000 threads"),
        Line("parked-100000", "page_tables", "page tables, 100,000 threads"),
        Line("parked-100000", "maps", "mappings of the process", False),
        Line("parked-1000000", "rss", "resident, 1,000,000 threads"),
        Line("parked-1000000", "page_tables",
             "page tables, 1,000,000 threads"),
        Line("parked-1000000", "maps", "mappings of the process", False),
        Line("parked-1000000", "process_seconds",
             "CPU seconds to create, run and destroy 1,000,000"),
    ]),
    ("echo", "TCP echo of 64 bytes, one server on one core", [
        Line(key, field, title + more, True, best)
        for key, title in (("echo-64", "64 connections"),
                           ("echo-1000", "1,000 connections"),
                           ("echo-10000", "10,000 connections"))
        for field, more, best in (
            ("ns", ", ns of the server's CPU a request", min),
            ("per_second", ", requests a second", max))] + [
        Line("idle-echo-10000", "bytes",
             "10,000 idle connections, bytes of memory each"),
        Line("burst-10000", "lost",
             "10,000 connections at once: without an answer", False),
        Line("burst-10000", "resent", "the same: packets sent again", False),
        Line("burst-10000", "ns", "the same: ns of the server's CPU each"),
        Line("burst-10000", "ms", "the same: until all have an answer, ms",
             False),
    ]),
    ("http", "HTTP, a file of 1 KiB, connections kept", [
        Line(key, field, title + more, True, best)
        for key, title in (("http-64-1", "64 connections, 1 worker"),
                           ("http-64-2", "64 connections, 2 workers"),
                           ("http-1000-1", "1,000 connections, 1 worker"))
        for field, more, best in (
            ("ns", ", ns of the server's CPU a request", min),
            ("per_second", ", requests a second", max))] + [
        Line("http-64-1", "p99_us", "64 connections, 1 worker, 99% within, us"),
        Line("idle-http-10000", "bytes",
             "10,000 idle connections, bytes of memory each"),
    ]),
    ("names", "A thousand names at once, looked up in one worker, ms", [
        Line("names-1000", "stall_ms",
             "another thread of the worker runs late by, at most"),
        Line("names-1000", "ms", "until all are known"),
        Line("names-blocking-1000", "stall_ms",
             "with calls that block the worker: late by, at most"),
        Line("names-blocking-1000", "ms", "until all are known"),
    ]),
    ("python", "Python", [
        Line("py-switch-2", "ns", "switch or yield, 2 threads, ns"),
        Line("py-switch-100", "ns", "switch or yield, 100 threads, ns"),
        Line("py-spawn", "ns", "spawn, run, finish, ns"),
        Line("py-parked", "rss", "resident, 100,000 threads, bytes each"),
    ]),
]
FAIR = 0.9

# What is drawn over the number of threads: the measurements of one row.
PLOTS = [
    ("yield", "yield"),
    ("pingpong", "message, channels that hold nothing, to and fro"),
    ("stream-0", "message, channels that hold nothing, one way"),
    ("stream-128", "message, channels that hold 128, one way"),
    ("sem", "hand-over by semaphores"),
    ("mutex-handoff", "mutex that all want: lock, yield, unlock"),
    ("mutex-turns", "mutex that all want: lock, yield, unlock, yield"),
    ("sleeps", "thread that sleeps once"),
]


def fault(results, line, key):
    """Why this peer has no number here, or None."""
    got = results.get(line.measure, {}).get(key)
    if not got:
        return "not run"
    if "error" in got[-1]:
        return got[-1]["error"]
    if not any(line.field in r for r in got):
        return "not measured"
    checks = got + results.get(
        line.measure.replace("yield-", "yield-check-"), {}).get(key, [])
    fair = [r["fair"] for r in checks if "fair" in r]
    if fair and min(fair) < FAIR:
        return "void: its yield is not fair (%.2f)" % min(fair)
    handed = min(r.get("handed", 1) for r in got)
    if handed < FAIR:
        return "void: handed over %.3g of the times only" % handed
    if any(r.get("most_alive", r["threads"]) < 0.99 * r["threads"]
           for r in got):
        return "void: only %d alive at once" % min(
            r["most_alive"] for r in got)
    return None


def numbers(results, line, key):
    return [r[line.field] for r in results[line.measure][key]
            if line.field in r]


def text(value):
    if value >= 1000:
        return "{:,.0f}".format(value)
    return "%.3g" % value if value < 100 else "%.0f" % value


def table(title, lines, peers, references, results, notes):
    """Median (best), and the ratio to the best peer."""
    out = ["", "## " + title, "",
           "| | " + " | ".join(p.name for p in peers) +
           " | libgreen / best peer |",
           "|---|" + "---:|" * (len(peers) + 1)]
    for line in lines:
        cells, medians = [], {}
        for p in peers:
            why = fault(results, line, p.key)
            if why:
                cells.append("–")
                if why != "not run":
                    notes.setdefault((p.name, why), {})[line.measure] = True
                continue
            by = results[line.measure][p.key][-1].get("by", "epoll")
            if by != "epoll":
                why = "measured, but it waits by %s, not epoll" % by
                notes.setdefault((p.name, why), {})[line.measure] = True
            got = numbers(results, line, p.key)
            medians[p.key] = statistics.median(got)
            cells.append("%s (%s)" % (text(medians[p.key]), text(line.best(got))))
        if not medians:
            continue
        best = line.best((v for k, v in medians.items()
                    if k != "green" and k not in references), default=0)
        ratio = "–"
        if line.ratio and best > 0 and "green" in medians:
            ratio = "**%.2f**" % (medians["green"] / best)
        out.append("| " + " | ".join([line.title] + cells + [ratio]) + " |")
    return out if len(out) > 5 else []


def machine():
    model = platform.processor()
    try:
        with open("/proc/cpuinfo") as f:
            model = next(line.split(":")[1].strip() for line in f
                         if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return "%s, %d CPUs, %s %s, %s" % (
        model, os.cpu_count(), platform.system(), platform.release(),
        os.environ.get("BENCH_INFO", ""))


def markdown(results, peers, references, rounds, load):
    out = ["# libgreen and its peers", "",
           "%s; %s; load before %.1f." % (time.strftime("%Y-%m-%d"),
                                          machine(), load),
           "Median (least) of %d rounds, peers shuffled in each; CPU time of "
           "one process per measurement, pinned to one CPU." % rounds,
           "Stacks: libgreen its default (128 KiB slots, with guards); peers "
           "16 KiB without guards, pthreads with; Go 2 KiB that grow.",
           "A name in parentheses is a reference, not a library.",
           "Shared: a second OS thread exists, asleep. State Threads and Pth "
           "cannot have one; Go always has."]
    notes = {}
    for kind, title, lines in TABLES:
        out += table(title, lines, [p for p in peers if p.kind == kind],
                     references, results, notes)
    if notes:
        out += ["", "Not measured, void, or not alike:"]
        out += ["- %s: %s (%s)" % (name, why, ", ".join(rows))
                for (name, why), rows in sorted(notes.items())]
    return "\n".join(out) + "\n"


def points(results, row, key):
    """(threads, ns) of all measurements of a row that a peer did."""
    got = []
    for measure in results:
        threads = measure[len(row) + 1:]
        line = Line(measure, "ns", "")
        if (measure.startswith(row + "-") and threads.isdigit() and
                not fault(results, line, key)):
            got.append((int(threads), statistics.median(
                numbers(results, line, key))))
    return sorted(got)


def plot(folder, row, title, results, peers):
    """Cost over the number of threads, one line per peer."""
    data, lines = [], []
    for p in (p for p in peers if p.kind == "threads"):
        got = points(results, row, p.key)
        if got:
            lines.append("'%s.dat' index %d with linespoints lw %d pt 7 "
                         "title '%s'" % (row, len(lines),
                                         4 if p.key == "green" else 2,
                                         p.name))
            data.append("".join("%d %g\n" % x for x in got))
    if not lines:
        return
    with open(os.path.join(folder, row + ".dat"), "w") as f:
        f.write("\n\n".join(data))
    with open(os.path.join(folder, row + ".gp"), "w") as f:
        f.write("set terminal pngcairo size 900,600 font ',11'\n"
                "set output '%s.png'\n"
                "set title 'Cost: %s'\n"
                "set xlabel 'threads'\nset ylabel 'ns of CPU'\n"
                "set logscale xy\nset grid\nset key outside right\n"
                "set format x '10^{%%T}'\nplot %s\n" %
                (row, title, ", \\\n  ".join(lines)))
    gnuplot = os.environ.get("GNUPLOT")
    if gnuplot:
        subprocess.run([gnuplot, row + ".gp"], cwd=folder, check=False)


def write(folder, results, peers, references, rounds, load):
    text = markdown(results, peers, references, rounds, load)
    with open(os.path.join(folder, "results.md"), "w") as f:
        f.write(text)
    with open(os.path.join(folder, "results.json"), "w") as f:
        json.dump({"date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
                   "machine": machine(), "load_before": load,
                   "rounds": rounds, "results": results}, f, indent=1)
    for row, title in PLOTS:
        plot(folder, row, title, results, peers)
    print(text)
    print("Written: results.md, results.json and a picture of how each row "
          "grows in " + folder)
