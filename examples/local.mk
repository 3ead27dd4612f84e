# SPDX-License-Identifier: MIT
# Built with the library: ./quickstart demo runs them, the tests compare what
# they print.
noinst_PROGRAMS += \
	examples/closures \
	examples/fibers \
	examples/million \
	examples/stack-jump \
	examples/words
examples_words_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSOURCE_DIR='"$(abs_top_srcdir)"'

example_tests = \
	tests/check-example-closures.sh \
	tests/check-example-fibers.sh \
	tests/check-example-million.sh \
	tests/check-example-stack-jump.sh \
	tests/check-example-words.sh
TESTS += $(example_tests)
if PYTHON_BINDINGS
AM_TESTS_ENVIRONMENT += EXAMPLE_PYTHON='$(PYTHON)'; export EXAMPLE_PYTHON;
endif
EXTRA_DIST += $(example_tests) \
	tests/examples.sh \
	examples/closures.py \
	examples/demo.sh \
	examples/fibers.py \
	examples/words.py
