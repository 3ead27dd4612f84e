# SPDX-License-Identifier: MIT
# Proofs of what happens between OS threads, across fork() and in signals.
race_tests = \
	tests/t-fork-amid-growth \
	tests/t-signal-safe-at-any-instruction \
	tests/t-thread-dump-holds-nobody-up \
	tests/t-worker-sleeps-without-descriptors \
	tests/t-worker-waits-for-remote-join

# For valgrind.h.
tests_t_fork_amid_growth_CPPFLAGS = $(CORE_CPPFLAGS)

race_core_tests = \
	tests/t-fork-forgets-pthreads \
	tests/t-fork-forgets-what-was-locked \
	tests/t-deadlock-sees-last-wakeup \
	tests/t-id-new-place-waits \
	tests/t-join-remote-lets-go \
	tests/t-thread-cancel-is-held-off
tests_t_deadlock_sees_last_wakeup_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_deadlock_sees_last_wakeup_LDADD = $(CORE_LDADD)
tests_t_fork_forgets_pthreads_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_fork_forgets_pthreads_LDADD = $(CORE_LDADD)
tests_t_fork_forgets_what_was_locked_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_fork_forgets_what_was_locked_LDADD = $(CORE_LDADD)
tests_t_id_new_place_waits_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_id_new_place_waits_LDADD = $(CORE_LDADD)
tests_t_join_remote_lets_go_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_join_remote_lets_go_LDADD = $(CORE_LDADD)
tests_t_thread_cancel_is_held_off_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_thread_cancel_is_held_off_LDADD = $(CORE_LDADD)
EXTRA_DIST += tests/steps.h tests/turns.h

check_PROGRAMS += $(race_tests) $(race_core_tests)
TESTS += $(race_tests) $(race_core_tests)
