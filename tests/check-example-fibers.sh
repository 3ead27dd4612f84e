#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: in examples/fibers two threads take turns exactly, until the one
# that counts to 10 is done, and the other goes on to 15.
. "${srcdir:=.}/tests/examples.sh"

both_print fibers "$($AWK 'BEGIN {
	for (i = 1; i <= 15; i++) {
		if (i <= 10)
			print "thread 1: counter " i
		if (i == 11)
			print "thread 1: finished"
		print "thread 2: counter " i
	}
	print "thread 2: finished"
}')"
done_testing
