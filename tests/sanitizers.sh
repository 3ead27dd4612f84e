# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For the check-*-sanitizers.sh scripts: programs built with a sanitizer, or run
# under Valgrind, with the library as it is installed, which is built with
# none.

. "${srcdir:=.}/tests/tap.sh"

test -f .libs/libgreen.so || skip_all "no shared library"
test -z "$TEST_EMULATOR" || skip_all "runs under an emulator"
test "$build" = "$host" || skip_all "cross-compiled"
grep -q 'GREEN_BACKEND "generic"' config.h &&
	skip_all "sanitizers warn of swapcontext() whatever we do"
case " $CFLAGS $LDFLAGS " in
*-fsanitize=*) skip_all "the library itself is built with a sanitizer" ;;
esac

unset ASAN_OPTIONS TSAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS

# No TSan by gcc: the runtime of gcc 12 takes most of a MiB for each stack.

# What runs the programs: a tool, or nothing.
runner=
valgrind='valgrind -q --error-exitcode=9 --leak-check=full'

# build COMPILER KIND SOURCE: $scratch/program, or fails.
build()
{
	# shellcheck disable=SC2086 # both may be words
	$1 -O1 -gdwarf-4 $2 -I"$srcdir/include" "$srcdir/tests/$3" \
		-o "$scratch/program" .libs/libgreen.so \
		-Wl,-rpath,"$(pwd)/.libs" -lpthread > "$scratch/log" 2>&1
}

# usable COMPILER KIND: there is one, with a runtime that works here, and can
# name functions (clang's runtime asks a program of another package).
usable()
{
	command -v "${1%% *}" > "$scratch/log" 2>&1 || return 1
	case $1 in
	clang*) command -v llvm-symbolizer > "$scratch/log" 2>&1 || return 1 ;;
	esac
	echo 'int main(void) { return 0; }' > "$scratch/empty.c"
	# shellcheck disable=SC2086 # words
	$1 $2 "$scratch/empty.c" -o "$scratch/empty" > "$scratch/log" 2>&1 &&
		$runner "$scratch/empty" > "$scratch/log" 2>&1
}

# run OPTIONS ARGUMENT: runs the program, output in $scratch/out. Options are
# those of the tool, in the environment.
run()
{
	# shellcheck disable=SC2086 # words, or nothing
	env $1 $runner "$scratch/program" "$2" > "$scratch/out" 2>&1
}

# silent WHAT OPTIONS: the program is right, and the tool says nothing.
silent()
{
	if run "$2" clean &&
		! grep -v '^ok \|^1\.\.' "$scratch/out" > "$scratch/said"
	then
		ok "$1"
	else
		not_ok "$1" "$(head -n 40 "$scratch/out")"
	fi
}

# finds WHAT OPTIONS ARGUMENT PATTERN FUNCTION: the tool ends the program with
# an error that matches and names the function.
finds()
{
	if run "$2" "$3"; then
		not_ok "$1" "ended with 0: $(head -n 20 "$scratch/out")"
	elif grep -q "$4" "$scratch/out" && grep -q "$5" "$scratch/out"; then
		ok "$1"
	else
		not_ok "$1" "$(head -n 40 "$scratch/out")"
	fi
}

# valgrind_usable SOURCE: $scratch/program of it can be run by $runner.
# Valgrind 3.19 gives up at a library that clang 14 made, unless with
# -gdwarf-4.
valgrind_usable()
{
	runner=$valgrind
	usable "$CC" "" && build "$CC" "" "$1" || return 1
	run LC_ALL=C clean
	! grep -q 'debuginfo reader\|DW_FORM' "$scratch/out"
}
