# SPDX-License-Identifier: MIT
# Proofs of what there is for the network.
net_tests = \
	tests/t-net-finds-names \
	tests/t-net-leaves-questions \
	tests/t-net-leaves-room

# These look inside the library.
net_core_tests = \
	tests/t-net-fault
tests_t_net_fault_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_net_fault_LDADD = $(CORE_LDADD)
EXTRA_DIST += tests/resolver.h

check_PROGRAMS += $(net_tests) $(net_core_tests)
TESTS += $(net_tests) $(net_core_tests)
