/* SPDX-License-Identifier: MIT */
/*
 * Addresses as text.
 *
 * A string is cut into host and port here; what these mean is for
 * green_getaddrinfo() to say, which knows names, numbers and zones. Back into
 * text it is getnameinfo(3), asked for numbers, which it has without asking
 * anybody.
 *
 * Rejected: a second string for the network, as in Go's Dial(), or a scheme as
 * in URLs: whether it is a stream or datagrams is in the program, not in its
 * configuration, and a flag; what is in the configuration is one word.
 */

#include "config.h"

#include "address.h"

#include "base.h"
#include "mem.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>

#include <green/io.h>
#include <green/net.h>
#include <green/scope.h>

#define UNIX "unix:"

/* ---- text to addresses --------------------------------------------------- */

/* Host and port, cut out of a string; empty ones are NULL. */
struct parts {
	char *host, *port;
	char text[256 + 32]; /* names have up to 255 bytes */
};

static bool
is_port(const char *port)
{
	unsigned n = 0;

	if (!*port || strchr(port, ':'))
		return false;
	if (port[strspn(port, "0123456789")])
		return true; /* the name of a service */
	for (; *port && n <= 65535; port++)
		n = 10 * n + (unsigned)(*port - '0');
	return n <= 65535;
}

/* "[host]:port", "host:port", ":port". */
static int
cut(struct parts *p, const char *text)
{
	size_t size = strlen(text) + 1;
	char *end;

	if (size > sizeof(p->text))
		return -ENAMETOOLONG;
	memcpy(p->text, text, size);
	p->host = p->text;
	if (*p->text == '[') {
		p->host++;
		end = strchr(p->host, ']');
		if (!end)
			return -EINVAL;
		*end++ = '\0';
	} else {
		end = strchr(p->host, ':');
	}
	if (!end || *end != ':' || (*p->text == '[' && !*p->host))
		return -EINVAL;
	*end = '\0';
	p->port = end + 1;
	if (!*p->host)
		p->host = NULL;
	return is_port(p->port) ? 0 : -EINVAL;
}

/* UNIX sockets have the longest. */
static int
copy_list(struct addresses *ret, const struct addrinfo *list)
{
	const struct addrinfo *i;
	int n = 0;

	for (i = list; i; i = i->ai_next)
		n += i->ai_addrlen <= sizeof(struct sockaddr_un);
	ret->all = green__alloc((size_t)(n ? n : 1) * sizeof(*ret->all));
	if (!ret->all)
		return -ENOMEM;
	ret->count = n;
	for (n = 0, i = list; i; i = i->ai_next) {
		if (i->ai_addrlen > sizeof(struct sockaddr_un))
			continue;
		memcpy(&ret->all[n].any, i->ai_addr, i->ai_addrlen);
		ret->all[n++].len = i->ai_addrlen;
	}
	if (n)
		return 0;
	green__free(ret->all);
	return GREEN_EAI_FAMILY;
}

static int
find_names(struct addresses *ret, const char *text, uint64_t flags,
	   bool passive, int64_t deadline)
{
	struct addrinfo hints = {
		.ai_flags = passive ? AI_PASSIVE : 0,
		.ai_family = flags & GREEN_NET_IPV4   ? AF_INET
			     : flags & GREEN_NET_IPV6 ? AF_INET6
						      : AF_UNSPEC,
		.ai_socktype = flags & GREEN_NET_DATAGRAM ? SOCK_DGRAM
							  : SOCK_STREAM,
	};
	struct addrinfo *list;
	struct parts p;
	int error = cut(&p, text);

	if (!error)
		error = green_getaddrinfo(p.host, p.port, &hints, &list,
					  deadline);
	if (error)
		return error;
	ret->no_host = !p.host;
	error = copy_list(ret, list);
	green_freeaddrinfo(list);
	return error;
}

/* "@name" is a zero byte and the name; the length ends it. */
static int
find_unix(struct addresses *ret, const char *path)
{
	size_t n = strlen(path);
	struct address *a;

	if (!n)
		return -EINVAL;
	if (n >= sizeof(a->un.sun_path))
		return -ENAMETOOLONG;
	a = green__alloc(sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path, path, n + 1);
	if (*path == '@')
		a->un.sun_path[0] = '\0';
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n +
			     (*path != '@'));
	ret->all = a;
	ret->count = 1;
	return 0;
}

int
green__addresses_find(struct addresses *ret, const char *text, uint64_t flags,
		      bool passive, int64_t deadline)
{
	memset(ret, 0, sizeof(*ret));
	if (!text || deadline < 0)
		return -EINVAL;
	if (green_cancelled())
		return -ECANCELED;
	if (!strncmp(text, UNIX, strlen(UNIX)))
		return find_unix(ret, text + strlen(UNIX));
	return find_names(ret, text, flags, passive, deadline);
}

