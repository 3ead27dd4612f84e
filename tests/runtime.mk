# SPDX-License-Identifier: MIT
# Proofs of runtimes: one worker or many, and their clocks.
runtime_tests =

# These look inside the library.
runtime_core_tests =

check_PROGRAMS += $(runtime_tests) $(runtime_core_tests)
TESTS += $(runtime_tests) $(runtime_core_tests)
