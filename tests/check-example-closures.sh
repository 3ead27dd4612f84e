#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: in examples/closures each thread has its own captured arguments, its
# value reaches who joins it, and unlocked sharing loses nothing.
. "${srcdir:=.}/tests/examples.sh"

both_print closures "1 to the power of 3 is 1
2 to the power of 3 is 8
3 to the power of 3 is 27
4 to the power of 3 is 64
5 to the power of 3 is 125
two threads added 100 each: 200"
done_testing
