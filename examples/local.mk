# SPDX-License-Identifier: MIT
# Built with the library: ./quickstart demo runs them, the tests compare what
# they print.
noinst_PROGRAMS += \
	examples/closures \
	examples/fibers \
	examples/million \
	examples/philosophers \
	examples/pipeline \
	examples/pool \
	examples/proxy \
	examples/sieve \
	examples/stack-jump \
	examples/words
# What they count if not told.
examples_pool_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSOURCE_DIR='"$(abs_top_srcdir)"'
examples_words_CPPFLAGS = $(examples_pool_CPPFLAGS)

# The servers, and what they have in common.
server_sources = \
	examples/serve.c \
	examples/serve.h
examples_proxy_SOURCES = examples/proxy.c $(server_sources)
include examples/httpd/local.mk

if FETCH
noinst_PROGRAMS += examples/fetch
endif
examples_fetch_SOURCES = examples/fetch.c examples/transfer.c \
	examples/transfer.h
examples_fetch_LDADD = $(LDADD) -lcurl -lm

example_tests = \
	tests/check-example-closures.sh \
	tests/check-example-fetch.sh \
	tests/check-example-fibers.sh \
	tests/check-example-million.sh \
	tests/check-example-philosophers.sh \
	tests/check-example-pipeline.sh \
	tests/check-example-pool.sh \
	tests/check-example-sieve.sh \
	tests/check-example-stack-jump.sh \
	tests/check-example-words.sh
TESTS += $(example_tests)
if PYTHON_BINDINGS
AM_TESTS_ENVIRONMENT += EXAMPLE_PYTHON='$(PYTHON)'; export EXAMPLE_PYTHON;
endif
EXTRA_DIST += $(example_tests) \
	tests/examples.sh \
	tests/fetch-server.py \
	examples/closures.py \
	examples/demo.sh \
	examples/demo-httpd.sh \
	examples/fibers.py \
	examples/philosophers.py \
	examples/pipeline.py \
	examples/pool.py \
	examples/sieve.py \
	examples/words.py
