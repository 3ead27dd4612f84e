# SPDX-License-Identifier: MIT
"""System calls for each request of the servers, in two ways.

strace counts them by name, but makes the server so slow that all connections
wait for it, and it never for them: what each wake-up costs is divided among
as many requests as there are connections. perf counts in the kernel, all kinds
together, while the server is as fast as ever. Both count two runs of different
lengths, of which the difference does not hold start and end.
"""
import os
import re
import shutil
import subprocess
import tempfile

import servers

CONNECTIONS = 64
LENGTHS = 2000, 12000  # for strace
UNDISTURBED = 20000, 120000


def traced(driver, peer, count):
    """({call: how often}, requests)"""
    with tempfile.NamedTemporaryFile("r") as out:
        command = ["strace", "-f", "-c", "-o", out.name,
                   os.path.join(driver.build, peer.program), "1"]
        with servers.Server(command, 1, traced=True) as server:
            said = driver.load("echo", CONNECTIONS, count, server)
        calls = {}
        for line in out:
            words = line.split()
            if re.match(r"[\d.]+$", words[0] if words else ""):
                calls[words[-1]] = int(words[3])
        calls.pop("total", None)
        return calls, requests(said)


def requests(said):
    if "error" in said:
        raise servers.Failed(said["error"])
    return said["requests"]


def by_strace(driver, peer):
    """What happens more than once in a hundred requests: {call: how often}"""
    few, many = [traced(driver, peer, n) for n in LENGTHS]
    each = {name: (n - few[0].get(name, 0)) / (many[1] - few[1])
            for name, n in many[0].items()}
    return {name: n for name, n in each.items() if n >= 0.01}


def counted(driver, peer, row, count):
    """(calls, requests) of a server at full speed."""
    with tempfile.TemporaryDirectory() as folder:
        servers.make_files(folder)
        out = os.path.join(folder, "perf")
        with driver.server(peer, 1, peer.stack, folder) as server:
            said = driver.load(
                row, CONNECTIONS, count, server,
                ["perf", "stat", "-x,", "-o", out, "-e",
                 "raw_syscalls:sys_enter", "-p",
                 ",".join(str(p) for p in server.pids())])
        with open(out) as f:
            n = re.search(r"^(\d+),", f.read(), re.M)
        if not n:
            raise servers.Failed("perf has not counted")
        return int(n.group(1)), requests(said)


def by_perf(driver, peer, row):
    few, many = [counted(driver, peer, row, n) for n in UNDISTURBED]
    return (many[0] - few[0]) / (many[1] - few[1])


def cell(tool, measured, text):
    if not shutil.which(tool):
        return "no " + tool
    try:
        return text(measured())
    except (servers.Failed, subprocess.SubprocessError) as e:
        return str(e)


def table(driver, peers):
    print("| server, %d connections | strace | perf | by name, strace |\n"
          "|---|---:|---:|---|" % CONNECTIONS)
    for peer in peers:
        names, total = "–", "–"
        if peer.kind not in servers.KINDS or driver.missing(
                peer, CONNECTIONS, True):
            continue
        if peer.kind == "echo":
            names = cell("strace", lambda: by_strace(driver, peer), lambda n:
                         ", ".join("%s %.2f" % (k, v) for k, v in sorted(
                             n.items(), key=lambda kv: -kv[1])))
            total = sum(float(n) for n in re.findall(r" ([\d.]+)", names))
            total = "%.2f" % total
        print("| %s, %s | %s | %s | %s |" % (
            peer.name, peer.kind, total,
            cell("perf", lambda: by_perf(driver, peer, peer.kind),
                 lambda n: "%.2f" % n), names), flush=True)
    return 0
