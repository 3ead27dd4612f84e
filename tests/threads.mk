# SPDX-License-Identifier: MIT
# Proofs of green threads and time.
thread_tests = \
	tests/t-deadlock-is-reported \
	tests/t-deadlock-no-false-alarm \
	tests/t-embed-parks-until-woken \
	tests/t-embed-reserve-is-the-top \
	tests/t-id-never-reused \
	tests/t-join-across-os-threads \
	tests/t-join-detach \
	tests/t-join-errors \
	tests/t-join-starts-the-thread-next \
	tests/t-join-stress \
	tests/t-key-destructors \
	tests/t-key-of-main-flow \
	tests/t-key-values \
	tests/t-thread-attr-is-checked \
	tests/t-thread-control-is-the-callers \
	tests/t-thread-dump \
	tests/t-thread-exit-of-process \
	tests/t-thread-exits \
	tests/t-thread-keeps-errno \
	tests/t-thread-names \
	tests/t-thread-own-stack \
	tests/t-thread-stats \
	tests/t-thread-storm-reuses-stacks \
	tests/t-thread-yields-fairly \
	tests/t-time-deadlines \
	tests/t-time-idle-burns-no-cpu \
	tests/t-worker-abandons-threads \
	tests/t-worker-many-come-and-go \
	tests/t-worker-pthread-exit

thread_core_tests = \
	tests/t-id-retires-used-up-places \
	tests/t-join-deadline \
	tests/t-time-wakes-in-order
tests_t_id_retires_used_up_places_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_id_retires_used_up_places_LDADD = $(CORE_LDADD)
tests_t_join_deadline_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_join_deadline_LDADD = $(CORE_LDADD)
tests_t_time_wakes_in_order_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_time_wakes_in_order_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(thread_tests) $(thread_core_tests)
TESTS += $(thread_tests) $(thread_core_tests)
