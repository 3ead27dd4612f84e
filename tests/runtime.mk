# SPDX-License-Identifier: MIT
# Proofs of runtimes: one worker or many, and their clocks.
runtime_tests = \
	tests/t-runtime-begins-and-ends \
	tests/t-runtime-cancels \
	tests/t-runtime-fork \
	tests/t-runtime-idle-sleeps \
	tests/t-runtime-is-fair \
	tests/t-runtime-runs-each-once \
	tests/t-runtime-shares-work

# These look inside the library.
runtime_core_tests = \
	tests/t-runtime-fault-every-allocation
tests_t_runtime_fault_every_allocation_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_runtime_fault_every_allocation_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(runtime_tests) $(runtime_core_tests)
TESTS += $(runtime_tests) $(runtime_core_tests)
