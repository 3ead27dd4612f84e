# SPDX-License-Identifier: MIT
# Proofs of channels, and of choosing among them.
chan_tests =

# These look inside the library.
chan_core_tests =

check_PROGRAMS += $(chan_tests) $(chan_core_tests)
TESTS += $(chan_tests) $(chan_core_tests)
