# SPDX-License-Identifier: MIT
# Proofs of the contexts. fill.S goes by the CPU, whatever the backend is.
context_tests = \
	tests/t-context-any-stack \
	tests/t-context-formats-doubles \
	tests/t-context-keeps-rounding \
	tests/t-context-misuse-dies \
	tests/t-context-throws
context_core_tests = \
	tests/t-context-ends-backtraces
tests_t_context_ends_backtraces_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_context_ends_backtraces_LDADD = libgreencore.la
tests_t_context_throws_SOURCES = tests/t-context-throws.cc
tests_t_context_keeps_rounding_LDADD = $(TEST_LDADD) -lm

EXTRA_DIST += tests/arch/fill.h
if HAVE_FILL
context_tests += tests/t-context-aligns-stacks
context_core_tests += tests/t-context-keeps-registers
tests_t_context_aligns_stacks_LDADD = tests/libfill.la $(TEST_LDADD)
tests_t_context_keeps_registers_CPPFLAGS = $(CORE_CPPFLAGS)
tests_t_context_keeps_registers_LDADD = tests/libfill.la libgreencore.la -lm
check_LTLIBRARIES += tests/libfill.la
endif
tests_libfill_la_SOURCES =
if CPU_AARCH64
tests_libfill_la_SOURCES += tests/arch/aarch64/fill.S
endif
if CPU_X86_64
tests_libfill_la_SOURCES += tests/arch/x86_64/fill.S
endif

check_PROGRAMS += $(context_tests) $(context_core_tests)
TESTS += $(context_tests) $(context_core_tests)

context_scripts = \
	tests/check-context-gdb.sh \
	tests/check-context-marks.sh \
	tests/check-context-sanitizers.sh \
	tests/check-macho.sh
TESTS += $(context_scripts)
EXTRA_DIST += $(context_scripts) tests/gdb-context.py \
	tests/sanitize-context.c tests/sanitize-context.cc
check_PROGRAMS += tests/gdb-context

# For maintainers, about a minute: see the script. It has no meaning for a
# backend without assembly.
EXTRA_DIST += tests/mutate-context.py
.PHONY: check-mutation
check-mutation: all
	@CC='$(CC)' AWK='$(AWK)' $(PYTHON) $(srcdir)/tests/mutate-context.py \
		--srcdir='$(srcdir)' --arch='$(ARCH_DIR)' --cpu='$(ARCH_DIR)' \
		--cc='$(CC)' --cxx='$(CXX)' --cflags='$(CFLAGS)' \
		--emulator='$(TEST_EMULATOR)' $(MUTATION_FLAGS)
