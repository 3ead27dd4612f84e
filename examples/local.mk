# SPDX-License-Identifier: MIT
# Built with the library: ./quickstart demo runs them, the tests compare what
# they print.
noinst_PROGRAMS += \
	examples/stack-jump

example_tests = \
	tests/check-example-stack-jump.sh
TESTS += $(example_tests)
EXTRA_DIST += $(example_tests) \
	examples/demo.sh
