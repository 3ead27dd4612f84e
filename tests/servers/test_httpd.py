# SPDX-License-Identifier: MIT
"""What httpd answers: files, headers, ranges, errors, and nothing from outside
of its folder."""
import email.utils
import hashlib
import http.client
import os
import threading
import urllib.parse

import pytest

from client import NEVER


# ---- files ---------------------------------------------------------------

def test_files_arrive_byte_for_byte(httpd, folder):
    client = http.client.HTTPConnection(*httpd.address, timeout=NEVER)
    for name, content in [("hello.txt", b"hello, world\n"),
                          ("empty.css", b""), ("big.bin", folder.big)]:
        client.request("GET", "/" + name)
        answer = client.getresponse()
        assert answer.status == 200
        body = answer.read()
        assert len(body) == len(content)
        assert (hashlib.sha256(body).hexdigest() ==
                hashlib.sha256(content).hexdigest())
    client.close()


@pytest.mark.parametrize("name, wanted", [
    ("index.html", "text/html; charset=utf-8"),
    ("hello.txt", "text/plain; charset=utf-8"),
    ("empty.css", "text/css; charset=utf-8"),
    ("a.js", "text/javascript; charset=utf-8"),
    ("noending", "application/octet-stream"),
    ("big.bin", "application/octet-stream")])
def test_types(httpd, name, wanted):
    assert httpd.ask("/" + name).fields["Content-Type"] == wanted


def test_types_of_the_system(start_httpd, tmp_path):
    (tmp_path / "types").write_text(
        "# comment\ntext/x-lines\tbin lines # more\nvideo/x-none\n"
        "application/x-no-css css\n")
    server = start_httpd("--mime-types=%s" % (tmp_path / "types"))
    answer = server.ask("/big.bin")
    assert answer.fields["Content-Type"] == "text/x-lines; charset=utf-8"
    answer = server.ask("/empty.css")
    assert answer.fields["Content-Type"] == "text/css; charset=utf-8"
    server.stop()


def test_head_is_get_without_the_body(httpd):
    with httpd.connect() as c:
        for target in "/hello.txt", "/", "/missing", "/sub":
            head = c.ask(target, "HEAD")
            get = c.ask(target)
            assert head.status == get.status
            del head.fields["Date"], get.fields["Date"]
            assert head.fields == get.fields


def test_names_are_decoded_once(httpd):
    name = urllib.parse.quote("name with % \u00e4+.html")
    assert httpd.ask("/" + name).body == b"odd"
    assert httpd.ask("/" + name.replace("%", "%25")).status == 404
    assert httpd.ask("/hello%2etxt?query=%zz#").status == 200
    assert httpd.ask("http://example.org/hello.txt").status == 200


@pytest.mark.parametrize("target", ["/%", "/%2", "/%zz", "/hello.txt%00",
                                    "/%00"])
def test_wrong_escapes(httpd, target):
    assert httpd.ask(target).status == 400


# ---- folders -------------------------------------------------------------

def test_index_and_redirect(httpd):
    assert httpd.ask("/").body == b"<p>home\n"
    assert httpd.ask("/sub/").body == b"<p>sub\n"
    answer = httpd.ask("/sub?x=1")
    assert answer.status == 301
    assert answer.fields["Location"] == "/sub/"
    assert httpd.ask("/hello.txt/").status == 404


def test_redirect_stays_on_this_server(httpd):
    for target in "//sub", "///sub", "http://x//sub":
        answer = httpd.ask(target)
        assert answer.fields["Location"] == "/sub/"


def test_listing(start_httpd):
    server = start_httpd("--list")
    assert server.ask("/").body == b"<p>home\n"
    page = server.ask("/bare/").body.decode()
    assert ('<a href="./%3Cb%3E&%22.txt">&lt;b&gt;&amp;&quot;.txt</a>'
            in page)
    assert '<a href="./deep/">deep/</a>' in page
    assert ".hidden" not in page
    assert server.ask("/bare/%3Cb%3E&%22.txt").body == b"x"
    server.stop()


def test_no_listing_unless_asked(httpd):
    assert httpd.ask("/bare/").status == 403


# ---- what cannot be had --------------------------------------------------

