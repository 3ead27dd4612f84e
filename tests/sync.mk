# SPDX-License-Identifier: MIT
# Proofs of what threads wait for each other with: locks, semaphores, conditions.
sync_tests = \
	tests/t-barrier-bad-input \
	tests/t-barrier-opens-for-all \
	tests/t-barrier-stress \
	tests/t-cond-bad-input \
	tests/t-cond-deadlines \
	tests/t-cond-forgets-abandoned \
	tests/t-cond-stress \
	tests/t-cond-wakes-in-order \
	tests/t-cond-wakes-pthreads \
	tests/t-mutex-bad-input \
	tests/t-mutex-checks-owner \
	tests/t-mutex-deadlines \
	tests/t-mutex-excludes \
	tests/t-mutex-fork \
	tests/t-mutex-hands-over-in-order \
	tests/t-mutex-is-reported \
	tests/t-mutex-stress \
	tests/t-once-bad-input \
	tests/t-once-is-done-once \
	tests/t-once-stress \
	tests/t-rwlock-bad-input \
	tests/t-rwlock-is-fair \
	tests/t-rwlock-stress \
	tests/t-sync-fork \
	tests/t-waitgroup-bad-input \
	tests/t-waitgroup-stress \
	tests/t-waitgroup-waits-for-all

# These look inside the library.
sync_core_tests = \
	tests/t-barrier-counts-who-leaves \
	tests/t-cond-loses-no-signal \
	tests/t-mutex-may-be-freed
tests_t_barrier_counts_who_leaves_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_barrier_counts_who_leaves_LDADD = $(CORE_LDADD)
tests_t_cond_loses_no_signal_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_cond_loses_no_signal_LDADD = $(CORE_LDADD)
tests_t_mutex_may_be_freed_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_mutex_may_be_freed_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(sync_tests) $(sync_core_tests)
TESTS += $(sync_tests) $(sync_core_tests)
