/* SPDX-License-Identifier: MIT */
#ifndef RESOLVER_H
#define RESOLVER_H

/*
 * In place of libc's resolver: names that end in ".gate" are looked up when the
 * test opens a gate, and are all 192.0.2.1. All others are libc's business.
 * Lists that are out are counted.
 */

#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "gate.h"

static struct gate resolver_gate;
static atomic_int lists;   /* found, and not freed */
static atomic_int answers; /* given */

static inline int
resolver_is_ours(const char *node)
{
	size_t n = node ? strlen(node) : 0;

	return n > 5 && !strcmp(node + n - 5, ".gate");
}

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
	    struct addrinfo **list)
{
	static int (*_Atomic real)(const char *, const char *,
				   const struct addrinfo *, struct addrinfo **);
	int error;

	if (!real) {
		void *found = dlsym(RTLD_NEXT, "getaddrinfo");

		real = *(int (**)(const char *, const char *,
				  const struct addrinfo *,
				  struct addrinfo **))(void *)&found;
	}
	if (resolver_is_ours(node)) {
		gate_pass(&resolver_gate);
		node = "192.0.2.1";
	}
	error = real(node, service, hints, list);
	lists += !error;
	answers++;
	return error;
}

void
freeaddrinfo(struct addrinfo *list)
{
	static void (*_Atomic real)(struct addrinfo *);

	if (!real) {
		void *found = dlsym(RTLD_NEXT, "freeaddrinfo");

		real = *(void (**)(struct addrinfo *))(void *)&found;
	}
	real(list);
	lists--;
}

#endif
