/* SPDX-License-Identifier: MIT */
#ifndef GREEN_NET_H
#define GREEN_NET_H

/*
 * Network: names and addresses.
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

#ifdef __cplusplus
}
#endif

#endif