void
green__addresses_free(struct addresses *list)
{
	green__free(list->all);
}

int
green__net_flags_check(uint64_t flags, uint64_t known)
{
	return flags & ~known || !(~flags & (GREEN_NET_IPV4 | GREEN_NET_IPV6))
		       ? -EINVAL
		       : 0;
}

int
green_net_addr(const char *address, uint64_t flags, struct sockaddr *ret_addr,
	       size_t size, int64_t deadline)
{
	struct addresses list;
	int result = green__net_flags_check(
		flags, GREEN_NET_DATAGRAM | GREEN_NET_IPV4 | GREEN_NET_IPV6);

	if (result || !ret_addr)
		return -EINVAL;
	result = green__addresses_find(&list, address, flags, false, deadline);
	if (result)
		return result;
	result = list.all->len > size ? -ENOSPC : (int)list.all->len;
	if (result > 0)
		memcpy(ret_addr, &list.all->any, list.all->len);
	green__addresses_free(&list);
	return result;
}

/* ---- addresses to text --------------------------------------------------- */

/* Append n bytes, as far as there is room; at grows in any case. */
static void
append(char *buf, size_t size, size_t *at, const char *text, size_t n)
{
	if (*at + n < size)
		memcpy(buf + *at, text, n);
	*at += n;
}

/* Zero bytes of a name that is no file are shown as that first one. */
static void
unix_name(const struct sockaddr_un *un, size_t n, char *buf, size_t size,
	  size_t *at)
{
	append(buf, size, at, UNIX, strlen(UNIX));
	if (n && un->sun_path[0])
		n = strnlen(un->sun_path, n);
	for (size_t i = 0; i < n; i++)
		append(buf, size, at, un->sun_path[i] ? &un->sun_path[i] : "@",
		       1);
}

static int
inet_name(const struct sockaddr *addr, socklen_t len, char *buf, size_t size,
	  size_t *at)
{
	char host[INET6_ADDRSTRLEN + 1 + 16], port[8];
	bool v6 = addr->sa_family == AF_INET6;

	if (getnameinfo(addr, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return -EINVAL;
	append(buf, size, at, "[", v6);
	append(buf, size, at, host, strlen(host));
	append(buf, size, at, "]", v6);
	append(buf, size, at, ":", 1);
	append(buf, size, at, port, strlen(port));
	return 0;
}

int
green_net_name(const struct sockaddr *addr, size_t len, char *buf, size_t size)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	char text[GREEN_NET_NAME_MAX];
	size_t at = 0;
	int error = 0;

	if (!addr || !buf || len < sizeof(addr->sa_family) ||
	    len > sizeof(struct sockaddr_un))
		return -EINVAL;
	switch (addr->sa_family) {
	case AF_UNIX:
		unix_name((const void *)addr, len - head, text, sizeof(text),
			  &at);
		break;
	case AF_INET:
	case AF_INET6:
		error = inet_name(addr, (socklen_t)len, text, sizeof(text),
				  &at);
		break;
	default:
		return -EAFNOSUPPORT;
	}
	if (error)
		return error;
	if (at >= size || at >= sizeof(text))
		return -ENOSPC;
	memcpy(buf, text, at);
	buf[at] = '\0';
	return 0;
}

static int
name_of(int fd, int (*get)(int, struct sockaddr *, socklen_t *), char *buf,
	size_t size)
{
	struct address a;

	a.len = sizeof(a.un);
	if (get(fd, &a.any, &a.len))
		return -errno;
	if (a.len > sizeof(a.un))
		a.len = sizeof(a.un);
	return green_net_name(&a.any, a.len, buf, size);
}

int
green_net_local(int fd, char *buf, size_t size)
{
	return name_of(fd, getsockname, buf, size);
}

int
green_net_peer(int fd, char *buf, size_t size)
{
	return name_of(fd, getpeername, buf, size);
}

/* ---- sockets ------------------------------------------------------------- */

bool
green__net_set(int fd, int level, int option, int value)
{
	return !setsockopt(fd, level, option, &value, sizeof(value));
}

int
green__net_socket(const struct address *a, uint64_t flags)
{
	bool stream = !(flags & GREEN_NET_DATAGRAM);
	int fd = green_socket(a->any.sa_family,
			      stream ? SOCK_STREAM : SOCK_DGRAM, 0);

	/* Connections that are accepted inherit it from what listens. */
	if (fd >= 0 && stream && a->any.sa_family != AF_UNIX &&
	    !(flags & GREEN_NET_DELAY))
		green__net_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	return fd;
}
