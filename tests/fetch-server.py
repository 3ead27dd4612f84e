# SPDX-License-Identifier: MIT
"""A web server for examples/fetch, on any port, which it prints.

/bytes/N/NAME has N bytes, /away/PATH leads to /PATH, /never does not answer,
/most says how many requests there were at a time, all others are not found.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.Lock()
active = most = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        global active, most
        with lock:
            active += 1
            most = max(most, active)
        try:
            status, body, headers = self.serve(self.path.split("/")[1:])
        finally:
            # Before the answer, after which the client may ask again.
            with lock:
                active -= 1
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self, parts):
        if parts[0] == "bytes":
            n = int(parts[1])
            return 200, (b"0123456789abcde\n" * (n // 16 + 1))[:n], {}
        if parts[0] == "away":
            return 302, b"", {"Location": "/" + "/".join(parts[1:])}
        if parts[0] == "most":
            return 200, b"%d\n" % most, {}
        if parts[0] == "never":
            # Until the client has gone.
            while self.rfile.read(1):
                pass
            self.close_connection = True
        return 404, b"no\n", {}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100


server = Server(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
