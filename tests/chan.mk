# SPDX-License-Identifier: MIT
# Proofs of channels, and of choosing among them.
chan_tests = \
	tests/t-sem-across-os-threads \
	tests/t-sem-bad-input

# These look inside the library.
chan_core_tests = \
	tests/t-sem-in-order
tests_t_sem_in_order_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_sem_in_order_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(chan_tests) $(chan_core_tests)
TESTS += $(chan_tests) $(chan_core_tests)
