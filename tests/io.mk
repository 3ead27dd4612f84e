# SPDX-License-Identifier: MIT
# Proofs of reading and writing.
io_tests = \
	tests/t-io-deadlines \
	tests/t-io-echo \
	tests/t-io-files

check_PROGRAMS += $(io_tests)
TESTS += $(io_tests)
