dnl SPDX-License-Identifier: MIT
dnl
dnl GREEN_ARCH
dnl ----------
dnl Chooses the folder of arch/ whose assembly switches stacks, from the host
dnl triple. The table is sorted; a triple that it does not know gets "generic"
dnl (ucontext). --with-context=asm|ucontext overrides.
dnl
dnl Sets green_cv_arch, ARCH_DIR, and AM_CONDITIONALs, so that every backend's
dnl sources are in the tarball: ARCH_<folder> for the backend in use, and
dnl CPU_<folder> for the one that this CPU could have.
dnl
dnl A column of the table: folder, triple pattern, a preprocessor condition
dnl that is true for a compiler of that target. The last is checked, because
dnl configure only warns when <host>-gcc is missing and goes on with the
dnl native compiler.

m4_define([GREEN_ARCH_TABLE], [dnl
[aarch64], [aarch64-*-linux*|aarch64-*-freebsd*|aarch64-*-openbsd*|aarch64-*-darwin*|arm64-*-darwin*], [defined __aarch64__ && !defined __ILP32__],
[x86_64], [x86_64-*-linux-gnu|x86_64-*-linux-musl|x86_64-*-freebsd*|x86_64-*-openbsd*|x86_64-*-netbsd*|x86_64-*-darwin*], [defined __x86_64__ && !defined __ILP32__]])

m4_define([GREEN_ARCH_CASE], [m4_if([$#], [0], [], [$#], [1], [],
[  AS_CASE([$host], [$2], [green_arch_asm=$1; green_arch_cond="$3"])
GREEN_ARCH_CASE(m4_shift3($@))])])

m4_define([GREEN_ARCH_CONDITIONALS], [m4_if([$#], [0], [], [$#], [1], [],
[AM_CONDITIONAL(m4_translit([ARCH_$1], [a-z], [A-Z]), [test "$green_cv_arch" = $1])
AM_CONDITIONAL(m4_translit([CPU_$1], [a-z], [A-Z]), [test "$green_arch_asm" = $1])
GREEN_ARCH_CONDITIONALS(m4_shift3($@))])])

AC_DEFUN([GREEN_ARCH], [
AC_ARG_WITH([context],
  [AS_HELP_STRING([--with-context=asm|ucontext],
    [how stacks are switched @<:@asm where there is some@:>@])],
  [AS_CASE([$withval],
    [asm|ucontext], [],
    [AC_MSG_ERROR([--with-context takes asm or ucontext, not '$withval'])])],
  [with_context=auto])

green_arch_asm=
green_arch_note=
green_arch_cond=1
GREEN_ARCH_CASE(GREEN_ARCH_TABLE)

AC_MSG_CHECKING([that $CC compiles for $host_cpu])
AC_PREPROC_IFELSE([AC_LANG_SOURCE([[
#if !($green_arch_cond)
#error the compiler is for another CPU
#endif
]])], [AC_MSG_RESULT([yes])], [
  AC_MSG_RESULT([no])
  AC_MSG_ERROR([$CC does not compile for $host. Is the cross compiler installed ($host_alias-gcc)? Otherwise set CC.])])

AC_CACHE_CHECK([for the context backend], [green_cv_arch], [
  AS_CASE([$with_context],
    [ucontext], [green_cv_arch=generic],
    [green_cv_arch=${green_arch_asm:-generic}])])
AS_IF([test "$with_context" = asm && test "$green_cv_arch" = generic],
  [AC_MSG_ERROR([--with-context=asm: there is no assembly for $host])])
AS_IF([test "$green_cv_arch" = generic && test "$with_context" != ucontext], [
  green_arch_note="no assembly for $host_cpu: slower"
  AC_MSG_NOTICE([no assembly for $host: contexts are switched with ucontext, which is slower (see docs/porting.md)])])
AS_IF([test "$green_cv_arch" = generic],
  [AC_CHECK_FUNC([swapcontext], [],
    [AC_MSG_ERROR([this system has no ucontext, and libgreen no assembly for $host])])
   dnl From the math library, which is not linked: see arch/generic/switch.c.
   green_save_LIBS=$LIBS
   LIBS="$LIBS -lm"
   AC_CHECK_FUNCS([fegetmode])
   LIBS=$green_save_LIBS])

AC_SUBST([ARCH_DIR], [$green_cv_arch])
AC_DEFINE_UNQUOTED([GREEN_BACKEND], ["$green_cv_arch"], [Folder of arch/ in use.])
GREEN_ARCH_CONDITIONALS(GREEN_ARCH_TABLE)
AM_CONDITIONAL([HAVE_FILL], [test -n "$green_arch_asm"])
AM_CONDITIONAL([ARCH_GENERIC], [test "$green_cv_arch" = generic])
])
