#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: every program of bench/ that was built runs each of its rows to the
# end and prints numbers. No time is judged.
if test -z "$BENCH_INTERPRETER"; then
	echo "1..0 # SKIP no python3"
	exit 0
fi
PYTHONPATH=python exec "$BENCH_INTERPRETER" -B "$top_srcdir/bench/run.py" --build bench --quick
