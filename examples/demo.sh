#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What ./quickstart demo shows. In the environment: top_builddir.

set -eu

bin=$top_builddir/examples

title()
{
	printf '\n== %s\n' "$1"
	shift
	printf '   %s\n' "$@"
}

title "Jump onto another stack (examples/stack-jump.c)" \
	"First by hand, onto 48 bytes; then with green_context_switch()."
"$bin/stack-jump"
