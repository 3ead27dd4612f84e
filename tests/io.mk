# SPDX-License-Identifier: MIT
# Proofs of reading and writing.
io_tests = \
	tests/t-io-deadlines \
	tests/t-io-echo \
	tests/t-io-flags \
	tests/t-io-signals

check_PROGRAMS += $(io_tests)
TESTS += $(io_tests)
EXTRA_DIST += tests/tcp.h
