#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: in examples/pipeline what is sent arrives, at its time; a stage that
# fails, a receive and a send that take too long end all the stages.
. "${srcdir:=.}/tests/examples.sh"

# prints STATUS WANTED WORD...
prints()
{
	status=$1 wanted=$2
	shift 2
	got=$(in_c pipeline "$@" 2>&1)
	same "$*: exit status" "$status" $?
	same "$*" "$wanted" "$got"
}

prints 0 "   0 ms: source ends: all done
   0 ms: parse ends: all done
 600 ms: square ends: all done
 600 ms: add ends: all done
the sum is 14" 1 2 3

prints 1 "   0 ms: parse ends: invalid argument
   0 ms: square ends: thread was cancelled
   0 ms: add ends: thread was cancelled
   0 ms: source ends: thread was cancelled
failed: invalid argument" 1 two 3 4 5 6 7

prints 1 "   0 ms: source ends: all done
   0 ms: parse ends: all done
1100 ms: add ends: deadline has passed
1100 ms: square ends: thread was cancelled
failed: deadline has passed" 1 20 3

prints 1 "1100 ms: add ends: deadline has passed
1100 ms: parse ends: deadline has passed
1100 ms: source ends: deadline has passed
1100 ms: square ends: thread was cancelled
failed: deadline has passed" 1 20 3 4 5 6 7 8
done_testing
