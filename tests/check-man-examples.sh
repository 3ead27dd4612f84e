#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: each program in the EXAMPLES of the manual compiles without a
# warning, runs, and prints what a reader expects.
. "${srcdir:=.}/tests/tap.sh"

# The nth program in the EXAMPLES of a page.
program()
{
	$AWK -v n="$2" '
	/^\.Sh/ { inside = /EXAMPLES/ }
	/^\.Ed/ { literal = 0 }
	inside && literal && count == n { gsub(/\\e/, "\\"); print }
	inside && /^\.Bd -literal/ { literal = 1; count++ }
	' "$srcdir/docs/man/$1"
}

# prints PAGE N WANTED [FILTER]
prints()
{
	program "$1" "$2" > "$scratch/program.c"
	# shellcheck disable=SC2086 # flags are words
	runs "$1: example $2 compiles" $CC -std=gnu11 $CFLAGS -Wall -Wextra \
		-Werror -I"$srcdir/include" -o "$scratch/program" \
		"$scratch/program.c" .libs/libgreen.so $LDFLAGS \
		-Wl,-rpath,"$(pwd)/.libs"
	# shellcheck disable=SC2086 # the emulator is words
	timeout 120 $TEST_EMULATOR "$scratch/program" > "$scratch/output" \
		2> "$scratch/errors"
	same "$1: example $2: exit status" 0 $?
	same "$1: example $2: output" "$3" "$(${4:-cat} "$scratch/output")"
	empty "$1: example $2: no complaint" "$(cat "$scratch/errors")"
}

test -f .libs/libgreen.so || skip_all "there is no shared library"

prints green_cancel.3 1 "0 ticks, and good-bye"
prints green_chan.3 1 "500500"
prints green_child.3 1 "hello from a child
exit status 3"
prints green_cleanup.3 1 "working
cancelled
closed
freed"
prints green_cond.3 1 "some work
some work
deadline has passed"
prints green_context.3 1 "1
4
9
16
25"
prints green_getaddrinfo.3 1 127.0.0.1 "grep -xm1 127.0.0.1"
prints green_offload.3 1 "on disk"
prints green_event.3 1 "go
a runs
b runs"
prints green_runtime.3 1 "285"
prints green_select.3 1 "10100"
prints green_select.3 2 "from the pipe"
prints green_sem.3 1 "at most 3"
prints green_scope.3 1 "one: called off
two: called off
failed"
prints green_scope.3 2 "too late"
prints green_spawn.3 1 "40
42"
prints green_spawn.3 2 "deep down: x"
prints green_seed.3 1 "sometimes wrong"
prints green_explore.3 1 "wrong: GREEN_SCHEDULE=count:"
prints green_key.3 1 "this is a
this is b"
prints green_mutex.3 1 2000
prints green_time.3 1 "deadline has passed" "tail -n 1"
prints green_time.3 2 "61: deadline has passed"
prints green_stats.3 1 "1001 threads" "sed s/,.*//"
prints green_embed.3 1 "this is a
this is b
this is a
this is b
this is a
this is b
4 switches to a"
prints green_waitgroup.3 1 40
prints green_rwlock.3 1 "0 times odd"
prints green_barrier.3 1 "a step
a step
a step
all have made it
a step
a step
a step
all have made it"
prints green_file.3 1 "$(cat /etc/hosts)"
prints green_foreign.3 1 "tick 1
tick 2
tick 3"
prints green_io.3 1 "hello"
prints green_io.3 2 "1: b"
prints green_once.3 1 "made
9
49"
prints green_signal.3 1 "step 1
step 2
step 3
told to stop"
prints green_reader.3 1 "a: 1
b: 2"
prints green_dial.3 1 "hello"
prints green_serve.3 1 "hello
hello
hello"
prints green_socket.3 1 "b"
prints libgreen.7 1 "one: 1
two: 1
one: 2
two: 2
one: 3
two: 3"

same "every example was run" "$(grep -c '^prints [a-z]' "$0")" \
	"$(cat "$srcdir"/docs/man/*.[0-9] | grep -c '^main(')"
done_testing
