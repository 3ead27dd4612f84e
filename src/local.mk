# SPDX-License-Identifier: MIT
# All objects, for the library and for the tests that look inside it.
noinst_LTLIBRARIES += libgreencore.la
libgreencore_la_CFLAGS = $(AM_CFLAGS) $(VISIBILITY_CFLAGS)
libgreencore_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/arch/$(ARCH_DIR) \
	-I$(top_srcdir)/arch -iquote $(top_srcdir)/src
libgreencore_la_SOURCES = \
	src/abandon.c \
	src/address.c \
	src/address.h \
	src/barrier.c \
	src/base.c \
	src/base.h \
	src/cancel.c \
	src/chan.c \
	src/chan.h \
	src/chain.c \
	src/child.c \
	src/child.h \
	src/cleanup.c \
	src/clock.c \
	src/cond.c \
	src/context.c \
	src/context.h \
	src/describe.c \
	src/dial.c \
	src/embed.c \
	src/epoll.c \
	src/event.c \
	src/explore.c \
	src/fd.c \
	src/fd.h \
	src/file.c \
	src/file.h \
	src/fork.c \
	src/foreign.c \
	src/guard.c \
	src/guard.h \
	src/id.c \
	src/id.h \
	src/io.c \
	src/io.h \
	src/job.c \
	src/join.c \
	src/key.c \
	src/listen.c \
	src/lobby.c \
	src/lobby.h \
	src/mem.c \
	src/mem.h \
	src/mutex.c \
	src/mutex.h \
	src/net.c \
	src/net.h \
	src/offload.c \
	src/offload.h \
	src/once.c \
	src/order.c \
	src/os.c \
	src/os.h \
	src/overflow.c \
	src/overflow.h \
	src/poll.c \
	src/poll.h \
	src/poller.h \
	src/pool.h \
	src/reader.c \
	src/report.c \
	src/rwlock.c \
	src/runtime.c \
	src/runtime.h \
	src/sched.c \
	src/sched.h \
	src/scope.c \
	src/scope.h \
	src/select.c \
	src/select.h \
	src/sem.c \
	src/serve.c \
	src/share.c \
	src/signal.c \
	src/slab.c \
	src/slab.h \
	src/sleep.c \
	src/spawn.c \
	src/splice.c \
	src/stack.c \
	src/stack.h \
	src/sync.c \
	src/sync.h \
	src/thread.c \
	src/thread.h \
	src/tools.c \
	src/tools.h \
	src/trim.c \
	src/valgrind.h \
	src/value.c \
	src/wait.c \
	src/wait.h \
	src/waitgroup.c \
	src/wheel.c \
	src/wheel.h \
	src/worker.c \
	src/worker.h

lib_LTLIBRARIES += libgreen.la
libgreen_la_SOURCES =
libgreen_la_LIBADD = libgreencore.la
libgreen_la_LDFLAGS = -no-undefined -version-info $(LIBGREEN_VERSION_INFO) \
	$(SHLIB_LDFLAGS)
EXTRA_DIST += src/libgreen.map
if VERSION_SCRIPT
libgreen_la_LDFLAGS += -Wl,--version-script=$(srcdir)/src/libgreen.map
EXTRA_libgreen_la_DEPENDENCIES = src/libgreen.map
endif
