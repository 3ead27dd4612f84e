/* SPDX-License-Identifier: MIT */
/*
 * TLS where OpenSSL was not found when this was built: there is none, and who
 * asks for it is told so.
 */

#include "tls.h"

#include <errno.h>
#include <stdio.h>

int
tls_load(const char *cert, const char *key)
{
	(void)cert;
	(void)key;
	fputs("httpd: built without OpenSSL: there is no --tls\n", stderr);
	return -1;
}

void
tls_unload(void)
{
}

int
tls_begin(struct tls **ret_tls, int fd, int64_t deadline)
{
	(void)ret_tls;
	(void)fd;
	(void)deadline;
	return -ENOSYS;
}

ssize_t
tls_recv(struct tls *t, void *buffer, size_t n, int64_t deadline)
{
	(void)t;
	(void)buffer;
	(void)n;
	(void)deadline;
	return -ENOSYS;
}

int
tls_send(struct tls *t, const void *bytes, size_t n)
{
	(void)t;
	(void)bytes;
	(void)n;
	return -ENOSYS;
}

void
tls_end(struct tls *t)
{
	(void)t;
}
