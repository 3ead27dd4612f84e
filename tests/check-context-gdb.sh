#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: gdb's bt from inside a context ends cleanly at its start, and at each
# single instruction of the switches, before and after the change of stacks,
# gdb finds the right caller with its registers. x86-64 assembly only.
. "${srcdir:=.}/tests/tap.sh"

grep -q 'GREEN_BACKEND "x86_64"' config.h ||
	skip_all "stepping is for the x86-64 backend"
test -z "$TEST_EMULATOR" || skip_all "runs under an emulator"
case " $CFLAGS " in
*" -fsanitize=thread "*) skip_all "TSan's calls are among the steps" ;;
esac
command -v gdb > "$scratch/where" 2>&1 || skip_all "no gdb"

# No debugger inside of another one, or where ptrace is forbidden.
gdb -nx -q -batch -ex 'python print("scripts")' -ex run --args true \
	> "$scratch/probe" 2>&1
grep -q scripts "$scratch/probe" || skip_all "gdb without Python"
grep -q 'exited normally' "$scratch/probe" || skip_all "gdb cannot run programs"

# Names as they are: what clang makes of assembly gdb takes for Ada, in which
# a dot is written as two underscores.
gdb -nx -q -batch -ex 'set demangle-style none' \
	-x "$srcdir/tests/gdb-context.py" tests/gdb-context \
	> "$scratch/out" 2>&1
status=$?
grep -E '^((not )?ok |#|1\.\.|Bail)' "$scratch/out"
exit $status
