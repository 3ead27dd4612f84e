# SPDX-License-Identifier: MIT
"""A server under test, and raw connections to it.

Nothing here waits for a time: reads end with what was to come, or with the end
of the connection. The one limit is there so that a test of a server that does
neither fails instead of hanging.
"""
import os
import re
import shlex
import signal
import socket
import struct
import subprocess

NEVER = 300  # seconds


def start(program, *args, **kwargs):
    """A program of the build, under the emulator if there is one."""
    emulator = shlex.split(os.environ.get("TEST_EMULATOR", ""))
    return subprocess.Popen(
        [*emulator, program, *map(str, args)], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, errors="replace", **kwargs)


class Server:
    """A server program. stdout is read line by line."""

    def __init__(self, program, *args, **kwargs):
        self.process = start(program, *args, **kwargs)
        line = self.process.stdout.readline()
        found = re.search(r"listening on \S*?([0-9.]+):([0-9]+)$", line)
        if not found:
            raise AssertionError(line + self.process.communicate()[1])
        self.address = found[1], int(found[2])

    def wait_for(self, pattern):
        """Read lines until one matches; returns it."""
        for line in self.process.stdout:
            if re.search(pattern, line):
                return line
        raise AssertionError("no line matches %s" % pattern)

    def wait_for_complaint(self, pattern):
        for line in self.process.stderr:
            if re.search(pattern, line):
                return line
        raise AssertionError("no complaint matches %s" % pattern)

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def stop(self):
        """Returns its last words, and its complaints."""
        self.signal()
        return self.ended()

    def ended(self):
        out, err = self.process.communicate(timeout=NEVER)
        assert self.process.returncode == 0, err
        return out, err

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def connect(self, wrap=None, receive_buffer=None):
        s = socket.socket()
        if receive_buffer:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        s.settimeout(NEVER)
        s.connect(self.address)
        return Connection(wrap(s) if wrap else s)

    def ask(self, target, method="GET", **kwargs):
        with self.connect() as c:
            return c.ask(target, method, **kwargs)


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body


class Connection:
    """One end that sends what it is told, right or wrong."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.settimeout(NEVER)
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def reset(self):
        """Vanish: the server gets an RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
        self.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def end(self):
        """Send no more."""
        self.socket.shutdown(socket.SHUT_WR)

    def request(self, target, method="GET", **fields):
        lines = ["%s %s HTTP/1.1" % (method, target), "Host: test"]
        lines += ["%s: %s" % (name.replace("_", "-"), value)
                  for name, value in fields.items()]
        self.send("\r\n".join(lines) + "\r\n\r\n")

    def read_header(self):
        line = self.file.readline()
        if not line:
            return None
        status = int(re.match(rb"HTTP/1\.1 (\d+) ", line)[1])
        fields = {}
        for line in iter(self.file.readline, b"\r\n"):
            name, value = line.decode("latin-1").rstrip("\r\n").split(": ", 1)
            assert name not in fields
            fields[name] = value
        return Answer(status, fields, b"")

    def read_answer(self, method="GET"):
        """The next answer, None at the end of the connection."""
        answer = self.read_header()
        if answer and method != "HEAD" and answer.status != 304:
            size = int(answer.fields["Content-Length"])
            answer.body = self.file.read(size)
            assert len(answer.body) == size
        return answer

    def ask(self, target, method="GET", **fields):
        self.request(target, method, **fields)
        return self.read_answer(method)

    def read_all(self):
        """Up to the end, in whatever way it comes."""
        parts = []
        try:
            while part := self.socket.recv(65536):
                parts.append(part)
        except ConnectionError:
            pass
        return b"".join(parts)

    def is_silent(self):
        """Nothing has come yet."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
            return False
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(NEVER)
