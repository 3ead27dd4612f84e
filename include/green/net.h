/* SPDX-License-Identifier: MIT */
#ifndef GREEN_NET_H
#define GREEN_NET_H

/*
 * Network: names and addresses, who listens at them, and who dials them.
 *
 *	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
 *	int error = green_getaddrinfo("example.org", "http", &hints, &list,
 *				      green_after(5 * GREEN_SECOND));
 *
 *	if (error < 0)
 *		puts(green_strerror(error));
 *	...
 *	green_freeaddrinfo(list);
 *
 * Names are looked up by the C library, with all that the system's
 * configuration says of hosts, name servers and other services: in OS threads
 * of the pool (green/offload.h), unless there is nothing to look up. Whoever
 * gives up leaves the question behind; its answer is freed when it comes, and
 * no memory of the caller's is used after the call.
 */

#include <green/base.h>
#include <green/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* As in <netdb.h> and <sys/socket.h>, whose names are a program's own until it
 * includes them. */
struct addrinfo;
struct sockaddr;

/*
 * The errors of getaddrinfo(3) and getnameinfo(3) that are no errno: negative
 * like those, and different from all of them. EAI_MEMORY is -ENOMEM, and
 * EAI_SYSTEM the error of the system.
 */
/** The name servers do not answer, or not now. */
#define GREEN_EAI_AGAIN (-10001)
/** Unknown flags, or flags that do not go together. */
#define GREEN_EAI_BADFLAGS (-10002)
/** A name server has failed, and will again. */
#define GREEN_EAI_FAIL (-10003)
/** The address family is not supported. */
#define GREEN_EAI_FAMILY (-10004)
/** There is no such name or service, or it has no such address. */
#define GREEN_EAI_NONAME (-10005)
/** A name does not fit into the buffer. */
#define GREEN_EAI_OVERFLOW (-10006)
/** The service is not there for that type of socket. */
#define GREEN_EAI_SERVICE (-10007)
/** The type of socket is not supported. */
#define GREEN_EAI_SOCKTYPE (-10008)

/**
 * The addresses of a host and a service, as getaddrinfo(3) finds them; hints
 * as there. Strings and hints are copied. A node and a service that are numbers
 * or NULL are found at once, whatever the deadline says; for that see
 * green/time.h. May park; a plain pthread is blocked.
 *
 * Returns 0, and *ret_list is to be freed with green_freeaddrinfo(); otherwise
 * nothing is: GREEN_EAI_*; -EAGAIN or -ETIMEDOUT as the deadline says; -EINVAL
 * for a NULL ret_list, a negative deadline, or neither node nor service;
 * -ENOMEM; -EINTR when green_interrupt() ended the wait; -ECANCELED when the
 * caller is cancelled; what green_offload() returns; or the error of a system
 * call. Since 0.1.
 */
GREEN_API int green_getaddrinfo(const char *node, const char *service,
				const struct addrinfo *hints,
				struct addrinfo **ret_list, int64_t deadline);

/**
 * Free a list that green_getaddrinfo() has returned, all of it. NULL does
 * nothing. Does not park. Since 0.1.
 */
GREEN_API void green_freeaddrinfo(struct addrinfo *list);

/**
 * The names of a socket address of len bytes, as getnameinfo(3) finds them;
 * flags (NI_*) as there. They are stored in host and service, which have room
 * for so many bytes; one that is not wanted is NULL and 0. With NI_NUMERICHOST
 * and NI_NUMERICSERV they are found at once. For deadline see green/time.h. May
 * park; a plain pthread is blocked.
 *
 * Returns 0; otherwise host and service are as they were: GREEN_EAI_*, or as
 * green_getaddrinfo(); -EINVAL also for a NULL addr. Since 0.1.
 */
GREEN_API int
green_getnameinfo(const struct sockaddr *addr, size_t len, char *host,
		  size_t host_size, char *service, size_t service_size,
		  int flags, int64_t deadline);

/* ---- addresses as text --------------------------------------------------- */

