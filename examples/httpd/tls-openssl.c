/* SPDX-License-Identifier: MIT */
/*
 * TLS by OpenSSL.
 *
 * OpenSSL reads from and writes to memory, and the socket is read and written
 * here, outside of it. It could call green_recv() by itself, in a BIO of our
 * own; but then a thread would park within OpenSSL, and another one of the same
 * worker would come in. OpenSSL keeps its last errors per OS thread, and
 * SSL_get_error() looks at them: one connection would die of another's error.
 * So here no thread parks between a call of OpenSSL and the look at how it
 * ended.
 */

#include "tls.h"

#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <green.h>

struct tls {
	SSL *ssl;
	BIO *in, *out; /* what came from the socket, what is to go there */
	int fd;
};

static SSL_CTX *context;

/* ---- the socket -------------------------------------------------------- */

static int
send_out(struct tls *t)
{
	char *at;
	long n = BIO_get_mem_data(t->out, &at);
	ssize_t sent;

	while (n > 0) {
		sent = green_send(t->fd, at, (size_t)n, 0,
				  green_after(options.send_time));
		if (sent < 0)
			return (int)sent;
		at += sent;
		n -= sent;
	}
	(void)BIO_reset(t->out);
	return 0;
}

/* Returns what green_recv() returns; 0 is a connection that was cut. */
static ssize_t
take_in(struct tls *t, int64_t deadline)
{
	char buffer[2048];
	ssize_t n = green_recv(t->fd, buffer, sizeof(buffer), 0, deadline);

	if (n > 0 && BIO_write(t->in, buffer, (int)n) != n)
		return -ENOMEM;
	return n;
}

/* After a call of OpenSSL that returned result: do what it needs. Returns 1
 * when it should be called again, 0 at the end of what the peer sends, -errno
 * when that is broken. */
static int
help(struct tls *t, int result, int64_t deadline)
{
	int why = SSL_get_error(t->ssl, result);
	int error = send_out(t);
	ssize_t n;

	if (error < 0)
		return error;
	if (why == SSL_ERROR_ZERO_RETURN)
		return 0;
	if (why != SSL_ERROR_WANT_READ)
		return -EPROTO;
	n = take_in(t, deadline);
	return n > 0 ? 1 : n < 0 ? (int)n : -ECONNRESET;
}

/* ---- connections ------------------------------------------------------- */

static void
discard(struct tls *t)
{
	SSL_free(t->ssl); /* and with it the two BIOs */
	free(t);
}

static struct tls *
make(int fd)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->fd = fd;
	t->ssl = SSL_new(context);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	if (!t->ssl || !t->in || !t->out) {
		BIO_free(t->in);
		BIO_free(t->out);
		t->in = t->out = NULL;
		discard(t);
		return NULL;
	}
	BIO_set_mem_eof_return(t->in, -1); /* empty is not the end */
	SSL_set_bio(t->ssl, t->in, t->out);
	return t;
}

int
tls_begin(struct tls **ret_tls, int fd, int64_t deadline)
{
	struct tls *t = make(fd);
	int result, error;

	if (!t)
		return -ENOMEM;
	do {
		ERR_clear_error();
		result = SSL_accept(t->ssl);
		error = result == 1 ? send_out(t) : help(t, result, deadline);
	} while (result != 1 && error > 0);
	if (result == 1 && error == 0) {
		*ret_tls = t;
		return 0;
	}
	discard(t);
	return error < 0 ? error : -EPROTO;
}

ssize_t
tls_recv(struct tls *t, void *buffer, size_t n, int64_t deadline)
{
	int want = n < INT_MAX ? (int)n : INT_MAX, result, error;

	do {
		ERR_clear_error();
		result = SSL_read(t->ssl, buffer, want);
		if (result > 0)
			return result;
		error = help(t, result, deadline);
	} while (error > 0);
	return error;
}

int
tls_send(struct tls *t, const void *bytes, size_t n)
{
	int error = 0;

	if (n > INT_MAX)
		return -EINVAL;
	ERR_clear_error();
	/* Into memory: it takes all. */
	if (n > 0 && SSL_write(t->ssl, bytes, (int)n) <= 0)
		error = -EPROTO;
	return error < 0 ? error : send_out(t);
}

void
tls_end(struct tls *t)
{
	ERR_clear_error();
	if (SSL_shutdown(t->ssl) >= 0)
		send_out(t);
	discard(t);
}

/* ---- the program ------------------------------------------------------- */

static int
choose_http(SSL *ssl, const unsigned char **out, unsigned char *out_size,
	    const unsigned char *in, unsigned in_size, void *arg)
{
	static const unsigned char http[] = "\x08http/1.1";

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto((unsigned char **)out, out_size, http,
				  sizeof(http) - 1, in,
				  in_size) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	return SSL_TLSEXT_ERR_OK;
}

int
tls_load(const char *cert, const char *key)
{
	context = SSL_CTX_new(TLS_server_method());
	if (!context ||
	    !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
	    SSL_CTX_use_certificate_chain_file(context, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
		ERR_print_errors_fp(stderr);
		return -1;
	}
	/* Idle connections keep no buffers; nobody renegotiates. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_alpn_select_cb(context, choose_http, NULL);
	return 0;
}

void
tls_unload(void)
{
	SSL_CTX_free(context);
}
