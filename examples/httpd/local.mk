# SPDX-License-Identifier: MIT
# The web server, where configure found http-parser; with TLS where it found
# OpenSSL.
if HTTPD
noinst_PROGRAMS += examples/httpd/httpd
endif
examples_httpd_httpd_SOURCES = \
	$(server_sources) \
	examples/httpd/answer.c \
	examples/httpd/answer.h \
	examples/httpd/connection.c \
	examples/httpd/connection.h \
	examples/httpd/date.c \
	examples/httpd/date.h \
	examples/httpd/file.c \
	examples/httpd/file.h \
	examples/httpd/list.c \
	examples/httpd/list.h \
	examples/httpd/log.c \
	examples/httpd/log.h \
	examples/httpd/main.c \
	examples/httpd/mime.c \
	examples/httpd/mime.h \
	examples/httpd/options.c \
	examples/httpd/options.h \
	examples/httpd/range.c \
	examples/httpd/range.h \
	examples/httpd/request.c \
	examples/httpd/request.h \
	examples/httpd/root.c \
	examples/httpd/root.h \
	examples/httpd/stream.c \
	examples/httpd/stream.h \
	examples/httpd/target.c \
	examples/httpd/target.h \
	examples/httpd/text.c \
	examples/httpd/text.h \
	examples/httpd/tls.h
if HTTPD_TLS
examples_httpd_httpd_SOURCES += examples/httpd/tls-openssl.c
else
examples_httpd_httpd_SOURCES += examples/httpd/tls-none.c
endif
examples_httpd_httpd_LDADD = libgreen.la $(HTTPD_LIBS)
