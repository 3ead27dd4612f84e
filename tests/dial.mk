# SPDX-License-Identifier: MIT
# Proofs of listening, dialling and serving.
dial_tests = \
	tests/t-dial-meets-listen \
	tests/t-dial-reads-addresses \
	tests/t-dial-tries-each-address \
	tests/t-serve-serves-all \
	tests/t-serve-stops

# These look inside the library.
dial_core_tests = \
	tests/t-dial-fault
tests_t_dial_fault_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_dial_fault_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(dial_tests) $(dial_core_tests)
TESTS += $(dial_tests) $(dial_core_tests)
