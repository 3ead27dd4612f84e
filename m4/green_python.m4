dnl SPDX-License-Identifier: MIT
AC_DEFUN([GREEN_PYTHON], [
green_python_summary="no"
AM_CONDITIONAL([PYTHON_BINDINGS], [false])
])
