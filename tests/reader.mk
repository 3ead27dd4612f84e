# SPDX-License-Identifier: MIT
# Proofs of readers.
reader_tests = \
	tests/t-reader-brings-all

# These look inside the library.
reader_core_tests = \
	tests/t-reader-loses-nothing
tests_t_reader_loses_nothing_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_reader_loses_nothing_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(reader_tests) $(reader_core_tests)
TESTS += $(reader_tests) $(reader_core_tests)
