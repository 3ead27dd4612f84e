# SPDX-License-Identifier: MIT
# Proofs of cancellation, shields and scopes.
cancel_tests = \
	tests/t-cancel-across-os-threads \
	tests/t-cancel-by-id \
	tests/t-cancel-ends-each-wait \
	tests/t-cancel-loses-nothing \
	tests/t-cancel-stress \
	tests/t-cleanup-runs-at-the-end \
	tests/t-scope-across-os-threads \
	tests/t-scope-deadlock-is-reported \
	tests/t-scope-forks \
	tests/t-scope-owns-members \
	tests/t-scope-stress

# These look inside the library.
cancel_core_tests = \
	tests/t-scope-deadline \
	tests/t-scope-memory-exhausted \
	tests/t-scope-values
tests_t_scope_deadline_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_scope_deadline_LDADD = $(CORE_LDADD)
tests_t_scope_memory_exhausted_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_scope_memory_exhausted_LDADD = $(CORE_LDADD)
tests_t_scope_values_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_scope_values_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(cancel_tests) $(cancel_core_tests)
TESTS += $(cancel_tests) $(cancel_core_tests)
