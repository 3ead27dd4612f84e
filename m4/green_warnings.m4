dnl SPDX-License-Identifier: MIT
dnl
dnl GREEN_CHECK_FLAG(VARIABLE, FLAG)
dnl --------------------------------
dnl Appends FLAG to VARIABLE if the C compiler takes it without a warning.
AC_DEFUN([GREEN_CHECK_FLAG], [
AS_VAR_PUSHDEF([cv], [green_cv_flag_$2])
AC_CACHE_CHECK([whether $CC takes $2], [cv], [
  green_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $2"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
    [AS_VAR_SET([cv], [yes])], [AS_VAR_SET([cv], [no])])
  CFLAGS=$green_save_CFLAGS])
AS_VAR_IF([cv], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([cv])
])

dnl GREEN_WARNINGS
dnl --------------
dnl WARN_CFLAGS: the warnings we hold to. LIB_CFLAGS: what the library (and
dnl the tests, which overflow stacks on purpose) is compiled with: probes for
dnl large frames so that none jumps over a guard (of 4 KiB: gcc takes it to be 64
dnl KiB on AArch64), and unwind tables so that an
dnl exception can be thrown through our frames.
AC_DEFUN([GREEN_WARNINGS], [
WARN_CFLAGS="-Wall -Wextra"
m4_foreach_w([flag], [-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings
  -Wundef -Wvla], [GREEN_CHECK_FLAG([WARN_CFLAGS], flag)])
AC_ARG_ENABLE([werror],
  [AS_HELP_STRING([--enable-werror], [make warnings errors (for developers)])],
  [], [enable_werror=no])
AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])

LIB_CFLAGS=
m4_foreach_w([flag], [-fstack-clash-protection
  --param=stack-clash-protection-guard-size=12 -fexceptions
  -fasynchronous-unwind-tables -fno-tree-slp-vectorize],
  [GREEN_CHECK_FLAG([LIB_CFLAGS], flag)])
AC_SUBST([LIB_CFLAGS])
GREEN_CHECK_FLAG([VISIBILITY_CFLAGS], [-fvisibility=hidden])
AC_SUBST([VISIBILITY_CFLAGS])
])

dnl GREEN_CHECK_LDFLAG(VARIABLE, FLAG)
dnl ----------------------------------
AC_DEFUN([GREEN_CHECK_LDFLAG], [
AS_VAR_PUSHDEF([cv], [green_cv_ldflag_$2])
AC_CACHE_CHECK([whether the linker takes $2], [cv], [
  green_save_LDFLAGS=$LDFLAGS
  LDFLAGS="$LDFLAGS -shared -fPIC $2"
  AC_LINK_IFELSE([AC_LANG_SOURCE([int green_probe(void); int green_probe(void) { return 0; }])],
    [AS_VAR_SET([cv], [yes])], [AS_VAR_SET([cv], [no])])
  LDFLAGS=$green_save_LDFLAGS])
AS_VAR_IF([cv], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([cv])
])

dnl GREEN_LINKER
dnl ------------
dnl SHLIB_LDFLAGS: the version map (explicit names, no globs), immediate
dnl binding (a first lazy call costs 3 KiB of a green stack), and no unloading
dnl (signal handlers and thread destructors would dangle). m4_defn quotes: the
dnl commas in a flag must not make it several arguments.
AC_DEFUN([GREEN_LINKER], [
SHLIB_LDFLAGS=
m4_foreach_w([flag], [-Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete -Wl,-z,noexecstack
  -Wl,-Bsymbolic-functions], [GREEN_CHECK_LDFLAG([SHLIB_LDFLAGS], m4_defn([flag]))])
AC_CACHE_CHECK([whether the linker takes a version script],
  [green_cv_version_script], [
  echo 'PROBE_1 { global: green_probe; local: *; };' > conftest.map
  green_save_LDFLAGS=$LDFLAGS
  LDFLAGS="$LDFLAGS -shared -fPIC -Wl,--version-script=conftest.map"
  AC_LINK_IFELSE([AC_LANG_SOURCE([int green_probe(void); int green_probe(void) { return 0; }])],
    [green_cv_version_script=yes], [green_cv_version_script=no])
  LDFLAGS=$green_save_LDFLAGS
  rm -f conftest.map])
AM_CONDITIONAL([VERSION_SCRIPT], [test "$green_cv_version_script" = yes])
AC_SUBST([SHLIB_LDFLAGS])
])
