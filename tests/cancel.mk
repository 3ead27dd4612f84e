# SPDX-License-Identifier: MIT
# Proofs of cancellation, shields and scopes.
cancel_tests = \
	tests/t-cancel-across-os-threads \
	tests/t-cancel-by-id \
	tests/t-cancel-ends-each-wait \
	tests/t-cancel-stress \
	tests/t-scope-owns-members

# These look inside the library.
cancel_core_tests = \
	tests/t-scope-deadline
tests_t_scope_deadline_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_scope_deadline_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(cancel_tests) $(cancel_core_tests)
TESTS += $(cancel_tests) $(cancel_core_tests)
