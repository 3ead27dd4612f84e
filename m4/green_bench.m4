dnl SPDX-License-Identifier: MIT
dnl
dnl GREEN_BENCH
dnl -----------
dnl Looks for the libraries and tools that `make bench` compares with and
dnl draws with. All are optional: what is missing is reported as not measured.
dnl Each library gets an AM_CONDITIONAL and, where it needs one, a _LIBS.

dnl GREEN_BENCH_PEER(NAME, LIBS, PROLOGUE, BODY)
AC_DEFUN([GREEN_BENCH_PEER], [
AS_VAR_PUSHDEF([cv], [green_cv_bench_$1])
AC_CACHE_CHECK([for $1 to compare with], [cv], [
  green_save_LIBS=$LIBS
  LIBS="$2 $LIBS"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([$3], [$4])],
    [AS_VAR_SET([cv], [yes])], [AS_VAR_SET([cv], [no])])
  LIBS=$green_save_LIBS])
AS_VAR_IF([cv], [yes], [green_bench_peers="$green_bench_peers $1"])
AM_CONDITIONAL(m4_translit([BENCH_$1], [a-z], [A-Z]),
  [AS_VAR_TEST_SET([cv]) && AS_VAR_IF([cv], [yes], [true], [false])])
AS_VAR_POPDEF([cv])
])

AC_DEFUN([GREEN_BENCH], [
green_bench_peers=
GREEN_BENCH_PEER([ucontext], [], [[#include <ucontext.h>]],
  [[static ucontext_t a; return swapcontext(&a, &a)]])
GREEN_BENCH_PEER([pth], [-lpth], [[#include <pth.h>]], [[return pth_init()]])
GREEN_BENCH_PEER([st], [-lst], [[#include <st.h>]], [[return st_init()]])
GREEN_BENCH_PEER([epoll], [], [[#include <sys/epoll.h>]],
  [[return epoll_create1(0)]])
AC_LANG_PUSH([C++])
GREEN_BENCH_PEER([fcontext], [-lboost_context],
  [[#include <boost/context/detail/fcontext.hpp>]],
  [[boost::context::detail::jump_fcontext(0, 0)]])
GREEN_BENCH_PEER([fiber], [-lboost_fiber -lboost_context],
  [[#include <boost/fiber/operations.hpp>]],
  [[boost::this_fiber::yield()]])
GREEN_BENCH_PEER([asio], [], [[#include <boost/asio/io_context.hpp>]],
  [[boost::asio::io_context context(1); context.run()]])
AC_LANG_POP([C++])

dnl go builds for the machine it runs on.
AC_PATH_PROG([GO], [go])
AS_IF([test "$cross_compiling" = yes], [GO=])
AS_IF([test -n "$GO"], [green_bench_peers="$green_bench_peers go"])
AM_CONDITIONAL([BENCH_GO], [test -n "$GO"])

dnl Servers and loads that are programs of their own.
AC_PATH_PROG([NGINX], [nginx], [], [$PATH:/usr/sbin:/usr/local/sbin])
AS_IF([test -n "$NGINX"], [green_bench_peers="$green_bench_peers nginx"])
AC_PATH_PROG([WRK], [wrk])

AM_CONDITIONAL([BENCH_FLOOR],
  [AS_CASE([$host], [x86_64-*-linux-*], [true], [false])])
AC_PATH_PROG([GNUPLOT], [gnuplot])
AS_IF([test -n "$PYTHON" && test "$PYTHON" != :], [BENCH_INTERPRETER=$PYTHON],
  [AC_PATH_PROG([BENCH_INTERPRETER], [python3])])
AC_SUBST([BENCH_INTERPRETER])
])
