dnl SPDX-License-Identifier: MIT
dnl
dnl GREEN_PYTHON
dnl ------------
dnl Finds an interpreter to build the bindings for: $PYTHON or --with-python=
dnl if given, else the python3 that stands first in PATH, else
dnl /usr/bin/python3. The first that has headers and pytest wins, then the
dnl first with headers: version managers like to put one in PATH that has
dnl neither. An interpreter that was asked for by name and does not do is an
dnl error; otherwise the bindings are left out, and the summary says why.
dnl
dnl AM_PATH_PYTHON is not used: it stops where there is no Python, and
dnl installs into a folder that Debian's Python does not search. The headers
dnl come by -I: with -isystem, gcc follows the symbolic links of Debian's debug
dnl build to the headers of the other one. The extension is not linked with libpython, which a program may have inside itself.
dnl
dnl Sets PYTHON, SWIG, PYTHON_CPPFLAGS, PYTHON_EXT_SUFFIX, pyexecdir, and the
dnl conditionals PYTHON_BINDINGS, PYTHON_PYTEST.

dnl GREEN_PYTHON_PROBE(INTERPRETER): green_py_*; green_py_reason if unfit.
AC_DEFUN([GREEN_PYTHON_PROBE], [
  green_py_reason=
  green_py_pytest=no
  green_py_prefix=$prefix
  AS_IF([test "x$green_py_prefix" = xNONE],
    [green_py_prefix=$ac_default_prefix])
  AS_IF([green_py_facts=`"$1" "$srcdir/bindings/python/probe.py" "$green_py_prefix" 2>&AS_MESSAGE_LOG_FD`], [
    eval "$green_py_facts"
    AS_IF([test "$green_py_implementation" != cpython],
      [green_py_reason="it is $green_py_implementation, not CPython"],
      [test "$green_py_freethreaded" = yes],
      [green_py_reason="it is a free-threaded build"],
      [test "$green_py_version" != 3.11 && test "$enable_untested_python" != yes],
      [green_py_reason="it is Python $green_py_full, and the bindings know the insides of 3.11 only (--enable-untested-python tries anyway)"],
      [test "$green_py_headers" != yes],
      [green_py_reason="it has no headers in $green_py_include (Debian: python3-dev)"])
  ], [green_py_reason="it does not run"])
])

dnl GREEN_PYTHON_SEARCH: PYTHON among those that may lie around, or empty.
AC_DEFUN([GREEN_PYTHON_SEARCH], [
  green_py_second=
  green_py_why="no python3 found"
  for green_py_try in "`command -v python3`" /usr/bin/python3; do
    AS_IF([test -z "$green_py_try" || test ! -x "$green_py_try"], [continue])
    GREEN_PYTHON_PROBE([$green_py_try])
    AS_IF([test -n "$green_py_reason"],
      [green_py_why="$green_py_try: $green_py_reason"; continue])
    AS_IF([test "$green_py_pytest" = yes],
      [PYTHON=$green_py_try; break])
    AS_IF([test -z "$green_py_second"], [green_py_second=$green_py_try])
  done
  AS_IF([test -z "$PYTHON"], [PYTHON=$green_py_second])
])

AC_DEFUN([GREEN_PYTHON], [
AC_ARG_VAR([PYTHON], [the Python interpreter to build the bindings for])
AC_ARG_VAR([SWIG], [the SWIG command, 4.1 or newer])
AC_ARG_WITH([python],
  [AS_HELP_STRING([--with-python@<:@=INTERPRETER@:>@],
    [build the Python bindings @<:@if possible@:>@])],
  [], [with_python=auto])
AC_ARG_ENABLE([untested-python],
  [AS_HELP_STRING([--enable-untested-python],
    [try to build for a Python whose insides nobody checked])],
  [], [enable_untested_python=no])

green_python_summary=no
AS_IF([test "$with_python" = auto && test "$cross_compiling" = yes],
  [with_python=no; green_python_summary="no (cross-compiling)"])
AS_IF([test "$with_python" = auto && test "$enable_shared" = no],
  [with_python=no; green_python_summary="no (--disable-shared)"])
AS_CASE([$with_python],
  [no|yes|auto], [],
  [PYTHON=$with_python; with_python=yes])

AS_IF([test "$with_python" != no], [
  AC_MSG_CHECKING([for a Python to build the bindings for])
  green_py_why=
  AS_IF([test -z "$PYTHON"], [GREEN_PYTHON_SEARCH], [with_python=yes])
  AS_IF([test -n "$PYTHON"], [
    GREEN_PYTHON_PROBE([$PYTHON])
    green_py_why="$PYTHON: $green_py_reason"
    AS_IF([test -n "$green_py_reason"], [
      AC_MSG_RESULT([no])
      AC_MSG_ERROR([$green_py_why. Name another with PYTHON=, or --without-python.])])
    AC_MSG_RESULT([$PYTHON ($green_py_full, pytest: $green_py_pytest)])
  ], [
    AC_MSG_RESULT([none])
    AS_IF([test "$with_python" = yes], [AC_MSG_ERROR([$green_py_why])])
    AC_MSG_NOTICE([no Python bindings: $green_py_why])
    green_python_summary="no ($green_py_why)"
    with_python=no
  ])
])

AS_IF([test "$with_python" != no], [
  PYTHON_CPPFLAGS="-I$green_py_include"
  PYTHON_EXT_SUFFIX=$green_py_suffix
  AS_IF([test -z "$pyexecdir"], [pyexecdir=$green_py_dir])
  green_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $PYTHON_CPPFLAGS"
  AC_MSG_CHECKING([whether Python.h is that of $PYTHON])
  AS_IF([test "$green_py_debug" = yes],
    [green_py_cond="defined Py_DEBUG"], [green_py_cond="!defined Py_DEBUG"])
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include <Python.h>
#if PY_VERSION_HEX != $green_py_hex || !($green_py_cond)
#error "these are the headers of another Python"
#endif
]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([$green_py_include/Python.h does not compile, or another Python's headers come before it; see config.log. --without-python builds without the bindings])])
  CPPFLAGS=$green_save_CPPFLAGS
  AC_CHECK_PROGS([SWIG], [swig swig4.0])
  AS_IF([test -z "$SWIG" && test ! -f "$srcdir/bindings/python/core_wrap.c"], [
    AS_IF([test "$with_python" = yes],
      [AC_MSG_ERROR([the bindings want SWIG (a release tarball would not)])])
    green_python_summary="no (SWIG is missing)"
    with_python=no
  ])
])
AS_IF([test "$with_python" != no], [
  green_python_summary="$PYTHON ($green_py_full), pytest: $green_py_pytest"
  AS_IF([test "$green_py_searched" = no],
    [green_python_summary="$green_python_summary, PYTHONPATH needed once installed"])
])
AC_SUBST([PYTHON_CPPFLAGS])
AC_SUBST([PYTHON_EXT_SUFFIX])
AC_SUBST([pyexecdir])
AM_CONDITIONAL([PYTHON_BINDINGS], [test "$with_python" != no])
AM_CONDITIONAL([PYTHON_PYTEST],
  [test "$with_python" != no && test "$green_py_pytest" = yes])
AM_CONDITIONAL([PYTHON_SEARCHED],
  [test "$with_python" = no || test "$green_py_searched" = yes])
])
