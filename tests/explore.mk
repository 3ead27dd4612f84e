# SPDX-License-Identifier: MIT
# Proofs of orders, and by every order.
explore_tests = \
	tests/t-barrier-explored \
	tests/t-chan-explored \
	tests/t-cond-explored \
	tests/t-event-explored \
	tests/t-explore-counts \
	tests/t-explore-finds \
	tests/t-explore-misuse \
	tests/t-join-explored \
	tests/t-mutex-explored \
	tests/t-once-explored \
	tests/t-rwlock-explored \
	tests/t-seed-replays-orders \
	tests/t-select-explored \
	tests/t-sem-explored \
	tests/t-waitgroup-explored
EXTRA_DIST += tests/explored.h

check_PROGRAMS += $(explore_tests)
TESTS += $(explore_tests)
