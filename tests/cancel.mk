# SPDX-License-Identifier: MIT
# Proofs of cancellation, shields and scopes.
cancel_tests = \
	tests/t-cancel-across-os-threads \
	tests/t-cancel-by-id \
	tests/t-cancel-ends-each-wait \
	tests/t-cancel-stress

# These look inside the library.
cancel_core_tests =

check_PROGRAMS += $(cancel_tests) $(cancel_core_tests)
TESTS += $(cancel_tests) $(cancel_core_tests)
