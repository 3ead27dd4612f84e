# SPDX-License-Identifier: MIT
# C tests speak TAP. TEST_EMULATOR runs each of them: empty, "qemu-aarch64 -L
# /usr/aarch64-linux-gnu", or "valgrind -q --error-exitcode=9".
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
LOG_COMPILER = $(TEST_EMULATOR)
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir; \
	top_srcdir='$(top_srcdir)'; export top_srcdir;

# Through the public ABI of the shared library. -no-install makes real
# programs, not wrapper scripts, which no emulator could run.
TEST_LDADD = libgreen.la
LDADD = $(TEST_LDADD)
AM_LDFLAGS = -no-install

public_tests = \
	tests/t-abi-sizes \
	tests/t-context-hands-values \
	tests/t-thread-yields-in-order

check_PROGRAMS += $(public_tests)
TESTS += $(public_tests)
EXTRA_DIST += tests/pytest_tap.py tests/seeds.h tests/statm.h tests/tap.h

# These look inside the library: linked with its objects, hidden names and all.
CORE_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(top_srcdir)/src
CORE_LDADD = libgreencore.la
core_tests = \
	tests/t-mem-fails-on-demand \
	tests/t-struct-check-reads-tail \
	tests/t-wheel-keeps-order \
	tests/t-wheel-level-edges
tests_t_mem_fails_on_demand_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_mem_fails_on_demand_LDADD = $(CORE_LDADD)
tests_t_struct_check_reads_tail_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_struct_check_reads_tail_LDADD = $(CORE_LDADD)
tests_t_wheel_keeps_order_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_wheel_keeps_order_LDADD = $(CORE_LDADD)
tests_t_wheel_level_edges_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_wheel_level_edges_LDADD = $(CORE_LDADD)
check_PROGRAMS += $(core_tests)
TESTS += $(core_tests)

include tests/cancel.mk
include tests/chan.mk
include tests/checks.mk
include tests/contexts.mk
include tests/dial.mk
include tests/explore.mk
include tests/io.mk
include tests/models.mk
include tests/net.mk
include tests/offload.mk
include tests/races.mk
include tests/reader.mk
include tests/runtime.mk
include tests/servers.mk
include tests/soak.mk
include tests/stacks.mk
include tests/sync.mk
include tests/threads.mk

# What .ci/run runs with ThreadSanitizer, and under Valgrind: whatever has
# threads, but for the explorer's, which have one OS thread and thousands of
# runs. With AddressSanitizer it runs all of TESTS.
tools_tests = \
	$(thread_tests) $(thread_core_tests) \
	$(race_tests) $(race_core_tests) \
	$(stack_tests) $(stack_core_tests) \
	$(sync_tests) $(sync_core_tests) \
	$(chan_tests) $(chan_core_tests) \
	$(cancel_tests) $(cancel_core_tests) \
	$(dial_tests) $(dial_core_tests) \
	$(explore_tests) \
	$(io_tests) $(io_core_tests) \
	$(net_tests) $(net_core_tests) \
	$(offload_tests) $(offload_core_tests) \
	$(reader_tests) $(reader_core_tests) \
	$(runtime_tests) $(runtime_core_tests)
