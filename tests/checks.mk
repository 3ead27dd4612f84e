# SPDX-License-Identifier: MIT
# Checks of the project that are no programs: see each script's head.
TEST_EXTENSIONS = .sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT += \
	CC='$(CC)'; CXX='$(CXX)'; CFLAGS='$(CFLAGS)'; CXXFLAGS='$(CXXFLAGS)'; \
	LDFLAGS='$(LDFLAGS)'; NM='$(NM)'; READELF='$(READELF)'; AWK='$(AWK)'; \
	MAKE='$(MAKE)'; PKG_CONFIG='$(PKG_CONFIG)'; \
	TEST_EMULATOR='$(TEST_EMULATOR)'; build='$(build)'; host='$(host)'; \
	export CC CXX CFLAGS CXXFLAGS LDFLAGS NM READELF AWK MAKE PKG_CONFIG \
	TEST_EMULATOR build host;

check_scripts = \
	tests/check-exports.sh \
	tests/check-format.sh \
	tests/check-headers.sh \
	tests/check-install.sh \
	tests/check-layers.sh \
	tests/check-python.sh
TESTS += $(check_scripts)
EXTRA_DIST += $(check_scripts) tests/tap.sh

.PHONY: check-format
check-format:
	@srcdir='$(srcdir)' $(SHELL) $(srcdir)/tests/check-format.sh
