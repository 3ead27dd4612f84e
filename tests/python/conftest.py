# SPDX-License-Identifier: MIT
"""What the Python tests share."""
import os
import signal
import subprocess
import sys

import green
import pytest


@pytest.fixture(autouse=True)
def nobody_is_left():
    """Tests leave threads that wait: those are cancelled afterwards."""
    yield
    left = [t for t in green._core.threads() if t is not green.current()]
    for thread in left:
        thread.cancel()
    for thread in left:
        thread.join()

# A shell that starts us in the background has SIGINT ignored, which Python
# leaves as it is; so would the interpreters that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def python():
    """Run code in an interpreter of its own: for what ends the process, and
    for what must begin in a fresh one."""
    def run(code, **kwargs):
        return subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", code],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=300, env=dict(os.environ, PYTHONUNBUFFERED="1"), **kwargs)
    return run
