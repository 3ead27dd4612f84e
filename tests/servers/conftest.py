# SPDX-License-Identifier: MIT
"""What the tests of the servers share."""
import pytest

from client import NEVER, Server

# A test that is about one of these gives its own after it.
PATIENT = ["--port=0", "--grace=%d" % NEVER, "--idle-time=%d" % NEVER]


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
