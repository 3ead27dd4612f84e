# SPDX-License-Identifier: MIT
"""What the Python tests share.

--tap makes pytest speak the Test Anything Protocol, which `make check` reads.
"""
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


def pytest_addoption(parser):
    parser.addoption("--tap", action="store_true", help="speak TAP")


class Tap:
    def __init__(self):
        self.count = 0

    def pytest_collection_finish(self, session):
        print("1..%d" % len(session.items), flush=True)

    def pytest_collectreport(self, report):
        if report.failed:
            print("Bail out! cannot read %s" % report.nodeid)
            print(report.longreprtext, file=sys.stderr, flush=True)

    def pytest_runtest_logreport(self, report):
        # One line a test: its call, or whatever failed or skipped before.
        if report.when != "call" and report.passed:
            return
        if report.when == "teardown" and not report.failed:
            return
        self.count += 1
        name = report.nodeid.split("/")[-1].replace("#", "no.")
        if report.skipped:
            why = str(report.longrepr[2]).replace("Skipped: ", "")
            print("ok %d - %s # SKIP %s" % (self.count, name, why), flush=True)
            return
        print("%s %d - %s" % ("ok" if report.passed else "not ok",
                              self.count, name), flush=True)
        if report.failed:
            for line in report.longreprtext.splitlines():
                print("# " + line)
            sys.stdout.flush()


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if config.getoption("--tap"):
        terminal = config.pluginmanager.getplugin("terminalreporter")
        config.pluginmanager.unregister(terminal)
        config.pluginmanager.register(Tap(), "tap")
