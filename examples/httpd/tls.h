/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_TLS_H
#define HTTPD_TLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Two files implement this: tls-openssl.c, and tls-none.c for where OpenSSL
 * was not found. */
struct tls;

/* Before the first thread. Returns 0, or -1 after a message. */
int tls_load(const char *cert, const char *key);
void tls_unload(void);

/* As those of stream.h. */
int tls_begin(struct tls **ret_tls, int fd, int64_t deadline);
ssize_t tls_recv(struct tls *t, void *buffer, size_t n, int64_t deadline);
int tls_send(struct tls *t, const void *bytes, size_t n);
void tls_end(struct tls *t);

#endif
