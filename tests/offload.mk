# SPDX-License-Identifier: MIT
# Proofs of what is done by other OS threads: jobs, and the pool.
offload_tests = \
	tests/t-offload-deadlines \
	tests/t-offload-deadlock \
	tests/t-offload-drops \
	tests/t-offload-explored \
	tests/t-offload-fork \
	tests/t-offload-in-select \
	tests/t-offload-runs-jobs \
	tests/t-offload-stress

# These look inside the library.
offload_core_tests = \
	tests/t-offload-calls-in-place \
	tests/t-offload-fault \
	tests/t-offload-grows-and-shrinks
tests_t_offload_calls_in_place_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_offload_calls_in_place_LDADD = $(CORE_LDADD)
tests_t_offload_fault_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_offload_fault_LDADD = $(CORE_LDADD)
tests_t_offload_grows_and_shrinks_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_offload_grows_and_shrinks_LDADD = $(CORE_LDADD)
EXTRA_DIST += tests/gate.h

check_PROGRAMS += $(offload_tests) $(offload_core_tests)
TESTS += $(offload_tests) $(offload_core_tests)
