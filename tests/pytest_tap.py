# SPDX-License-Identifier: MIT
"""A plugin of pytest: --tap makes it speak the Test Anything Protocol, which
`make check` reads.
"""
import sys

import pytest


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
