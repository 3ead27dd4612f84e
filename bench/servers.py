# SPDX-License-Identifier: MIT
"""Rows of I/O: a server, and what loads it, as two processes.

The server is pinned to the last CPUs, as many as it has workers; the load has
the others, or the same where there are no others. The server's CPU time is
read from the kernel's clocks of its processes when the load begins to count
and when it ends, so that start, connecting and end do not count.
"""
import glob
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

KINDS = ("echo", "http")
SMALL = b"0123456789abcde\n" * 64
MOST_FILES = 32768  # nginx makes room for as many connections as it may have
SPARE = 200  # descriptors that a server has besides those of its connections

# Each request alike, no log, connections that stay. sendfile is off: that is
# the default, and for a file that small a tenth faster than with it. No
# open_file_cache: it would not see changes, as the others do.
NGINX_CONF = """
daemon off; worker_processes %(workers)d; pid %(folder)s/pid; %(user)s
error_log stderr crit; worker_rlimit_nofile %(files)d;
events { worker_connections %(files)d; }
http {
	access_log off;
	keepalive_timeout 600; keepalive_requests 1000000000;
	types { text/html html; }
	client_body_temp_path %(folder)s/t1; proxy_temp_path %(folder)s/t2;
	fastcgi_temp_path %(folder)s/t3; uwsgi_temp_path %(folder)s/t4;
	scgi_temp_path %(folder)s/t5;
	server { listen 127.0.0.1:%(port)d backlog=65535; root %(files_of)s; }
}
"""


class Failed(Exception):
    """Why there is no number."""


def cpus(workers):
    """(those of the server, those of the load)"""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    mine = sorted(os.sched_getaffinity(0))
    return set(mine[-workers:]), set(mine[:-workers] or mine)


def pinned(where):
    return None if where is None else (
        lambda: os.sched_setaffinity(0, where))


def processes(pid):
    """A process and its children."""
    found = [pid]
    for name in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(name) as f:
                text = f.read()
        except OSError:
            continue
        if int(text[text.rindex(")"):].split()[2]) == pid:
            found.append(int(text.split()[0]))
    return found


def cpu_seconds(pids):
    """By the clock that the kernel has for each process."""
    return sum(time.clock_gettime(~pid << 3 | 2) for pid in pids)


class Server:
    """A running server. kept: a socket that it has been given, listening.
    traced: what was started is a tracer, and the server its child."""

    def __init__(self, command, workers, kept=None, env=None, traced=False):
        self.workers, self.traced = workers, traced
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            preexec_fn=pinned(cpus(workers)[0]), env=env,
            pass_fds=[kept.fileno()] if kept else [])
        self.port = kept.getsockname()[1] if kept else None
        self.children = 0  # that it has when it has begun
        self.by = "epoll"

    def __enter__(self):
        try:
            if not self.port:
                self.listen_to()
            while len(self.pids()) <= self.children:
                if self.process.poll() is not None:
                    raise Failed("the server has ended")
                time.sleep(0.01)
        except Failed:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def listen_to(self):
        """The line that it prints: JSON, or for people, ending in a URL."""
        line = self.process.stdout.readline().decode()
        url = re.search(r" http://127\.0\.0\.1:(\d+)/?$", line)
        try:
            said = {"port": int(url.group(1))} if url else json.loads(line)
            self.port = said["port"]
            self.by = said.get("by", self.by)
        except (KeyError, ValueError):
            raise Failed("the server says %r" % line[:200])

    def stop(self):
        """Its children end with it, and a tracer with its child."""
        if self.traced:
            for pid in self.pids()[1:]:
                os.kill(pid, signal.SIGTERM)
        else:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def pids(self):
        return processes(self.process.pid)


def nginx(workers, folder):
    """Given its socket as it is when a new nginx takes over from an old one:
    no port is guessed, and no connection comes too early."""
    kept = socket.create_server(("127.0.0.1", 0), backlog=65535)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w") as f:
        f.write(NGINX_CONF % {
            "workers": workers, "folder": folder, "files": files,
            "port": kept.getsockname()[1],
            "files_of": os.path.join(folder, "files"),
            "user": "user root;" if os.geteuid() == 0 else ""})
    command = [os.environ["BENCH_NGINX"], "-e", os.path.join(folder, "log"),
               "-p", folder, "-c", conf]
    with kept:
        server = Server(command, workers, kept,
                        dict(os.environ, NGINX="%d;" % kept.fileno()))
    server.children = workers
    return server


