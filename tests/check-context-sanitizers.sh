#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: programs built with a sanitizer, or run under Valgrind, stay silent
# with the library as it is installed, not built with any, as long as they are
# right; and what goes wrong on a context's stack is found.
. "${srcdir:=.}/tests/sanitizers.sh"

# A suspended context's fake stack is not looked at for pointers: hence no leak
# check when there are fake stacks.
fake='ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=0'
real='ASAN_OPTIONS=detect_stack_use_after_return=0'

address()
{
	kind=-fsanitize=address
	if ! usable "$1" $kind || ! usable "$2" $kind; then
		skip "$1 $kind" "not usable here"
		return
	fi
	build "$1" "$kind,undefined" sanitize-context.c ||
		not_ok "$1 builds" "$(cat "$scratch/log")"
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
	build "$1" $kind sanitize-context.c ||
		not_ok "$1 builds" "$(cat "$scratch/log")"
	silent "$1 TSan: a right program" TSAN_OPTIONS=
	finds "$1 TSan: a race between contexts of two OS threads" \
		TSAN_OPTIONS= race 'data race' write_shared
	build "$2" $kind sanitize-context.cc ||
		not_ok "$2 builds" "$(cat "$scratch/log")"
	silent "$2 TSan: exceptions" TSAN_OPTIONS=
}

memcheck()
{
	if ! valgrind_usable sanitize-context.c; then
		skip "Memcheck" "not usable here"
		return
	fi
	silent "Memcheck: a right program" LC_ALL=C
	finds "Memcheck: heap overflow on a context" LC_ALL=C heap \
		'Invalid write' overflow_heap
	finds "Memcheck: undefined value on a context" LC_ALL=C undefined \
		'uninitialised' use_undefined
}

address gcc g++
address clang clang++
thread clang clang++
memcheck
done_testing