@pytest.mark.parametrize("walk", [[], ["--walk"]], ids=["openat2", "walk"])
def test_nothing_outside_of_the_folder(start_httpd, walk, folder):
    server = start_httpd("--list", *walk)
    up = "/" + "/".join([".."] * 20)
    for target in ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
                   "/sub/../../secret.txt", "/sub/%2e%2e/%2E%2E/secret.txt",
                   "/sub/..%2f..%2fsecret.txt", up + "/etc/passwd",
                   up + "%2fetc%2fpasswd", "/..", "/../", "/%2e%2e/",
                   "//etc/passwd", "/" + str(folder.path), "/out", "/absolute",
                   "/out-folder/", "/out-folder/secret.txt", "/around",
                   "/sub/up-and-out", "/proc/self/root/etc/passwd",
                   "/..\\secret.txt", "/out-folder/root/hello.txt"]:
        answer = server.ask(target)
        assert answer.status == 404, target
        assert b"SECRET" not in answer.body
    assert server.ask("/inside").status == (404 if walk else 200)
    assert server.ask("/bare/deep/").status == 200
    assert server.ask("/").status == 200
    assert server.ask("/sub/").status == 200
    server.stop()


def test_what_is_no_file(httpd, folder):
    assert httpd.ask("/fifo").status == 403
    assert httpd.ask("/missing").status == 404
    assert httpd.ask("/hello.txt/more").status == 404
    assert httpd.ask("/" + "x" * 300).status == 404


def test_files_that_may_not_be_read(httpd, folder):
    path = folder.path / "private"
    path.write_bytes(b"p")
    path.chmod(0)
    assert httpd.ask("/private").status == (403 if os.getuid() else 200)
    path.unlink()


def test_methods(httpd):
    for method in "POST", "PUT", "DELETE", "OPTIONS", "TRACE":
        answer = httpd.ask("/hello.txt", method)
        assert answer.status == 405
        assert answer.fields["Allow"] == "GET, HEAD"
    assert httpd.ask("/hello.txt", "BREW").status == 501


def test_bodies_are_refused(httpd):
    assert httpd.ask("/hello.txt", Content_Length="5").status == 413
    assert httpd.ask("/hello.txt", Transfer_Encoding="chunked").status == 413
    assert httpd.ask("/", "POST", Content_Length="9" * 15).status == 405
    assert httpd.ask("/hello.txt", Content_Length="0").status == 200


def test_refusal_arrives_though_nobody_reads_the_body(httpd):
    with httpd.connect() as c:
        c.request("/", "POST", Content_Length=str(1 << 19))
        c.send(b"x" * (1 << 19))
        assert c.read_answer().status == 405
        assert c.read_answer() is None


@pytest.mark.parametrize("text, status", [
    ("rubbish\r\n\r\n", 400),
    ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ("GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
     "Transfer-Encoding: chunked\r\n\r\n", 400),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    ("GET / HTTP/x\r\nHost: a\r\n\r\n", 400)])
def test_what_is_no_request(httpd, text, status):
    with httpd.connect() as c:
        c.send(text.encode("latin-1"))
        answer = c.read_answer()
        assert answer.status == status
        assert answer.fields["Connection"] == "close"
        assert c.read_answer() is None


# ---- connections ---------------------------------------------------------

def test_keep_alive(httpd):
    with httpd.connect() as c:
        for i in range(100):
            assert c.ask("/hello.txt", X_Empty="").body == b"hello, world\n"
        assert c.ask("/hello.txt", Connection="close").status == 200
        assert c.read_answer() is None


