# SPDX-License-Identifier: MIT
# Proofs of channels, and of choosing among them.
chan_tests = \
	tests/t-chan-bad-input \
	tests/t-chan-close \
	tests/t-chan-deadlines \
	tests/t-chan-explore \
	tests/t-chan-fork \
	tests/t-chan-in-order \
	tests/t-chan-stress \
	tests/t-event-lets-go \
	tests/t-select-bad-input \
	tests/t-select-deadlines \
	tests/t-select-fair \
	tests/t-select-kinds \
	tests/t-select-meets \
	tests/t-select-stress \
	tests/t-sem-across-os-threads \
	tests/t-sem-bad-input \
	tests/t-sem-in-order

# These look inside the library.
chan_core_tests = \
	tests/t-chan-memory \
	tests/t-select-memory
tests_t_chan_memory_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_chan_memory_LDADD = $(CORE_LDADD)
tests_t_select_memory_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_select_memory_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(chan_tests) $(chan_core_tests)
TESTS += $(chan_tests) $(chan_core_tests)
