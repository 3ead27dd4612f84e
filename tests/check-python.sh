#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: the Python package in the build tree passes its tests.
#
# The tests lie apart from the package's source, and pytest is told not to
# look for a root: it would put a folder of the source tree first in the
# module search path, where there is no extension.
. "${srcdir:=.}/tests/tap.sh"

test -n "$PYTHON_BINDINGS" || skip_all "no Python bindings in this build"
test -n "$PYTHON_PYTEST" || skip_all "$PYTHON has no pytest"
test -z "$TEST_EMULATOR" || skip_all "not under $TEST_EMULATOR"

tests=$(cd "$srcdir/tests/python" && pwd)
rm -rf "$scratch"
PYTHONPATH=$PWD/python:${tests%/*} PYTHONDONTWRITEBYTECODE=1 \
	top_srcdir=$(cd "$srcdir" && pwd) \
	exec "$PYTHON" -m pytest -p no:cacheprovider -p pytest_tap \
	-q --tap -s --rootdir="$tests" "$tests"
