/* SPDX-License-Identifier: MIT */
/*
 * httpd: serve the files of a folder over HTTP/1.1, with a green thread per
 * connection.
 *
 *	httpd --port=8080 --list docs
 *
 * Where to read on: connection.c is what happens on a connection, ../serve.c
 * how connections come and how the server stops. Each of the other files is
 * one thing that these need.
 */

#include "../serve.h"
#include "connection.h"
#include "log.h"
#include "mime.h"
#include "options.h"
#include "root.h"
#include "tls.h"

#include <stdio.h>
#include <string.h>

/* OpenSSL's handshake goes deep. */
#define TLS_STACK 262144

static int
prepare(void)
{
	const char *what = options.folder;
	int error = root_open(options.folder, options.walk);

	if (error == 0) {
		what = options.log;
		error = log_open(options.log);
	}
	if (error < 0) {
		fprintf(stderr, "httpd: %s: %s\n", what, strerror(-error));
		return -1;
	}
	mime_load(options.mime);
	return options.cert ? tls_load(options.cert, options.key) : 0;
}

int
main(int argc, char **argv)
{
	struct service service = { .name = "httpd",
				   .scheme = "http://",
				   .talk = connection_talk };
	int status = options_read(argc, argv);

	if (status >= 0)
		return status;
	if (prepare() < 0)
		return 1;
	service.address = options.address;
	service.port = options.port;
	service.workers = options.workers;
	service.connections = options.connections;
	service.grace = options.grace;
	if (options.cert) {
		service.scheme = "https://";
		service.stack_size = TLS_STACK;
	}
	status = serve(&service);
	if (options.cert)
		tls_unload();
	return status;
}
