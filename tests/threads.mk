# SPDX-License-Identifier: MIT
# Proofs of green threads and time.
thread_tests = \
	tests/t-clock-virtual \
	tests/t-deadlock-is-reported \
	tests/t-deadlock-no-false-alarm \
	tests/t-embed-hooks-in-order \
	tests/t-embed-parks-until-woken \
	tests/t-embed-reserve-is-the-top \
	tests/t-embed-sleep-hooks \
	tests/t-embed-stack-bounds \
	tests/t-fault-address-space \
	tests/t-fork-among-workers \
	tests/t-fork-keeps-the-caller \
	tests/t-fork-on-a-green-stack \
	tests/t-id-never-reused \
	tests/t-join-across-os-threads \
	tests/t-join-deadline \
	tests/t-join-detach \
	tests/t-join-errors \
	tests/t-join-starts-the-thread-next \
	tests/t-join-stress \
	tests/t-key-destructors \
	tests/t-key-of-main-flow \
	tests/t-key-values \
	tests/t-signal-safe-calls \
	tests/t-thread-attr-is-checked \
	tests/t-thread-control-is-the-callers \
	tests/t-thread-dump \
	tests/t-thread-dump-blocked \
	tests/t-thread-exit-of-process \
	tests/t-thread-exits \
	tests/t-thread-keeps-errno \
	tests/t-thread-keeps-rounding \
	tests/t-thread-names \
	tests/t-thread-newest-first \
	tests/t-thread-own-stack \
	tests/t-thread-stats \
	tests/t-thread-throws \
	tests/t-thread-yields-fairly \
	tests/t-time-deadlines \
	tests/t-time-idle-burns-no-cpu \
	tests/t-time-wakes-among-joins \
	tests/t-time-wakes-in-order \
	tests/t-worker-abandons-threads \
	tests/t-worker-many-come-and-go \
	tests/t-worker-pthread-exit
tests_t_thread_throws_SOURCES = tests/t-thread-throws.cc
tests_t_thread_keeps_rounding_LDADD = $(TEST_LDADD) -lm

thread_core_tests = \
	tests/t-fault-every-allocation \
	tests/t-id-retires-used-up-places
tests_t_fault_every_allocation_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_fault_every_allocation_LDADD = $(CORE_LDADD)
tests_t_id_retires_used_up_places_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_id_retires_used_up_places_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(thread_tests) $(thread_core_tests)
TESTS += $(thread_tests) $(thread_core_tests)

TESTS += tests/check-thread-sanitizers.sh
EXTRA_DIST += tests/check-thread-sanitizers.sh tests/sanitize-thread.c
