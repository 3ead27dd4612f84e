# SPDX-License-Identifier: MIT
# make bench               measure everything; results in bench/results
# make bench-instructions  instructions per operation, by single steps
# make bench-syscalls      system calls of the servers per request
# BENCH_FLAGS="--rounds 9 --rows yield" changes what is done: see
# bench/run.py --help.
bench_programs = \
	bench/cores-green \
	bench/names-green \
	bench/switch-green \
	bench/threads-green \
	bench/threads-pthread
bench_data =

bench_cores_green_SOURCES = bench/cores-green.c bench/bench.h
bench_names_green_SOURCES = bench/names-green.c bench/bench.h
bench_switch_green_SOURCES = bench/switch-green.c bench/switch.h bench/bench.h
bench_threads_green_SOURCES = bench/threads-green.c bench/threads.h \
	bench/sync.h bench/timers.h bench/memory.h bench/bench.h
bench_threads_pthread_SOURCES = bench/peers/threads-pthread.c
bench_threads_pthread_LDADD =

# ptrace(2) as Linux has it: only built when asked for.
bench_count_SOURCES = bench/count.c
bench_count_LDADD =

if BENCH_EPOLL
bench_programs += bench/load bench/echo-epoll bench/echo-green
endif
bench_load_SOURCES = bench/load.c bench/client.h bench/memory.h bench/bench.h
bench_load_LDADD =
bench_echo_epoll_SOURCES = bench/echo-epoll.c bench/server.h bench/bench.h
bench_echo_epoll_LDADD =
bench_echo_green_SOURCES = bench/echo-green.c bench/server.h bench/bench.h

if BENCH_FLOOR
bench_programs += bench/switch-floor
endif
bench_switch_floor_SOURCES = bench/switch-floor.c bench/floor.S
bench_switch_floor_LDADD =

if BENCH_UCONTEXT
bench_programs += bench/switch-ucontext
endif
bench_switch_ucontext_SOURCES = bench/peers/switch-ucontext.c
bench_switch_ucontext_LDADD =

if BENCH_FCONTEXT
bench_programs += bench/switch-fcontext
endif
bench_switch_fcontext_SOURCES = bench/peers/switch-fcontext.cc
bench_switch_fcontext_LDADD = -lboost_context

if BENCH_FIBER
bench_programs += bench/threads-boost
endif
bench_threads_boost_SOURCES = bench/peers/threads-boost.cc
bench_threads_boost_LDADD = -lboost_fiber -lboost_context

if BENCH_PTH
bench_programs += bench/threads-pth
endif
bench_threads_pth_SOURCES = bench/peers/threads-pth.c
bench_threads_pth_LDADD = -lpth

if BENCH_ST
bench_programs += bench/threads-st bench/echo-st
endif
bench_echo_st_SOURCES = bench/peers/echo-st.c
bench_echo_st_LDADD = -lst
bench_threads_st_SOURCES = bench/peers/threads-st.c
bench_threads_st_LDADD = -lst

if BENCH_ASIO
bench_programs += bench/echo-asio
endif
bench_echo_asio_SOURCES = bench/peers/echo-asio.cc
bench_echo_asio_LDADD =

if BENCH_GO
bench_data += bench/threads-go bench/echo-go bench/http-go
endif
bench_go = bench/peers/threads.go bench/peers/cores.go bench/peers/sync.go
bench_go_build = $(AM_V_GEN)$(MKDIR_P) bench/go-cache && GO111MODULE=off \
	GOCACHE='$(abs_builddir)/bench/go-cache' $(GO) build -o $@
bench/echo-go: bench/peers/echo.go
	$(bench_go_build) '$(srcdir)/bench/peers/echo.go'
bench/http-go: bench/peers/http.go
	$(bench_go_build) '$(srcdir)/bench/peers/http.go'
bench/threads-go: $(bench_go)
	$(bench_go_build) '$(srcdir)/bench/peers/threads.go' \
		'$(srcdir)/bench/peers/cores.go' \
		'$(srcdir)/bench/peers/sync.go'

EXTRA_PROGRAMS += \
	bench/count \
	bench/echo-asio \
	bench/echo-epoll \
	bench/echo-green \
	bench/echo-st \
	bench/load \
	bench/switch-floor \
	bench/switch-fcontext \
	bench/switch-ucontext \
	bench/threads-boost \
	bench/threads-pth \
	bench/threads-st
CLEANFILES += bench/count bench/switch-floor bench/switch-fcontext bench/switch-ucontext \
	bench/threads-boost bench/threads-pth bench/threads-st bench/threads-go \
	bench/echo-asio bench/echo-epoll bench/echo-go bench/echo-green \
	bench/echo-st \
	bench/http-go bench/load

check_PROGRAMS += $(bench_programs)
check_DATA += $(bench_data)
TESTS += bench/check-bench.sh
AM_TESTS_ENVIRONMENT += \
	BENCH_INTERPRETER='$(BENCH_INTERPRETER)'; export BENCH_INTERPRETER; \
	BENCH_NGINX='$(NGINX)'; export BENCH_NGINX;
EXTRA_DIST += \
	bench/README.md \
	bench/check-bench.sh \
	bench/peers/cores.go \
	bench/peers/echo.go \
	bench/peers/http.go \
	bench/peers/sync.go \
	bench/peers/threads.go \
	bench/peers/threads.py \
	bench/report.py \
	bench/run.py \
	bench/servers.py \
	bench/syscalls.py

# The Python package in the build folder, as bindings/ lays it out.
bench_run = BENCH_INFO='$(CC) $(CFLAGS)' GNUPLOT='$(GNUPLOT)' \
	BENCH_NGINX='$(NGINX)' BENCH_WRK='$(WRK)' \
	PYTHONPATH=python \
	'$(BENCH_INTERPRETER)' -B '$(srcdir)/bench/run.py' --build bench

.PHONY: bench bench-instructions bench-syscalls
bench: all $(bench_programs) $(bench_data)
	$(bench_run) $(BENCH_FLAGS)

bench-instructions: all bench/count bench/threads-green bench/switch-green
	$(bench_run) --instructions $(BENCH_FLAGS)

bench-syscalls: all $(bench_programs) $(bench_data)
	$(bench_run) --syscalls $(BENCH_FLAGS)

CLEAN_TARGETS += clean-bench
clean-bench:
	rm -rf bench/results bench/go-cache
