# SPDX-License-Identifier: MIT
# Proofs of reading and writing.
io_tests = \
	tests/t-foreign-loop \
	tests/t-io-churn-stress \
	tests/t-io-comes-and-goes \
	tests/t-io-deadlines \
	tests/t-io-disk-full \
	tests/t-io-echo \
	tests/t-io-exhausted \
	tests/t-io-files \
	tests/t-io-flags \
	tests/t-io-fork \
	tests/t-io-in-the-scheduler \
	tests/t-io-kinds \
	tests/t-io-late-reads \
	tests/t-io-numbers-again \
	tests/t-io-ready-in-time \
	tests/t-io-resets \
	tests/t-io-signals \
	tests/t-io-stale-numbers \
	tests/t-io-unix-queues \
	tests/t-io-unreachable \
	tests/t-poll-many \
	tests/t-select-descriptors \
	tests/t-signal-is-waited-for

# For valgrind.h.
tests_t_io_exhausted_CPPFLAGS = $(CORE_CPPFLAGS)

io_core_tests = \
	tests/t-io-close-amid-calls \
	tests/t-io-ends-of-each-call \
	tests/t-io-fault-every-allocation \
	tests/t-poll-memory \
	tests/t-child-is-waited-for \
	tests/t-signal-memory
tests_t_io_close_amid_calls_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_io_close_amid_calls_LDADD = $(CORE_LDADD)
tests_t_io_ends_of_each_call_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_io_ends_of_each_call_LDADD = $(CORE_LDADD)
tests_t_io_fault_every_allocation_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_io_fault_every_allocation_LDADD = $(CORE_LDADD)
tests_t_poll_memory_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_poll_memory_LDADD = $(CORE_LDADD)
tests_t_child_is_waited_for_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_child_is_waited_for_LDADD = $(CORE_LDADD)
tests_t_signal_memory_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_signal_memory_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(io_tests) $(io_core_tests)
TESTS += $(io_tests) $(io_core_tests)
EXTRA_DIST += tests/tcp.h
