# SPDX-License-Identifier: MIT
"""SIGTERM: what was begun is finished, and nothing else begins."""
import signal
import socket

import pytest


@pytest.fixture(params=[[], ["--workers=2"]], ids=["one", "workers"])
def workers(request):
    return request.param


def test_requests_in_flight_are_finished(start_httpd, workers):
    server = start_httpd(*workers)
    idle = server.connect()
    assert idle.ask("/hello.txt").status == 200
    fresh = server.connect()
    busy = server.connect(receive_buffer=4096)
    busy.request("/huge")
    head = busy.read_header()
    assert head.status == 200
    # Its second request has begun when the first one is answered.
    half = server.connect()
    half.send("GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /sub")
    assert half.read_answer().status == 200
    server.signal()
    server.wait_for("stopping")
    assert idle.read_all() == b""
    assert fresh.read_all() == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address)
    assert len(busy.file.read(64 << 20)) == 64 << 20
    busy.close()
    half.send("/ HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = half.read_answer()
    assert answer.body == b"<p>sub\n"
    assert answer.fields["Connection"] == "close"
    assert half.read_answer() is None
    for c in idle, fresh, half:
        c.close()
    out, err = server.ended()
    assert out == "httpd: stopped after 4 connections\n"
    assert err == ""


def test_requests_that_were_sent_are_answered(start_httpd, workers):
    """Also by a server that has not looked at them yet."""
    server = start_httpd(*workers)
    clients = [server.connect() for i in range(50)]
    for c in clients:
        c.request("/hello.txt")
    server.signal()
    for c in clients:
        assert c.read_answer().body == b"hello, world\n"
        assert c.read_answer() is None
        c.close()
    assert "after 50 connections\n" in server.ended()[0]


def test_grace_ends(start_httpd, workers):
    server = start_httpd(*workers, "--grace=0.2")
    with server.connect(receive_buffer=4096) as c:
        c.request("/huge")
        assert c.socket.recv(1)
        server.signal()
        out, err = server.ended()
        assert "after 1 connections; some were cut off" in out
        assert len(c.read_all()) < 64 << 20


def test_second_signal_ends_the_grace(start_httpd, workers):
    server = start_httpd(*workers)
    with server.connect(receive_buffer=4096) as c:
        c.request("/huge")
        assert c.socket.recv(1)
        server.signal()
        server.wait_for("stopping")
        server.signal()
        assert "some were cut off" in server.ended()[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_of_an_idle_server(start_httpd, workers, number):
    server = start_httpd(*workers)
    server.signal(number)
    out, err = server.ended()
    assert "stopped after 0 connections\n" in out
    assert err == ""


def test_stop_when_full(start_httpd, workers):
    """Those who wait for a place are not answered, and get the end."""
    server = start_httpd(*workers, "--connections=1")
    a = server.connect()
    assert a.ask("/hello.txt").status == 200
    b = server.connect()
    b.request("/hello.txt")
    server.signal()
    assert a.read_all() == b""
    b.read_all()
    server.ended()