/*
 * An address is a string. For TCP and UDP:
 *
 *	"example.org:http"	a name and a service
 *	"192.0.2.1:80"		an address and a port
 *	"[2001:db8::1]:80"	one of IPv6; "[fe80::1%eth0]:80" with its zone
 *	":80"			listen: on all addresses; dial: this machine
 *	":0"			listen: on a port that is free
 *
 * For UNIX sockets:
 *
 *	"unix:/run/program"	a file, of at most 107 bytes
 *	"unix:@program"		a name that is no file (Linux)
 *
 * A host that is called unix is "[unix]:80".
 */

/** Flag: datagrams, which is UDP but for UNIX sockets; without it, streams. */
#define GREEN_NET_DATAGRAM 1
/** Flag: addresses of IPv4 only. */
#define GREEN_NET_IPV4 2
/** Flag: addresses of IPv6 only. */
#define GREEN_NET_IPV6 4
/** Flag: other sockets may listen on the same port, and share what comes
 * (SO_REUSEPORT). */
#define GREEN_NET_SHARED 8
/** Flag: send a few bytes late, as they may become more (Nagle's algorithm).
 * Without it they are sent at once (TCP_NODELAY). */
#define GREEN_NET_DELAY 16

/** Bytes that are enough for the text of any address, its zero included. */
#define GREEN_NET_NAME_MAX 128

/**
 * The socket address of an address in text, for green_sendto() and others: the
 * first one, if a name has several. flags: GREEN_NET_DATAGRAM, GREEN_NET_IPV4,
 * GREEN_NET_IPV6. ret_addr has room for size bytes. May park when there is a
 * name to be looked up.
 *
 * Returns the length of the socket address, in bytes; -EINVAL for text that is
 * none, NULL or unknown flags; -ENOSPC when it does not fit; -ENAMETOOLONG; or
 * what green_getaddrinfo() returns. Since 0.1.
 */
GREEN_API int
green_net_addr(const char *address, uint64_t flags, struct sockaddr *ret_addr,
	       size_t size, int64_t deadline);

/**
 * The text of a socket address, as above, with numbers. buf has room for size
 * bytes. Does not park. Returns 0; -EINVAL for NULL, or an address that is no
 * whole one; -EAFNOSUPPORT for one of another family; -ENOSPC when it does not
 * fit. Since 0.1.
 */
GREEN_API int
green_net_name(const struct sockaddr *addr, size_t len, char *buf, size_t size);

/** The address of a socket itself, such as the port that it was given. As
 * green_net_name(), and what getsockname(2) returns. Since 0.1. */
GREEN_API int green_net_local(int fd, char *buf, size_t size);

/** The address of the other end. As green_net_name(), and what getpeername(2)
 * returns: -ENOTCONN if there is none. Since 0.1. */
GREEN_API int green_net_peer(int fd, char *buf, size_t size);

/* ---- listen and dial ----------------------------------------------------- */

/** How to listen. Set size to sizeof(struct green_listen_attr) and the rest to
 * zero, then change what matters. */
struct green_listen_attr {
	/** sizeof(struct green_listen_attr). */
	size_t size;
	/** GREEN_NET_*. */
	uint64_t flags;
	/** How many connections may wait for green_accept(). 0: as many as
	 * the system allows. */
	uint64_t backlog;
};

/**
 * Listen on an address: the first one that can be had, if a name has several.
 * With GREEN_NET_DATAGRAM the socket is bound, and can send and receive. attr
 * may be NULL. May park when there is a name to be looked up.
 *
 * Without a host it is all addresses, of both families in one socket; "[::]" is
 * IPv6 alone. A port that is left over from old connections can be had
 * (SO_REUSEADDR). So can the file of a UNIX socket, if it is certain that no
 * socket is behind it any more.
 *
 * Returns the descriptor; -EADDRINUSE, -EACCES and what else bind(2) says;
 * -EINVAL for unknown flags or a wrong attr->size; -E2BIG; or as
 * green_net_addr() and green_socket(). Since 0.1.
 */
