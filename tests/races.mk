# SPDX-License-Identifier: MIT
# Proofs of what happens between OS threads, across fork() and in signals.
race_tests = \
	tests/t-join-abandoned \
	tests/t-join-signal-keeps-deadline

race_core_tests = \
	tests/t-join-remote-lets-go
tests_t_join_remote_lets_go_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_join_remote_lets_go_LDADD = $(CORE_LDADD)
EXTRA_DIST += tests/steps.h

check_PROGRAMS += $(race_tests) $(race_core_tests)
TESTS += $(race_tests) $(race_core_tests)
