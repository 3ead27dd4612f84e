#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: examples/proxy passes on every byte, both ways, the end of what one
# side sends, and a connection that is broken; it cuts what is silent, and stops
# when told.
. "${srcdir:=.}/tests/servers.sh"

pytest_runs test_proxy.py
