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
	tests/check-abi.sh \
	tests/check-docs.sh \
	tests/check-exports.sh \
	tests/check-format.sh \
	tests/check-headers.sh \
	tests/check-install.sh \
	tests/check-layers.sh \
	tests/check-python.sh \
	tests/check-python-install.sh
TESTS += $(check_scripts)
EXTRA_DIST += $(check_scripts) tests/tap.sh tests/sanitizers.sh \
	tests/abi/suppressions

# Both install, and libtool links anew for that, in the build folder.
tests/check-python-install.log: tests/check-install.log

# Once per release and CPU: what later ones are held to by check-abi.sh. The
# new file goes into EXTRA_DIST.
abi_baseline = tests/abi/libgreen-$(PACKAGE_VERSION)-$(host_cpu).abi

.PHONY: abi-baseline check-format
abi-baseline: libgreen.la
	abidw --no-corpus-path --no-comp-dir-path --no-show-locs \
		.libs/libgreen.so | \
		sed "s,path='[^']*/\(arch\|include\|src\)/,path='\1/," \
		> $(srcdir)/$(abi_baseline)

check-format:
	@srcdir='$(srcdir)' $(SHELL) $(srcdir)/tests/check-format.sh