class Driver:
    """Runs measurements of I/O for bench/run.py."""

    def __init__(self, build, emulator, limit):
        self.build, self.emulator, self.limit = build, emulator, limit
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        files = MOST_FILES
        if hard != resource.RLIM_INFINITY:
            files = min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
        self.most = files - SPARE

    def missing(self, peer, connections, quick):
        """Why a row is not run, or None."""
        program = os.path.join(self.build, peer.program or "")
        load = os.path.join(self.build, "load")
        if peer.key == "nginx" and not os.environ.get("BENCH_NGINX"):
            return "not installed"
        if not os.path.exists(program) or not os.path.exists(load):
            return "not built"
        if peer.kind == "http" and not quick and not shutil.which(
                os.environ.get("BENCH_WRK") or "wrk"):
            return "no wrk"
        if connections > self.most:
            return "over the limit of descriptors, %d" % self.most
        return None

    def server(self, peer, workers, stack, folder):
        if peer.key == "nginx":
            return nginx(workers, folder)
        command = [os.path.join(self.build, peer.program), str(workers)]
        files = os.path.join(folder, "files")
        if peer.kind == "http":
            command.append(files)
        elif stack:
            command.append(str(stack))
        if command[0].endswith("httpd"):
            command[1:] = ["--port=0", "--workers=%d" % workers,
                           "--connections=%d" % self.most, files]
        return Server(self.emulator + command, workers)

    def output(self, command, server):
        out = subprocess.run(
            command, stdout=subprocess.PIPE, timeout=self.limit,
            preexec_fn=pinned(cpus(server.workers)[1]))
        if out.returncode:
            raise Failed("the load ended with status %d" % out.returncode)
        return out.stdout.decode()

    def load(self, row, connections, count, server, under=()):
        """By bench/load, which reads the server's clocks itself. under: what
        runs it."""
        text = self.output(
            list(under) + self.emulator + [os.path.join(self.build, "load"), row,
                             str(connections), str(count), str(server.port)] +
            [str(p) for p in server.pids()], server)
        return json.loads(text)

    def wrk(self, row, connections, ms, server):
        """By wrk. The load's first request has shown that all is there."""
        self.load("http", 1, 1, server)
        pids, threads = server.pids(), len(cpus(server.workers)[1] or "1")
        before = cpu_seconds(pids)
        text = self.output(
            [os.environ.get("BENCH_WRK") or "wrk", "-t%d" % threads,
             "-c%d" % connections, "-d%ds" % max(1, ms // 1000), "--latency",
             "http://127.0.0.1:%d/small.html" % server.port], server)
        spent = cpu_seconds(pids) - before
        wrong = re.search(r"(Socket errors|Non-2xx).*", text)
        if wrong:
            raise Failed("wrk: " + wrong.group(0))
        requests = int(re.search(r"(\d+) requests in", text).group(1))
        return {"row": row, "threads": connections, "requests": requests,
                "ns": spent * 1e9 / requests, "p99_us": latency(text, "99"),
                "per_second": float(
                    re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))}

    def run(self, measure, peer, connections, count, quick):
        """One measurement: a dict as bench/run.py wants it."""
        row = measure.row
        try:
            with tempfile.TemporaryDirectory() as folder:
                make_files(folder)
                with self.server(peer, measure.workers, peer.stack,
                                 folder) as server:
                    load = self.load
                    if row == "http" and not quick:
                        load = self.wrk
                    return dict(load(row, connections, count, server),
                                by=server.by)
        except Failed as e:
            return {"error": str(e)}
        except subprocess.TimeoutExpired:
            return {"error": "took over %d s" % self.limit}


def latency(text, percent):
    """Microseconds."""
    value, unit = re.search(percent + r"%\s+([\d.]+)(us|ms|s)",
                            text).groups()
    return float(value) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def make_files(folder):
    os.mkdir(os.path.join(folder, "files"))
    with open(os.path.join(folder, "files", "small.html"), "wb") as f:
        f.write(SMALL)
    if os.geteuid() == 0:
        os.chmod(folder, 0o755)
