dnl SPDX-License-Identifier: MIT
dnl
dnl GREEN_EXAMPLES
dnl --------------
dnl Looks for the libraries that some of the examples use; libgreen itself uses
dnl none of them. Without http-parser there is no httpd, without OpenSSL it has
dnl no TLS; without libcurl there is no fetch. Sets the conditionals FETCH,
dnl HTTPD and HTTPD_TLS, and HTTPD_LIBS.

dnl GREEN_EXAMPLE_LIB(NAME, LIBS, PROLOGUE, BODY)
AC_DEFUN([GREEN_EXAMPLE_LIB], [
AC_CACHE_CHECK([for $1 for the examples], [green_cv_example_$1], [
  green_save_LIBS=$LIBS
  LIBS="$2 $LIBS"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([$3], [$4])],
    [green_cv_example_$1=yes], [green_cv_example_$1=no])
  LIBS=$green_save_LIBS])
AS_IF([test "$green_cv_example_$1" = yes],
  [green_example_libs="$green_example_libs $1"])
])

AC_DEFUN([GREEN_EXAMPLES], [
green_example_libs=
GREEN_EXAMPLE_LIB([libcurl], [-lcurl], [[#include <curl/curl.h>]],
  [[curl_multi_cleanup(curl_multi_init())]])
GREEN_EXAMPLE_LIB([http_parser], [-lhttp_parser], [[#include <http_parser.h>]],
  [[http_parser parser; http_parser_init(&parser, HTTP_REQUEST)]])
GREEN_EXAMPLE_LIB([openssl], [-lssl -lcrypto], [[#include <openssl/ssl.h>]],
  [[SSL_CTX_free(SSL_CTX_new(TLS_server_method()))]])
AM_CONDITIONAL([FETCH], [test "$green_cv_example_libcurl" = yes])
AM_CONDITIONAL([HTTPD], [test "$green_cv_example_http_parser" = yes])
AM_CONDITIONAL([HTTPD_TLS], [test "$green_cv_example_openssl" = yes])
HTTPD_LIBS=-lhttp_parser
AS_IF([test "$green_cv_example_openssl" = yes],
  [HTTPD_LIBS="$HTTPD_LIBS -lssl -lcrypto"])
AC_SUBST([HTTPD_LIBS])
AS_IF([test "$green_cv_example_http_parser" = no],
  [AC_MSG_NOTICE([no http-parser (Debian: libhttp-parser-dev): examples/httpd is left out])])
AS_IF([test "$green_cv_example_libcurl" = no],
  [AC_MSG_NOTICE([no libcurl (Debian: libcurl4-openssl-dev): examples/fetch is left out])])
])
