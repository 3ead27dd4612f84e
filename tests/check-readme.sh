#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: the programs in README.md work as they stand there.
. "${srcdir:=.}/tests/examples.sh"

# block LANGUAGE: the code in README.md that is marked so.
block()
{
	sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$srcdir/README.md" | sed '/^```/d'
}

turns="thread 1 is at 0
thread 2 is at 0
thread 1 is at 1
thread 2 is at 1
thread 1 is at 2
thread 2 is at 2"

test -f .libs/libgreen.so || skip_all "there is no shared library"
block c > "$scratch/readme.c"
# shellcheck disable=SC2086 # flags are words
runs "the C program compiles" $CC $CFLAGS -Wall -Wextra -Werror \
	-I"$srcdir/include" -o "$scratch/readme" "$scratch/readme.c" \
	.libs/libgreen.so $LDFLAGS -Wl,-rpath,"$(pwd)/.libs"
# shellcheck disable=SC2086 # the emulator is words
same "the C program's output" "$turns" \
	"$(timeout 120 $TEST_EMULATOR "$scratch/readme" 2>&1)"

if has_python; then
	block python > "$scratch/readme.py"
	same "the Python program's output" "$turns
[1, 4]" "$(python_runs "$scratch/readme.py" 2>&1)"
else
	skip "the Python program's output" "no Python bindings"
fi
done_testing
