# SPDX-License-Identifier: MIT
# What finds races is time: these again and again, each time with other random
# numbers and orders. See the script for what can be set.
soak_tests = \
	tests/t-barrier-stress \
	tests/t-cancel-stress \
	tests/t-chan-stress \
	tests/t-cond-stress \
	tests/t-io-churn-stress \
	tests/t-io-comes-and-goes \
	tests/t-io-signals \
	tests/t-join-stress \
	tests/t-mutex-excludes \
	tests/t-mutex-stress \
	tests/t-offload-stress \
	tests/t-once-stress \
	tests/t-runtime-cancels \
	tests/t-runtime-runs-each-once \
	tests/t-runtime-shares-work \
	tests/t-rwlock-stress \
	tests/t-scope-stress \
	tests/t-select-stress \
	tests/t-sem-across-os-threads \
	tests/t-waitgroup-stress \
	tests/t-wheel-keeps-order
EXTRA_DIST += tests/soak.sh

.PHONY: soak
soak: all $(soak_tests)
	@TEST_EMULATOR='$(TEST_EMULATOR)' \
		$(SHELL) $(srcdir)/tests/soak.sh $(soak_tests)
