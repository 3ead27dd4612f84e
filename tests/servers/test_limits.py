# SPDX-License-Identifier: MIT
"""Clients that are slow, rude, too many or gone, and what httpd does."""
import resource
import select
import threading

import pytest



# ---- sizes ---------------------------------------------------------------

@pytest.mark.parametrize("request_, status", [
    ("GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % ("y" * 300), 414),
    ("GET /" + "y" * 3000, 414),
    ("GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n" % ("y" * 3000), 431),
    ("GET / HTTP/1.1\r\nHost: x\r\nX: " + "y" * 3000, 431),
    ("GET / HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n" * 11 + "\r\n", 431),
    ("\r\n" * 3000, 414)])
def test_header_limits(start_httpd, request_, status):
    server = start_httpd("--max-target=200", "--max-header=1500",
                         "--max-fields=10")
    with server.connect() as c:
        c.send(request_)
        assert c.read_answer().status == status
        assert c.read_answer() is None
    with server.connect() as c:
        for i in range(3):
            assert c.ask("/hello.txt?" + "y" * 180, X_1="y" * 500,
                         X_2="y" * 500).status == 200
            assert c.ask("/hello.txt", **dict.fromkeys("abcdefghi", "1")
                         ).status == 200
    assert server.stop()[1] == ""


# ---- times ---------------------------------------------------------------

def test_slow_header_is_cut(start_httpd):
    """Though it goes on: each byte does not buy it new time."""
    server = start_httpd("--header-time=0.3")
    with server.connect() as c:
        c.send("GET / HTTP/1.1\r\nHost: x\r\n")
        while not select.select([c.socket], [], [], 0.05)[0]:
            c.send("X")
        assert c.read_answer().status == 408
        c.read_all()
    server.stop()


def test_silent_connection_is_cut(start_httpd):
    server = start_httpd("--header-time=0.1")
    with server.connect() as c:
        assert c.read_all() == b""
    server.stop()


def test_idle_connection_is_cut(start_httpd):
    server = start_httpd("--idle-time=0.1")
    with server.connect() as c:
        assert c.ask("/hello.txt").status == 200
        assert c.read_all() == b""
    server.stop()


def test_second_header_has_its_own_time(start_httpd):
    server = start_httpd("--header-time=0.3")
    with server.connect() as c:
        c.request("/hello.txt")
        c.send("GET /")
        assert c.read_answer().status == 200
        assert c.read_answer().status == 408
    server.stop()


def test_reader_that_stops_is_cut(start_httpd):
    server = start_httpd("--send-time=0.2", "--log=-")
    with server.connect(receive_buffer=4096) as c:
        c.request("/huge")
        server.wait_for("GET /huge")
        assert 0 < len(c.read_all()) < 64 << 20
    server.stop()


# ---- rudeness ------------------------------------------------------------

def test_half_closed(httpd, folder):
    with httpd.connect() as c:
        c.request("/big.bin")
        c.request("/hello.txt")
        c.end()
        assert c.read_answer().body == folder.big
        assert c.read_answer().body == b"hello, world\n"
        assert c.read_answer() is None
    for part in "", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n":
        with httpd.connect() as c:
            c.send(part)
            c.end()
            assert c.read_all() == b""


def test_vanished(httpd):
    """The stop at the end of the test proves that no connection is left."""
    for part in "", "GET / HTTP", "GET /huge HTTP/1.1\r\nHost: x\r\n\r\n":
        for i in range(10):
            c = httpd.connect(receive_buffer=4096)
            c.send(part)
            if "huge" in part:
                assert c.socket.recv(100)
            c.reset()
    assert httpd.ask("/hello.txt").status == 200


def test_file_becomes_shorter(httpd, folder):
    """The answer breaks off: nothing else may be taken for its rest."""
    path = folder.path / "shrinks"
    with open(path, "wb") as f:
        f.truncate(64 << 20)
    with httpd.connect(receive_buffer=4096) as c:
        c.request("/shrinks")
        c.request("/hello.txt")
        assert c.socket.recv(100)
        with open(path, "wb"):
            pass
        assert b"hello" not in c.read_all()
    path.unlink()


# ---- numbers -------------------------------------------------------------

def test_many_at_once(httpd):
    """All are there before the first one asks."""
    clients = [httpd.connect() for i in range(200)]
    for turn in range(3):
        for c in clients:
            c.request("/hello.txt")
        for c in reversed(clients):
            assert c.read_answer().body == b"hello, world\n"
    for c in clients:
        c.close()


def test_many_threads(httpd, folder):
    failures = []

    def fetch():
        try:
            with httpd.connect() as c:
                for i in range(5):
                    assert c.ask("/big.bin").body == folder.big
        except BaseException as e:
            failures.append(e)
    threads = [threading.Thread(target=fetch) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert failures == []


def test_limit_of_connections(start_httpd):
    server = start_httpd("--connections=2")
    a, b, c = [server.connect() for i in range(3)]
    c.request("/hello.txt")
    for turn in range(20):
        assert a.ask("/hello.txt").status == 200
        assert b.ask("/hello.txt").status == 200
    assert c.is_silent()
    a.close()
    assert c.read_answer().status == 200
    b.close()
    c.close()
    server.stop()


def test_limit_holds_for_a_crowd(start_httpd):
    server = start_httpd("--connections=3", "--workers=2")
    clients = [server.connect() for i in range(100)]
    for c in clients:
        c.request("/hello.txt", Connection="close")
    for c in clients:
        assert c.read_answer().status == 200
        c.close()
    server.stop()


def test_no_descriptors_left(start_httpd):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    server = start_httpd(preexec_fn=few)
    clients = [server.connect() for i in range(40)]
    assert "Too many open files" in server.wait_for_complaint("pauses")
    # Each in its turn, as others leave; the end that comes back is its proof.
    for c in clients:
        c.end()
        assert c.read_all() == b""
        c.close()
    for i in range(3):
        assert server.ask("/hello.txt").status == 200
    assert "after 43 connections" in server.stop()[0]


def test_each_limit_has_a_check(start):
    for wrong in ["--port", "--port=x", "--workers=-1", "--idle-time=0",
                  "--max-header=1", "--tls=one", "--unknown"]:
        with pytest.raises(AssertionError):
            start("examples/httpd/httpd", wrong, "/").ended()
    with pytest.raises(AssertionError, match="No such file"):
        start("examples/httpd/httpd", "--port=0", "/nonexistent")
