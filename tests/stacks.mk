# SPDX-License-Identifier: MIT
# Proofs of stacks and their guards.
stack_tests = \
	tests/t-overflow-chains-handlers \
	tests/t-overflow-says-so \
	tests/t-stack-sizes-by-attribute \
	tests/t-thread-storm-reuses-stacks
# For valgrind.h.
tests_t_overflow_chains_handlers_CPPFLAGS = $(CORE_CPPFLAGS)

# These look inside the library.
stack_core_tests = \
	tests/t-overflow-without-guard \
	tests/t-stack-guards-cost-no-maps \
	tests/t-stack-guards-fall-back \
	tests/t-stack-guards-fault \
	tests/t-stack-memory-exhausted \
	tests/t-stack-reuse-lifo \
	tests/t-stack-trim-gives-back \
	tests/t-stack-trim-while-asleep
tests_t_overflow_without_guard_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_overflow_without_guard_LDADD = $(CORE_LDADD)
tests_t_stack_guards_cost_no_maps_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_stack_guards_cost_no_maps_LDADD = $(CORE_LDADD)
tests_t_stack_guards_fall_back_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_stack_guards_fall_back_LDADD = $(CORE_LDADD)
tests_t_stack_guards_fault_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_stack_guards_fault_LDADD = $(CORE_LDADD)
tests_t_stack_memory_exhausted_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_stack_memory_exhausted_LDADD = $(CORE_LDADD)
tests_t_stack_reuse_lifo_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_stack_reuse_lifo_LDADD = $(CORE_LDADD)
tests_t_stack_trim_gives_back_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_stack_trim_gives_back_LDADD = $(CORE_LDADD)
tests_t_stack_trim_while_asleep_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_stack_trim_while_asleep_LDADD = $(CORE_LDADD)
EXTRA_DIST += tests/stacks.h

check_PROGRAMS += $(stack_tests) $(stack_core_tests)
TESTS += $(stack_tests) $(stack_core_tests)
