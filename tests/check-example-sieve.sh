#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: examples/sieve prints the primes that division finds, up to numbers
# that are primes and that are not, and none where there are none.
. "${srcdir:=.}/tests/examples.sh"

# by_division N: the primes up to N.
by_division()
{
	$AWK -v n="$1" 'BEGIN {
		for (i = 2; i <= n; i++) {
			for (d = 2; d * d <= i && i % d != 0; d++)
				;
			if (d * d > i)
				print i
		}
	}'
}

# try C|Python in_c|in_python
try()
{
	for n in 1 2 3 4 100 997 1000; do
		got=$($2 sieve $n 2>&1)
		same "$1: up to $n: exit status" 0 $?
		same "$1: up to $n" "$(by_division $n)" "$got"
	done
	same "$1: up to 100 unless told otherwise" "$(by_division 100)" \
		"$($2 sieve)"
}

try C in_c
if has_python; then
	try Python in_python
else
	skip "sieve.py" "no Python bindings"
fi
done_testing
