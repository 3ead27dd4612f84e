# SPDX-License-Identifier: MIT
# The Python package `green`. SWIG makes the wrapper from the headers; what it
# made is in the tarball, so that only those who build from git need SWIG.
# python/green/ in the build folder is the package as it will be installed:
# PYTHONPATH=python imports it from there.
py_sources = \
	bindings/python/py_chan.c \
	bindings/python/py_chan.h \
	bindings/python/py_cond.c \
	bindings/python/py_error.c \
	bindings/python/py_event.c \
	bindings/python/py_explore.c \
	bindings/python/py_green.h \
	bindings/python/py_local.c \
	bindings/python/py_lock.c \
	bindings/python/py_module.c \
	bindings/python/py_offload.c \
	bindings/python/py_rwlock.c \
	bindings/python/py_scope.c \
	bindings/python/py_select.c \
	bindings/python/py_sem.c \
	bindings/python/py_spawn.c \
	bindings/python/py_state.c \
	bindings/python/py_state.h \
	bindings/python/py_thread.c \
	bindings/python/py_wait.c \
	bindings/python/py_worker.c
py_package = \
	bindings/python/green/__init__.py \
	bindings/python/green/__init__.pyi \
	bindings/python/green/_net.py \
	bindings/python/green/_scope.py \
	bindings/python/green/_sync.py \
	bindings/python/green/py.typed
py_made = \
	bindings/python/docs.i \
	bindings/python/core_wrap.c \
	bindings/python/core.py
py_headers = \
	include/green/base.h \
	include/green/runtime.h \
	include/green/time.h \
	include/green/thread.h \
	include/green/scope.h \
	include/green/embed.h \
	include/green/explore.h

EXTRA_DIST += bindings/python/docs.py bindings/python/green.i \
	bindings/python/probe.py $(py_package)

py_tests = \
	tests/python/calls.py \
	tests/python/conftest.py \
	tests/python/test_barrier.py \
	tests/python/test_cancel.py \
	tests/python/test_channel.py \
	tests/python/test_clock.py \
	tests/python/test_condition.py \
	tests/python/test_core.py \
	tests/python/test_deadlock.py \
	tests/python/test_event.py \
	tests/python/test_excepthook.py \
	tests/python/test_exit.py \
	tests/python/test_explore.py \
	tests/python/test_fork.py \
	tests/python/test_gc.py \
	tests/python/test_local.py \
	tests/python/test_lock.py \
	tests/python/test_net.py \
	tests/python/test_offload.py \
	tests/python/test_os_threads.py \
	tests/python/test_overflow.py \
	tests/python/test_queue.py \
	tests/python/test_rwlock.py \
	tests/python/test_scope.py \
	tests/python/test_select.py \
	tests/python/test_semaphore.py \
	tests/python/test_signals.py \
	tests/python/test_sleep.py \
	tests/python/test_state.py \
	tests/python/test_stubs.py \
	tests/python/test_thread.py \
	tests/python/test_timeout.py
EXTRA_DIST += $(py_tests)

AM_TESTS_ENVIRONMENT += PYTHON='$(PYTHON)'; export PYTHON;
if PYTHON_PYTEST
AM_TESTS_ENVIRONMENT += PYTHON_PYTEST=yes; export PYTHON_PYTEST;
endif

if PYTHON_SEARCHED
AM_TESTS_ENVIRONMENT += PYTHON_SEARCHED=yes; export PYTHON_SEARCHED;
endif

if PYTHON_BINDINGS
AM_TESTS_ENVIRONMENT += PYTHON_BINDINGS=yes; export PYTHON_BINDINGS;
EXTRA_DIST += $(py_made)
MAINTAINERCLEANFILES += $(py_made)

greenpyexecdir = $(pyexecdir)/green
greenpyexec_LTLIBRARIES = bindings/python/_core.la
greenpyexec_DATA = $(py_package) bindings/python/core.py
bindings_python__core_la_SOURCES = $(py_sources)
nodist_bindings_python__core_la_SOURCES = bindings/python/core_wrap.c
bindings_python__core_la_CPPFLAGS = $(AM_CPPFLAGS) $(PYTHON_CPPFLAGS) \
	-I$(srcdir)/bindings/python
# The wrapper is SWIG's, and so are its warnings.
bindings_python__core_la_CFLAGS = $(LIB_CFLAGS) $(VISIBILITY_CFLAGS) \
	$(WARN_CFLAGS)
bindings_python__core_la_LDFLAGS = -module -avoid-version -shared \
	-shrext $(PYTHON_EXT_SUFFIX) -export-symbols-regex '^PyInit_'
bindings_python__core_la_LIBADD = libgreen.la

# The interpreter whose headers were used must be the one that made nothing
# here: any Python can write the docstrings.
bindings/python/docs.i: bindings/python/docs.py $(py_headers)
	$(AM_V_GEN)$(MKDIR_P) bindings/python && \
	cd $(srcdir) && $(PYTHON) bindings/python/docs.py $(py_headers) \
		> $(abs_builddir)/$@.tmp && \
	mv $(abs_builddir)/$@.tmp $(abs_builddir)/$@

# SWIG may find docs.i in either tree; ours comes first.
bindings/python/core_wrap.c: bindings/python/green.i bindings/python/docs.i
	$(AM_V_GEN)$(SWIG) -python -builtin -Ibindings/python \
		-I$(srcdir)/bindings/python -I$(srcdir)/include \
		-outdir bindings/python -o $@ $(srcdir)/bindings/python/green.i
bindings/python/core.py: bindings/python/core_wrap.c
	$(AM_V_at)test -f $@ || test -f $(srcdir)/$@

# The package in the build tree. The module is a copy: make install has libtool
# put one that looks for the installed library in the place of the original
# for a moment, and a test that imports it just then would fail. Each file comes
# in whole by a rename, because one make may bring them up to date while
# another runs the tests.
all-local: python/green/stamp
python/green/stamp: bindings/python/_core.la $(py_package) \
		bindings/python/core.py
	$(AM_V_GEN)$(MKDIR_P) python/green
	$(AM_V_at)module=_core$(PYTHON_EXT_SUFFIX); new=python/new.$$$$; \
	for f in $(py_package) bindings/python/core.py \
			bindings/python/.libs/$$module; do \
		if test -f $$f; then from=$$f; else from=$(srcdir)/$$f; fi; \
		cp $$from $$new && mv -f $$new python/green/$${f##*/} || \
			exit 1; \
	done; \
	for old in python/green/_core*.so; do \
		test $$old = python/green/$$module || rm -f $$old; \
	done
	$(AM_V_at)touch $@
CLEAN_TARGETS += clean-python
clean-python:
	rm -rf python

# Python wants the module only, not libtool's note about it.
install-exec-hook: install-python-hook
install-python-hook:
	rm -f $(DESTDIR)$(greenpyexecdir)/_core.la
if !PYTHON_SEARCHED
	@echo "note: $(PYTHON) does not look in $(pyexecdir)"
	@echo "      by itself: set PYTHONPATH to that folder."
endif
uninstall-hook:
	rm -f $(DESTDIR)$(greenpyexecdir)/_core$(PYTHON_EXT_SUFFIX)
	-rm -rf $(DESTDIR)$(greenpyexecdir)/__pycache__
	-rmdir $(DESTDIR)$(greenpyexecdir) 2> /dev/null
endif
