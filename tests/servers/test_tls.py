# SPDX-License-Identifier: MIT
"""httpd speaks TLS, and all that the others prove holds through it."""
import shutil
import ssl
import subprocess

import pytest

from client import start


@pytest.fixture(scope="module")
def certificate(tmp_path_factory, folder):
    with start("examples/httpd/httpd", "--tls=/nonexistent,/nonexistent",
               folder.path) as p:
        if "without OpenSSL" in p.communicate()[1]:
            pytest.skip("httpd is built without OpenSSL (Debian: libssl-dev)")
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    top = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
         "-keyout", top / "key", "-out", top / "cert"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return top


@pytest.fixture
def start_tls(start_httpd, certificate):
    def start_tls(*args):
        return start_httpd("--tls=%s/cert,%s/key" % (certificate, certificate),
                           *args)
    return start_tls


@pytest.fixture
def context(certificate):
    context = ssl.create_default_context(cafile=certificate / "cert")
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@pytest.fixture
def connect(context):
    def wrap(socket):
        return context.wrap_socket(socket, server_hostname="127.0.0.1",
                                   suppress_ragged_eofs=False)

    def connect(server, **kwargs):
        return server.connect(wrap=wrap, **kwargs)
    return connect


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("workers", [1, 2])
def test_files_arrive(start_tls, connect, context, folder, version, workers):
    context.minimum_version = context.maximum_version = version
    server = start_tls("--workers=%d" % workers)
    with connect(server) as c:
        assert c.socket.selected_alpn_protocol() == "http/1.1"
        for i in range(3):
            assert c.ask("/big.bin").body == folder.big
            assert c.ask("/hello.txt").body == b"hello, world\n"
            assert c.ask("/missing").status == 404
            assert (c.ask("/big.bin", Range="bytes=100000-199999").body ==
                    folder.big[100000:200000])
            assert c.ask("/empty.css").body == b""
        # The end is a proper one, or this would raise an error.
        assert c.ask("/", Connection="close").status == 200
        assert c.read_answer() is None
    assert server.stop()[1] == ""


def test_files_that_are_no_certificate(start_tls, certificate, folder):
    for files in "cert,cert", "key,key", "key,cert", "missing,key":
        cert, key = files.split(",")
        with start("examples/httpd/httpd", "--port=0", "--tls=%s/%s,%s/%s" %
                   (certificate, cert, certificate, key), folder.path) as p:
            out, err = p.communicate()
        assert (p.returncode, out) == (1, "")
        assert "error" in err


def test_old_versions_are_refused(start_tls, connect, context):
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    server = start_tls()
    with pytest.raises(ssl.SSLError):
        connect(server)
    server.stop()


def test_connections_do_not_meddle(start_tls, connect, folder):
    """One breaks its TLS while others are in the middle of theirs."""
    server = start_tls()
    good = [connect(server) for i in range(5)]
    for i in range(5):
        for c in good:
            c.request("/big.bin")
        with server.connect() as bad:
            bad.send(b"\x16\x03\x01\x00\x05rubbish" * 10)
            bad.read_all()
        with connect(server) as bad:
            bad.request("/big.bin")
            bad.reset()
        for c in good:
            assert c.read_answer().body == folder.big
    for c in good:
        c.close()
    assert server.stop()[1] == ""


def test_handshake_has_a_time_limit(start_tls):
    server = start_tls("--header-time=0.2")
    with server.connect() as c:
        c.send(b"\x16\x03\x01")
        c.read_all()
    server.stop()


def test_no_tls(start_tls):
    server = start_tls()
    with server.connect() as c:
        c.send("GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"hello" not in c.read_all()
    server.stop()


def test_stop(start_tls, connect, folder):
    server = start_tls()
    idle, busy = connect(server), connect(server)
    assert idle.ask("/hello.txt").status == 200
    busy.request("/huge")
    assert busy.read_header().status == 200
    server.signal()
    assert idle.read_answer() is None
    assert len(busy.file.read(64 << 20)) == 64 << 20
    idle.close()
    busy.close()
    assert "after 2 connections\n" in server.ended()[0]
