# SPDX-License-Identifier: MIT
"""Proves: names are found as the standard library finds them, while other green
threads run; whoever gives up leaves the question behind. Twin of t-net-*.c."""
import os
import socket

import green
import pytest


def test_finds_names():
    for host, port in [("localhost", 80), ("127.0.0.1", "http"), ("::1", 8),
                       (None, 80)]:
        assert (green.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                == socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    assert (green.getaddrinfo("127.0.0.1", 80, socket.AF_INET,
                              socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
            == [(socket.AF_INET, socket.SOCK_STREAM, 6, "",
                 ("127.0.0.1", 80))])


def test_finds_addresses():
    flags = socket.NI_NUMERICSERV
    assert (green.getnameinfo(("127.0.0.1", 80), flags)
            == socket.getnameinfo(("127.0.0.1", 80), flags))


def test_what_is_not_there():
    with pytest.raises(socket.gaierror) as caught:
        green.getaddrinfo("localhost", 80, flags=socket.AI_NUMERICHOST)
    assert caught.value.errno == socket.EAI_NONAME
    with pytest.raises(socket.gaierror):
        green.getnameinfo(("localhost", 80), 1 << 30)


def test_a_storm(monkeypatch):
    """The names wait for a green thread that runs meanwhile."""
    out, into = os.pipe()

    def ask(host, *args):
        os.read(out, 1)
        return host

    def let_go():
        for _ in range(1000):
            os.write(into, b"x")
            green.yield_()

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    threads = [green.spawn(green.getaddrinfo, str(n), 80) for n in range(1000)]
    green.spawn(let_go)
    assert [t.result() for t in threads] == [str(n) for n in range(1000)]
    with green.virtual_clock(), pytest.raises(TimeoutError), green.timeout(5):
        green.getaddrinfo("name", 80)
    os.write(into, b"x")
