#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: the programs in README.md work as they stand there.
. "${srcdir:=.}/tests/examples.sh"

# block LANGUAGE N: the Nth piece of code in README.md that is marked so.
block()
{
	$AWK -v begin="\`\`\`$1" -v wanted="$2" '
		/^```/ { inside = $0 == begin && ++n == wanted; next }
		inside' "$srcdir/README.md"
}

# c_program N OUTPUT
c_program()
{
	block c "$1" > "$scratch/readme.c"
	# shellcheck disable=SC2086 # flags are words
	runs "C program $1 compiles" $CC $CFLAGS -Wall -Wextra -Werror \
		-I"$srcdir/include" -o "$scratch/readme" "$scratch/readme.c" \
		.libs/libgreen.so $LDFLAGS -Wl,-rpath,"$(pwd)/.libs"
	# shellcheck disable=SC2086 # the emulator is words
	same "C program $1: output" "$2" \
		"$(timeout 120 $TEST_EMULATOR "$scratch/readme" 2>&1)"
}

# python_program N OUTPUT
python_program()
{
	block python "$1" > "$scratch/readme.py"
	same "Python program $1: output" "$2" \
		"$(python_runs "$scratch/readme.py" 2>&1)"
}

turns="thread 1 is at 0
thread 2 is at 0
thread 1 is at 1
thread 2 is at 1
thread 1 is at 2
thread 2 is at 2"

test -f .libs/libgreen.so || skip_all "there is no shared library"
c_program 1 "$turns"
c_program 2 "the sum is 55"

if has_python; then
	python_program 1 "$turns
[1, 4]"
	python_program 2 55
else
	skip "the Python programs' output" "no Python bindings"
fi
done_testing
