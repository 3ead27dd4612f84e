#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: examples/httpd gives each client its files, byte for byte, and what
# HTTP says besides; no path leads out of its folder; clients that are slow,
# rude or gone harm nobody else; it stops when told, after what was begun. Plain
# and with TLS.
. "${srcdir:=.}/tests/servers.sh"

test -x examples/httpd/httpd ||
	skip_all "no http-parser (Debian: libhttp-parser-dev)"
pytest_runs test_httpd.py test_limits.py test_stop.py test_tls.py
