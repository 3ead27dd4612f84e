# SPDX-License-Identifier: MIT
# make bench               measure everything; results in bench/results
# make bench-instructions  instructions per operation, by single steps
# BENCH_FLAGS="--rounds 9 --rows yield" changes what is done: see
# bench/run.py --help.
bench_programs = \
	bench/cores-green \
	bench/switch-green \
	bench/threads-green \
	bench/threads-pthread
bench_data =

bench_cores_green_SOURCES = bench/cores-green.c bench/bench.h
bench_switch_green_SOURCES = bench/switch-green.c bench/switch.h bench/bench.h
bench_threads_green_SOURCES = bench/threads-green.c bench/threads.h \
	bench/sync.h bench/timers.h bench/memory.h bench/bench.h
bench_threads_pthread_SOURCES = bench/peers/threads-pthread.c
bench_threads_pthread_LDADD =

# ptrace(2) as Linux has it: only built when asked for.
bench_count_SOURCES = bench/count.c
bench_count_LDADD =

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
bench_programs += bench/threads-st
endif
bench_threads_st_SOURCES = bench/peers/threads-st.c
bench_threads_st_LDADD = -lst

if BENCH_GO
bench_data += bench/threads-go
endif
bench_go = bench/peers/threads.go bench/peers/cores.go bench/peers/sync.go
bench/threads-go: $(bench_go)
	$(AM_V_GEN)$(MKDIR_P) bench/go-cache && GO111MODULE=off \
	GOCACHE='$(abs_builddir)/bench/go-cache' \
	$(GO) build -o $@ '$(srcdir)/bench/peers/threads.go' \
		'$(srcdir)/bench/peers/cores.go' \
		'$(srcdir)/bench/peers/sync.go'

EXTRA_PROGRAMS += \
	bench/count \
	bench/switch-floor \
	bench/switch-fcontext \
	bench/switch-ucontext \
	bench/threads-boost \
	bench/threads-pth \
	bench/threads-st
CLEANFILES += bench/count bench/switch-floor bench/switch-fcontext bench/switch-ucontext \
	bench/threads-boost bench/threads-pth bench/threads-st bench/threads-go

check_PROGRAMS += $(bench_programs)
check_DATA += $(bench_data)
TESTS += bench/check-bench.sh
AM_TESTS_ENVIRONMENT += \
	BENCH_INTERPRETER='$(BENCH_INTERPRETER)'; export BENCH_INTERPRETER;
EXTRA_DIST += \
	bench/check-bench.sh \
	bench/peers/cores.go \
	bench/peers/sync.go \
	bench/peers/threads.go \
	bench/peers/threads.py \
	bench/report.py \
	bench/run.py

# The Python package in the build folder, as bindings/ lays it out.
bench_run = BENCH_INFO='$(CC) $(CFLAGS)' GNUPLOT='$(GNUPLOT)' \
	PYTHONPATH=python \
	'$(BENCH_INTERPRETER)' -B '$(srcdir)/bench/run.py' --build bench

.PHONY: bench bench-instructions
bench: all $(bench_programs) $(bench_data)
	$(bench_run) $(BENCH_FLAGS)

bench-instructions: all bench/count bench/threads-green bench/switch-green
	$(bench_run) --instructions $(BENCH_FLAGS)

CLEAN_TARGETS += clean-bench
clean-bench:
	rm -rf bench/results bench/go-cache
