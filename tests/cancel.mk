# SPDX-License-Identifier: MIT
# Proofs of cancellation, shields and scopes.
cancel_tests =

# These look inside the library.
cancel_core_tests =

check_PROGRAMS += $(cancel_tests) $(cancel_core_tests)
TESTS += $(cancel_tests) $(cancel_core_tests)