GREEN_API int
green_listen(const char *address, const struct green_listen_attr *attr,
	     int64_t deadline);

/** How to dial. Set size to sizeof(struct green_dial_attr) and the rest to
 * zero, then change what matters. */
struct green_dial_attr {
	/** sizeof(struct green_dial_attr). */
	size_t size;
	/** GREEN_NET_*, but for GREEN_NET_SHARED. */
	uint64_t flags;
	/** Address of the own end; NULL: the system chooses one. */
	const char *local;
	/** If a name has several addresses: nanoseconds that one has to answer
	 * before the next is tried, too. 0: 250 ms, as RFC 8305 says. */
	int64_t stagger;
};

/**
 * Connect to an address. attr may be NULL. May park.
 *
 * If a name has several addresses, they are tried in the order in which
 * green_getaddrinfo() has them, but with the families in turns: the next one
 * as soon as one fails, or does not answer for a while (RFC 8305). The first
 * that answers is taken. The deadline is for all of them, looking up the name
 * included; nothing is left behind after it.
 *
 * Returns the descriptor; -ECONNREFUSED and what else connect(2) says of the
 * first address, if all have failed; -EAGAIN or -ETIMEDOUT as the deadline
 * says; -EINTR, -ECANCELED; -EINVAL for unknown flags or a wrong attr->size;
 * -E2BIG; or as green_net_addr() and green_socket(). Since 0.1.
 */
GREEN_API int green_dial(const char *address,
			 const struct green_dial_attr *attr, int64_t deadline);

/* ---- serve --------------------------------------------------------------- */

/** What serves a connection; libgreen closes fd when it has returned. It must
 * return, and not end its thread otherwise. */
typedef void (*green_serve_fn)(int fd, void *arg);

/** What green_serve() has counted. */
struct green_serve_stats {
	/** Connections that were served. */
	uint64_t served;
	/** At most so many at a time. */
	uint64_t most;
	/** How often it had to wait because the limit was reached. */
	uint64_t full;
	/** How often it had to wait because there was no descriptor or no
	 * memory for the next one. */
	uint64_t starved;
	/** Those that were gone before they were accepted. */
	uint64_t lost;
	/** Those that were cancelled at the end. */
	uint64_t cancelled;
};

/** How to serve. Set size to sizeof(struct green_serve_attr) and the rest to
 * zero, then change what matters. */
struct green_serve_attr {
	/** sizeof(struct green_serve_attr). */
	size_t size;
	/** None so far: 0. */
	uint64_t flags;
	/** At most so many connections at a time; others wait in the backlog.
	 * 0: no limit. */
	uint64_t connections;
	/** Of each connection's thread, as in struct green_attr. */
	uint64_t stack_size;
	/** Nanoseconds that connections have to end by themselves when serving
	 * stops; then they are cancelled. 0: at once; GREEN_NEVER: all the time
	 * they need. */
	int64_t grace;
	/** Where to count, or NULL. Written when green_serve() returns. */
	struct green_serve_stats *stats;
};

/**
 * Accept connections, and call fn(connection, arg) for each of them in a green
 * thread of its own, until serving stops: because the listener is shut down
 * (green_shutdown(), from any OS thread) or closed (green_close()), or because
 * the caller is cancelled. Then wait until all of them have ended; see
 * attr->grace. attr may be NULL. May park.
 *
 * When there is no descriptor or memory for a connection it waits in the
 * backlog until another has ended, or for a moment. In a runtime the threads
 * are shared among all workers. The listener stays the caller's. An
 * interruption does not end it.
 *
 * Returns 0 when the listener was shut down or closed, -ECANCELED when the
 * caller is cancelled, and both times all connections have ended; -EBADF,
 * -ENOTSOCK, -EINVAL for a descriptor that does not listen, a NULL fn, unknown
 * flags or a wrong attr->size; -E2BIG; -ENOMEM. Since 0.1.
 */
GREEN_API int green_serve(int fd, const struct green_serve_attr *attr,
			  green_serve_fn fn, void *arg);

#ifdef __cplusplus
}
#endif

#endif
