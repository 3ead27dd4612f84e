# SPDX-License-Identifier: MIT
"""What the tests of the servers share."""
import os
import random

import pytest

from client import NEVER, Server

# A test that is about one of these gives its own after it.
PATIENT = ["--port=0", "--grace=%d" % NEVER, "--idle-time=%d" % NEVER]
HTTPD = [*PATIENT, "--header-time=%d" % NEVER, "--send-time=%d" % NEVER,
         "--mime-types=/nonexistent"]


class Folder:
    """What httpd serves, with something beside it that it must not."""

    def __init__(self, top):
        self.path = top / "root"
        self.big = random.Random(1).randbytes((3 << 20) + 7)
        for name in "sub", "bare", "bare/deep":
            (top / "root" / name).mkdir(parents=True)
        for name, content in {
                "index.html": b"<p>home\n", "hello.txt": b"hello, world\n",
                "empty.css": b"", "big.bin": self.big, "a.js": b"1",
                "name with % \u00e4+.html": b"odd", "noending": b"?",
                "sub/index.html": b"<p>sub\n",
                "bare/<b>&\".txt": b"x", "bare/.hidden": b"h",
                "../secret.txt": b"SECRET\n"}.items():
            (self.path / name).write_bytes(content)
        for name, to in {"out": "../secret.txt", "out-folder": "..",
                         "absolute": str(top / "secret.txt"),
                         "inside": "hello.txt", "around": "around",
                         "sub/up-and-out": "../../secret.txt"}.items():
            os.symlink(to, self.path / name)
        os.mkfifo(self.path / "fifo")
        with open(self.path / "huge", "wb") as f:
            f.truncate(64 << 20)  # more than all buffers between two programs


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return Folder(tmp_path_factory.mktemp("httpd"))


@pytest.fixture
def start():
    """Start a server, and end it whatever happens."""
    servers = []

    def start(program, *args, **kwargs):
        servers.append(Server(program, *args, **kwargs))
        return servers[-1]
    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def start_httpd(start, folder):
    def start_httpd(*args, **kwargs):
        return start("examples/httpd/httpd", *HTTPD, *args, folder.path,
                     **kwargs)
    return start_httpd


@pytest.fixture(params=[[], ["--workers=2"]], ids=["one", "workers"])
def httpd(request, start_httpd):
    """One that nobody harms: it stops at the end, and never complained."""
    server = start_httpd(*request.param)
    yield server
    out, err = server.stop()
    assert err == ""
    assert "cut off" not in out
