# SPDX-License-Identifier: MIT
include_HEADERS = include/green.h
greenincludedir = $(includedir)/green
greeninclude_HEADERS = \
	include/green/base.h \
	include/green/chan.h \
	include/green/child.h \
	include/green/context.h \
	include/green/embed.h \
	include/green/explore.h \
	include/green/io.h \
	include/green/net.h \
	include/green/offload.h \
	include/green/reader.h \
	include/green/runtime.h \
	include/green/select.h \
	include/green/signal.h \
	include/green/sync.h \
	include/green/scope.h \
	include/green/thread.h \
	include/green/time.h
