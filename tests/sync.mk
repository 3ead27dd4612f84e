# SPDX-License-Identifier: MIT
# Proofs of what threads wait for each other with: locks, semaphores, conditions.
sync_tests =

# These look inside the library.
sync_core_tests =

check_PROGRAMS += $(sync_tests) $(sync_core_tests)
TESTS += $(sync_tests) $(sync_core_tests)
