#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: a program linked with an earlier release runs with this library:
# nothing it could use has gone or changed. The baselines in tests/abi are
# made by "make abi-baseline" when a release is cut.
. "${srcdir:=.}/tests/tap.sh"

so=.libs/libgreen.so
cpu=${host%%-*}
abi=$srcdir/tests/abi

test -f "$so" || skip_all "no shared library was built"
command -v abidiff > "$scratch/which" || skip_all "abidiff is not installed"
case $CFLAGS in
*-g*) ;;
*) skip_all "built without -g" ;;
esac
set -- "$abi"/libgreen-*-"$cpu".abi
test -f "$1" || skip_all "no release was made on $cpu yet"

for baseline in "$@"; do
	release=$(basename "$baseline" "-$cpu.abi")
	runs "all that $release had is as it was" abidiff --no-added-syms \
		--suppressions "$abi/suppressions" "$baseline" "$so"
done
done_testing
