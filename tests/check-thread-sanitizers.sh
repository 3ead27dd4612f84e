#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: programs built with a sanitizer, or run under Valgrind, that use
# green threads rightly on several OS threads stay silent with the library as
# it is installed, not built with any; an overflow of a local array on a green
# stack is found, and so is a change without the mutex.
. "${srcdir:=.}/tests/sanitizers.sh"

# Tests of ours that are right programs with several OS threads.
tests='t-join-across-os-threads t-join-stress t-thread-keeps-errno
	t-cond-stress t-mutex-stress t-once-stress t-rwlock-stress
	t-select-stress'

# all_silent NAME COMPILER KIND
all_silent()
{
	for source in sanitize-thread $tests; do
		if build "$2" "$3" "$source.c"; then
			silent "$1: $source" LC_ALL=C
		else
			not_ok "$1: $source builds" "$(cat "$scratch/log")"
		fi
	done
}

for compiler in gcc clang; do
	if usable $compiler -fsanitize=address; then
		all_silent "$compiler ASan" $compiler -fsanitize=address
		build $compiler -fsanitize=address sanitize-thread.c &&
			finds "$compiler ASan: overflow of a local array" \
				LC_ALL=C overflow stack-buffer-overflow \
				write_beyond
	else
		skip "$compiler ASan" "not usable here"
	fi
done
if usable clang -fsanitize=thread; then
	all_silent "clang TSan" clang -fsanitize=thread
	build clang -fsanitize=thread sanitize-thread.c &&
		finds "clang TSan: a change without the mutex" \
			LC_ALL=C race "data race" changes_without
else
	skip "clang TSan" "not usable here"
fi
if valgrind_usable sanitize-thread.c; then
	all_silent Memcheck "$CC" ""
else
	skip "Memcheck" "not usable here"
fi
done_testing