def test_http_1_0(httpd):
    with httpd.connect() as c:
        c.send("GET /hello.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert c.read_answer().fields["Connection"] == "keep-alive"
        c.send("GET /hello.txt HTTP/1.0\r\n\r\n")
        assert c.read_answer().fields["Connection"] == "close"
        assert c.read_answer() is None


def test_upgrade_is_ignored(httpd):
    with httpd.connect() as c:
        assert c.ask("/hello.txt", Connection="Upgrade, HTTP2-Settings",
                     Upgrade="h2c", HTTP2_Settings="x").status == 200
        assert c.ask("/hello.txt").status == 200


def test_pipelining(httpd, folder):
    targets = ["/hello.txt", "/missing", "/big.bin", "/", "/empty.css"] * 20
    with httpd.connect() as c:
        sender = threading.Thread(target=c.send, args=[
            "".join("GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % t
                    for t in targets)])
        sender.start()
        for target in targets:
            answer = c.read_answer()
            assert answer.status == (404 if target == "/missing" else 200)
            if target == "/big.bin":
                assert answer.body == folder.big
        sender.join()
        assert c.ask("/hello.txt").status == 200


def test_requests_in_any_pieces(httpd):
    request = b"\r\nGET /sub/ HTTP/1.1\r\nHost: x\r\nX-Some: thing \r\n\r\n"
    with httpd.connect() as c:
        for byte in request * 2:
            c.send(bytes([byte]))
        for i in range(2):
            assert c.read_answer().body == b"<p>sub\n"


# ---- versions and ranges -------------------------------------------------

def test_not_modified(httpd, folder):
    with httpd.connect() as c:
        first = c.ask("/hello.txt")
        tag = first.fields["ETag"]
        date = first.fields["Last-Modified"]
        older = email.utils.formatdate(1, usegmt=True)
        for fields, status in [
                ({"If_None_Match": tag}, 304),
                ({"If_None_Match": '"a", W/%s' % tag}, 304),
                ({"If_None_Match": "*"}, 304),
                ({"If_None_Match": '"a"'}, 200),
                ({"If_None_Match": '"a"', "If_Modified_Since": date}, 200),
                ({"If_Modified_Since": date}, 304),
                ({"If_Modified_Since": older}, 200),
                ({"If_Modified_Since": "yesterday"}, 200)]:
            answer = c.ask("/hello.txt", **fields)
            assert answer.status == status, fields
            assert answer.fields["ETag"] == tag


def test_ranges(httpd, folder):
    size = len(folder.big)
    with httpd.connect() as c:
        for text, first, last in [
                ("0-0", 0, 0), ("0-", 0, size - 1), ("5-9", 5, 9),
                ("-1", size - 1, size - 1), ("%d-" % (size - 1), size - 1,
                                             size - 1),
                ("-%d" % (2 * size), 0, size - 1),
                ("1000-%d" % (9 * size), 1000, size - 1),
                ("7-%s" % ("9" * 40), 7, size - 1)]:
            answer = c.ask("/big.bin", Range="bytes=" + text)
            assert answer.status == 206, text
            assert (answer.fields["Content-Range"] ==
                    "bytes %d-%d/%d" % (first, last, size))
            assert answer.body == folder.big[first:last + 1], text


def test_ranges_that_are_none(httpd):
    with httpd.connect() as c:
        for text in ["bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "lines=1-2",
                     "bytes=1", "bytes=0-1,3-4", "bytes=--1", "bytes=1-2x"]:
            answer = c.ask("/hello.txt", Range=text)
            assert (answer.status, answer.body) == (200, b"hello, world\n")
        for target, text in [("/hello.txt", "13-"), ("/hello.txt", "-0"),
                             ("/hello.txt", "99-100"), ("/empty.css", "0-")]:
            answer = c.ask(target, Range="bytes=" + text)
            assert answer.status == 416
            size = 0 if target == "/empty.css" else 13
            assert answer.fields["Content-Range"] == "bytes */%d" % size


def test_if_range(httpd):
    with httpd.connect() as c:
        first = c.ask("/hello.txt")
        for same in first.fields["ETag"], first.fields["Last-Modified"]:
            answer = c.ask("/hello.txt", Range="bytes=0-4", If_Range=same)
            assert (answer.status, answer.body) == (206, b"hello")
        for other in '"other"', email.utils.formatdate(1, usegmt=True):
            answer = c.ask("/hello.txt", Range="bytes=0-4", If_Range=other)
            assert (answer.status, answer.body) == (200, b"hello, world\n")


# ---- the program ---------------------------------------------------------

def test_log(start_httpd):
    server = start_httpd("--log=-")
    server.ask('/hello.txt?"x\\y')
    line = server.wait_for("GET")
    assert line.startswith("127.0.0.1 - - [")
    assert line.endswith(
        '+0000] "GET /hello.txt?\\x22x\\x5cy HTTP/1.1" 200 13\n')
    server.ask("/missing", "HEAD")
    assert server.wait_for("HEAD").endswith(" 404 0\n")
    with server.connect() as c:
        c.send("rubbish\r\n\r\n")
        c.read_all()
    assert '"- ' in server.wait_for(" 400 ")
    server.stop()


def test_log_in_a_file(start_httpd, tmp_path):
    server = start_httpd("--log=%s" % (tmp_path / "log"), "--workers=2")
    for i in range(20):
        server.ask("/hello.txt?%d" % i)
    server.stop()
    lines = (tmp_path / "log").read_text().splitlines()
    assert len(lines) == 20
    for i in range(20):
        assert any("?%d HTTP" % i in line for line in lines)
