#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: examples/million runs as many threads as it was asked for, all alive
# at once, and reports a stack with a known kind of guard for each.
. "${srcdir:=.}/tests/examples.sh"

n=2000
output=$(in_c million $n)
same "exit status" 0 $?

line()
{
	printf '%s\n' "$output" | grep "$1"
}

same "all are alive at once" \
	"$n green threads are alive; each has run, and waits." "$(line alive)"
same "all of them end" "$n of them went on and ended." "$(line ended)"
runs "the memory is told" test -n "$(line '^  memory  *[0-9.]* KiB a thread')"
stacks=$(line '^  guards' | $AWK '{ print $2 + $6 + $9 }')
runs "each has a stack whose guard is known ($stacks)" test "$stacks" -ge $n
done_testing
