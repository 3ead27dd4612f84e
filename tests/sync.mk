# SPDX-License-Identifier: MIT
# Proofs of what threads wait for each other with: locks, semaphores, conditions.
sync_tests = \
	tests/t-mutex-bad-input \
	tests/t-mutex-checks-owner \
	tests/t-mutex-excludes \
	tests/t-mutex-hands-over-in-order

# These look inside the library.
sync_core_tests = \
	tests/t-mutex-deadlines
tests_t_mutex_deadlines_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_mutex_deadlines_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(sync_tests) $(sync_core_tests)
TESTS += $(sync_tests) $(sync_core_tests)
