# SPDX-License-Identifier: MIT
# Proofs of green threads and time.
thread_tests = \
	tests/t-embed-parks-until-woken \
	tests/t-embed-reserve-is-the-top \
	tests/t-id-never-reused \
	tests/t-join-detach \
	tests/t-join-errors \
	tests/t-join-starts-the-thread-next \
	tests/t-thread-attr-is-checked \
	tests/t-thread-control-is-the-callers \
	tests/t-thread-keeps-errno \
	tests/t-thread-names \
	tests/t-thread-own-stack \
	tests/t-thread-yields-fairly

thread_core_tests = \
	tests/t-id-retires-used-up-places \
	tests/t-join-deadline
tests_t_id_retires_used_up_places_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_id_retires_used_up_places_LDADD = $(CORE_LDADD)
tests_t_join_deadline_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_join_deadline_LDADD = $(CORE_LDADD)

check_PROGRAMS += $(thread_tests) $(thread_core_tests)
TESTS += $(thread_tests) $(thread_core_tests)
