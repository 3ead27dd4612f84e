# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For the check-example-*.sh scripts: run an example in C or in Python.

. "${srcdir:=.}/tests/tap.sh"

# in_c NAME [ARGUMENT]...
in_c()
{
	example=$1
	shift
	# shellcheck disable=SC2086 # the emulator is words
	timeout 300 $TEST_EMULATOR "examples/$example" "$@"
}

# Is there a Python to run the twins with? The makefile says which.
has_python()
{
	test -n "${EXAMPLE_PYTHON-}"
}

# python_runs FILE [ARGUMENT]...: with the module of the build.
python_runs()
{
	PYTHONPATH=python LD_LIBRARY_PATH=.libs PYTHONDONTWRITEBYTECODE=1 \
		timeout 300 "$EXAMPLE_PYTHON" "$@"
}

# in_python NAME [ARGUMENT]...
in_python()
{
	example=$1
	shift
	python_runs "$srcdir/examples/$example.py" "$@"
}

# both_print NAME WANTED: so do C and Python, and both exit with 0.
both_print()
{
	got=$(in_c "$1" 2>&1)
	same "$1.c: exit status" 0 $?
	same "$1.c: output" "$2" "$got"
	if ! has_python; then
		skip "$1.py" "no Python bindings"
		return
	fi
	got=$(in_python "$1" 2>&1)
	same "$1.py: exit status" 0 $?
	same "$1.py: output" "$2" "$got"
}
