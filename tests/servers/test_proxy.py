# SPDX-License-Identifier: MIT
"""proxy between clients and servers of this test."""
import hashlib
import random
import socket
import threading

import pytest

from client import NEVER, Connection
from conftest import PATIENT


@pytest.fixture
def origin():
    """A server that accepts when it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(NEVER)
        yield listener


@pytest.fixture
def start_proxy(start, origin):
    def start_proxy(*args):
        return start("examples/proxy", *PATIENT, *args,
                     "%s:%d" % origin.getsockname())
    return start_proxy


@pytest.fixture(params=[[], ["--workers=2"]], ids=["one", "workers"])
def proxy(request, start_proxy):
    server = start_proxy(*request.param)
    yield server
    out, err = server.stop()
    assert err == ""
    assert "cut off" not in out


@pytest.fixture
def meet(origin):
    """A client, and the server's end of its connection."""
    def meet(proxy):
        return proxy.connect(), Connection(origin.accept()[0])
    return meet


def test_bytes_both_ways(proxy, meet):
    client, server = meet(proxy)
    for i in range(100):
        client.send("ask %d\n" % i)
        assert server.file.readline() == b"ask %d\n" % i
        server.send("answer %d\n" % i)
        assert client.file.readline() == b"answer %d\n" % i
    client.close()
    assert server.read_all() == b""
    server.close()


def test_much_both_ways_at_once(proxy, meet):
    up, down = [random.Random(i).randbytes(5 << 20) for i in range(2)]
    client, server = meet(proxy)

    def send(connection, data):
        connection.send(data)
        connection.end()
    threads = [threading.Thread(target=send, args=args)
               for args in [(client, up), (server, down)]]
    received = {}
    threads += [threading.Thread(
        target=lambda c: received.setdefault(c, c.read_all()), args=[c])
        for c in (client, server)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for c, wanted in [(client, down), (server, up)]:
        assert (hashlib.sha256(received[c]).digest() ==
                hashlib.sha256(wanted).digest())
        c.close()


def test_half_close(proxy, meet):
    """The end of what one sends is passed on; the other goes on sending."""
    client, server = meet(proxy)
    client.send("question")
    client.end()
    assert server.read_all() == b"question"
    for i in range(10):
        server.send("answer %d\n" % i)
        assert client.file.readline() == b"answer %d\n" % i
    server.close()
    assert client.read_all() == b""
    client.close()


def test_half_close_by_the_server(proxy, meet):
    client, server = meet(proxy)
    server.send("hello")
    server.end()
    assert client.read_all() == b"hello"
    client.send("bye")
    client.close()
    assert server.read_all() == b"bye"
    server.close()


@pytest.mark.parametrize("who", [0, 1], ids=["client", "server"])
def test_vanished(proxy, meet, who):
    """One is gone in the middle: the other learns of it."""
    pair = meet(proxy)
    pair[0].send("x")
    assert pair[1].socket.recv(1) == b"x"
    pair[1].send("y")
    assert pair[0].socket.recv(1) == b"y"
    pair[who].reset()
    pair[1 - who].read_all()
    pair[1 - who].close()


def test_vanished_while_the_other_does_not_read(proxy, meet):
    client, server = meet(proxy)
    client.send("x")
    assert server.socket.recv(1) == b"x"
    client.socket.setblocking(False)
    try:
        while True:
            client.socket.send(bytes(65536))
    except BlockingIOError:
        pass
    server.reset()
    client.socket.settimeout(NEVER)
    client.read_all()
    client.close()


def test_many(proxy, meet):
    pairs = [meet(proxy) for i in range(100)]
    for i, (client, server) in enumerate(pairs):
        client.send(str(i))
        client.end()
    for i, (client, server) in reversed(list(enumerate(pairs))):
        assert server.read_all() == str(i).encode()
        server.send("to %d" % i)
        server.close()
    for i, (client, server) in enumerate(pairs):
        assert client.read_all() == b"to %d" % i
        client.close()


def test_silence_is_cut(start_proxy, meet):
    proxy = start_proxy("--idle-time=0.2")
    client, server = meet(proxy)
    assert client.read_all() == b""
    assert server.read_all() == b""
    client, server = meet(proxy)
    client.send("x")
    assert client.read_all() == b""
    assert server.read_all() in (b"x", b"")
    proxy.stop()


def test_silence_of_half_a_connection_is_cut(start_proxy, meet):
    proxy = start_proxy("--idle-time=0.2")
    client, server = meet(proxy)
    client.end()
    assert server.read_all() == b""
    assert client.read_all() == b""
    proxy.stop()


def test_reader_that_stops_is_cut(start_proxy, meet):
    proxy = start_proxy("--idle-time=0.2")
    client, server = meet(proxy)
    with pytest.raises(ConnectionError):
        while True:
            client.send(bytes(65536))
    client.close()
    server.close()
    proxy.stop()


def test_nobody_there(start_proxy, origin):
    proxy = start_proxy()
    origin.close()
    for i in range(3):
        with proxy.connect() as c:
            assert c.read_all() == b""
        assert "refused" in proxy.wait_for_complaint("cannot reach")
    proxy.stop()


def test_limit_of_connections(start_proxy, meet, origin):
    proxy = start_proxy("--connections=1")
    client, server = meet(proxy)
    second = proxy.connect()
    second.send("second")
    client.send("first")
    client.end()
    assert server.read_all() == b"first"
    server.close()
    client.close()
    second.end()
    server = Connection(origin.accept()[0])
    assert server.read_all() == b"second"
    server.close()
    second.close()
    proxy.stop()


def test_stop_lets_connections_end(start_proxy, meet):
    proxy = start_proxy()
    client, server = meet(proxy)
    proxy.signal()
    proxy.wait_for("stopping")
    client.send("still")
    client.end()
    assert server.read_all() == b"still"
    server.send("here")
    server.close()
    assert client.read_all() == b"here"
    client.close()
    assert proxy.ended()[0] == "proxy: stopped after 1 connections\n"


def test_stop_cuts_the_rest(start_proxy, meet):
    proxy = start_proxy("--grace=0.2")
    client, server = meet(proxy)
    client.send("x")
    assert server.socket.recv(1) == b"x"
    proxy.signal()
    assert "some were cut off" in proxy.ended()[0]
    assert client.read_all() == b""
    assert server.read_all() == b""
    client.close()
    server.close()
