#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: programs built with a sanitizer, or run under Valgrind, stay silent
# with the library as it is installed, not built with any, as long as they are
# right; and what goes wrong on a context's stack is found.
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

# build COMPILER KIND [SOURCE]: $scratch/program, or fails.
build()
{
	"$1" -O1 -gdwarf-4 $2 -I"$srcdir/include" \
		"$srcdir/tests/${3:-sanitize-context.c}" \
		-o "$scratch/program" .libs/libgreen.so \
		-Wl,-rpath,"$(pwd)/.libs" -lpthread > "$scratch/log" 2>&1
}

# usable COMPILER KIND: there is one, with a runtime that works here, and can
# name functions (clang's runtime asks a program of another package).
usable()
{
	command -v "$1" > "$scratch/log" 2>&1 || return 1
	case $1 in
	clang*) command -v llvm-symbolizer > "$scratch/log" 2>&1 || return 1 ;;
	esac
	echo 'int main(void) { return 0; }' > "$scratch/empty.c"
	"$1" $2 "$scratch/empty.c" -o "$scratch/empty" > "$scratch/log" 2>&1 &&
		"$scratch/empty" > "$scratch/log" 2>&1
}

# run OPTIONS ARGUMENT: runs the program, output in $scratch/out.
run()
{
	env $1 $runner "$scratch/program" "$2" > "$scratch/out" 2>&1
}

# silent WHAT OPTIONS
silent()
{
	if run "$2" clean && test ! -s "$scratch/out"; then
		ok "$1"
	else
		not_ok "$1" "$(head -40 "$scratch/out")"
	fi
}

# finds WHAT OPTIONS ARGUMENT PATTERN FUNCTION: the tool ends the program with
# an error that matches and names the function.
finds()
{
	if run "$2" "$3"; then
		not_ok "$1" "ended with 0: $(head -20 "$scratch/out")"
	elif grep -q "$4" "$scratch/out" && grep -q "$5" "$scratch/out"; then
		ok "$1"
	else
		not_ok "$1" "$(head -40 "$scratch/out")"
	fi
}

# A suspended context's fake stack is not looked at for pointers: hence no leak
# check when there are fake stacks.
fake='ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=0'
real='ASAN_OPTIONS=detect_stack_use_after_return=0'
runner=

address()
{
	kind=-fsanitize=address
	if ! usable "$1" $kind || ! usable "$2" $kind; then
		skip "$1 $kind" "not usable here"
		return
	fi
	build "$1" "$kind,undefined" || not_ok "$1 builds" "$(cat "$scratch/log")"
	silent "$1 ASan: a right program" $real
	silent "$1 ASan: with fake stacks" $fake
	finds "$1 ASan: heap overflow on a context" $real heap \
		heap-buffer-overflow overflow_heap
	finds "$1 ASan: overflow of a local array" $real stack \
		stack-buffer-overflow overflow_stack
	finds "$1 ASan: use of a local array after return" $fake return \
		stack-use-after-return use_after_return
	build "$2" "$kind,undefined" sanitize-context.cc ||
		not_ok "$2 builds" "$(cat "$scratch/log")"
	silent "$2 ASan: exceptions" $real
	silent "$2 ASan: exceptions with fake stacks" $fake
}

thread()
{
	kind=-fsanitize=thread
	if ! usable "$1" $kind || ! usable "$2" $kind; then
		skip "$1 $kind" "not usable here"
		return
	fi
	build "$1" $kind || not_ok "$1 builds" "$(cat "$scratch/log")"
	silent "$1 TSan: a right program" TSAN_OPTIONS=
	finds "$1 TSan: a race between contexts of two OS threads" \
		TSAN_OPTIONS= race 'data race' write_shared
	build "$2" $kind sanitize-context.cc ||
		not_ok "$2 builds" "$(cat "$scratch/log")"
	silent "$2 TSan: exceptions" TSAN_OPTIONS=
}

memcheck()
{
	runner='valgrind -q --error-exitcode=9 --leak-check=full'
	if ! usable "$CC" "" || ! $runner "$scratch/empty" > "$scratch/out" 2>&1
	then
		skip "Valgrind" "not usable here"
		return
	fi
	build "$CC" "" || not_ok "$CC builds" "$(cat "$scratch/log")"
	# Valgrind 3.19 gives up at a library that clang 14 made, unless with
	# -gdwarf-4.
	run LC_ALL=C clean
	if grep -q 'debuginfo reader\|DW_FORM' "$scratch/out"; then
		skip "Valgrind" "cannot read debug information of $CC"
		return
	fi
	silent "Memcheck: a right program" LC_ALL=C
	finds "Memcheck: heap overflow on a context" LC_ALL=C heap \
		'Invalid write' overflow_heap
	finds "Memcheck: undefined value on a context" LC_ALL=C undefined \
		'uninitialised' use_undefined
}

# No TSan by gcc: the runtime of gcc 12 takes most of a MiB for each context.
address gcc g++
address clang clang++
thread clang clang++
memcheck
done_testing
