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
	for how in in_c ${python:+in_python}; do
		got=$($how pipeline "$@" 2>&1)
		same "$how: $*: exit status" "$status" $?
		same "$how: $*" "$wanted" "$got"
	done
}

python=
if has_python; then
	python=yes
else
	skip "pipeline.py" "no Python bindings"
fi

prints 0 "   0 ms: source: all done
   0 ms: parse: all done
 333 ms: add: waiting
 600 ms: square: all done
 600 ms: add: all done
the sum is 14" 1 2 3

prints 1 "   0 ms: parse: invalid argument
   0 ms: square: thread was cancelled
   0 ms: add: thread was cancelled
   0 ms: source: thread was cancelled
failed: invalid argument" 1 two 3 4 5 6 7

prints 1 "   0 ms: source: all done
   0 ms: parse: all done
 333 ms: add: waiting
 666 ms: add: waiting
1000 ms: add: waiting
1100 ms: add: deadline has passed
1100 ms: square: thread was cancelled
failed: deadline has passed" 1 20 3

prints 1 " 333 ms: add: waiting
 666 ms: add: waiting
1000 ms: add: waiting
1100 ms: parse: deadline has passed
1100 ms: source: deadline has passed
1100 ms: add: deadline has passed
1100 ms: square: thread was cancelled
failed: deadline has passed" 1 20 3 4 5 6 7 8
done_testing
