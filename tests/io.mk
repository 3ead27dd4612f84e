# SPDX-License-Identifier: MIT
# Proofs of reading and writing.
io_tests = \
	tests/t-io-deadlines \
	tests/t-io-echo \
	tests/t-io-exhausted \
	tests/t-io-files \
	tests/t-io-flags \
	tests/t-io-in-the-scheduler \
	tests/t-io-kinds \
	tests/t-io-numbers-again \
	tests/t-io-ready-in-time \
	tests/t-io-signals \
	tests/t-poll-many \
	tests/t-select-descriptors \
	tests/t-signal-is-waited-for

io_core_tests = \
	tests/t-io-close-amid-calls \
	tests/t-poll-memory \
	tests/t-signal-memory
tests_t_io_close_amid_calls_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_io_close_amid_calls_LDADD = $(CORE_LDADD)
tests_t_poll_memory_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_poll_memory_LDADD = $(CORE_LDADD)
tests_t_signal_memory_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_signal_memory_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(io_tests) $(io_core_tests)
TESTS += $(io_tests) $(io_core_tests)
EXTRA_DIST += tests/tcp.h
