#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: programs built with a sanitizer, or run under Valgrind, that use
# green threads rightly on several OS threads stay silent with the library as
# it is installed, not built with any; an overflow of a local array on a green
# stack is found.
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

# build COMPILER KIND SOURCE: $scratch/program, or fails.
build()
{
	$1 -O1 -gdwarf-4 $2 -I"$srcdir/include" "$srcdir/tests/$3.c" \
		-o "$scratch/program" .libs/libgreen.so \
		-Wl,-rpath,"$(pwd)/.libs" -lpthread > "$scratch/log" 2>&1
}

# usable COMPILER KIND: there is one, with a runtime that works here and can
# name functions (clang's asks a program of another package).
usable()
{
	command -v ${1%% *} > "$scratch/log" 2>&1 || return 1
	case $1 in
	clang*) command -v llvm-symbolizer > "$scratch/log" 2>&1 || return 1 ;;
	esac
	echo 'int main(void) { return 0; }' > "$scratch/empty.c"
	$1 $2 "$scratch/empty.c" -o "$scratch/empty" > "$scratch/log" 2>&1 &&
		$runner "$scratch/empty" > "$scratch/log" 2>&1
}

# silent WHAT: the program is right, and the tool says nothing.
silent()
{
	if $runner "$scratch/program" clean > "$scratch/out" 2>&1 &&
		! grep -v '^ok \|^1\.\.' "$scratch/out" > "$scratch/said"
	then
		ok "$1"
	else
		not_ok "$1" "$(head -40 "$scratch/out")"
	fi
}

# finds WHAT ARGUMENT PATTERN FUNCTION: the tool ends the program with an
# error that matches and names the function.
finds()
{
	if "$scratch/program" "$2" > "$scratch/out" 2>&1; then
		not_ok "$1" "ended with 0: $(head -20 "$scratch/out")"
	elif grep -q "$3" "$scratch/out" && grep -q "$4" "$scratch/out"; then
		ok "$1"
	else
		not_ok "$1" "$(head -40 "$scratch/out")"
	fi
}

# Tests of ours that are right programs with several OS threads.
tests='t-join-across-os-threads t-join-stress t-thread-keeps-errno'

# all_silent NAME COMPILER KIND
all_silent()
{
	for source in sanitize-thread $tests; do
		if build "$2" "$3" "$source"; then
			silent "$1: $source"
		else
			not_ok "$1: $source builds" "$(cat "$scratch/log")"
		fi
	done
}

runner=
for compiler in gcc clang; do
	if usable $compiler -fsanitize=address; then
		all_silent "$compiler ASan" $compiler -fsanitize=address
		build $compiler -fsanitize=address sanitize-thread &&
			finds "$compiler ASan: overflow of a local array" \
				overflow stack-buffer-overflow write_beyond
	else
		skip "$compiler ASan" "not usable here"
	fi
done
# No TSan by gcc: the runtime of gcc 12 takes most of a MiB for each thread.
if usable clang -fsanitize=thread; then
	all_silent "clang TSan" clang -fsanitize=thread
else
	skip "clang TSan" "not usable here"
fi
runner='valgrind -q --error-exitcode=9 --leak-check=full'
if usable "$CC" "" && build "$CC" "" sanitize-thread &&
	! $runner "$scratch/program" clean 2>&1 |
	grep -q 'debuginfo reader\|DW_FORM'; then
	all_silent Memcheck "$CC" ""
else
	skip "Memcheck" "not usable here"
fi
done_testing
