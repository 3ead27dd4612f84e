/* SPDX-License-Identifier: MIT */
#ifndef GREEN__ADDRESS_H
#define GREEN__ADDRESS_H

/*
 * Addresses as text, inside: what those have in common that listen and dial.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
};

/* All socket addresses of one in text, at least one. To be freed with
 * green__addresses_free(). */
struct addresses {
	struct address *all;
	int count;
	bool no_host; /* the text had none */
};

/* passive: to listen on. Returns 0, or what green_net_addr() returns. */
int green__addresses_find(struct addresses *ret, const char *text,
			  uint64_t flags, bool passive, int64_t deadline);
void green__addresses_free(struct addresses *list);

/* Are these flags, of which those are known? 0 or -EINVAL. */
int green__net_flags_check(uint64_t flags, uint64_t known);

/* A socket for an address, with what the flags say. Returns the descriptor or
 * an error. */
int green__net_socket(const struct address *a, uint64_t flags);

/* Set an option that is a number; false: it could not be set. */
bool green__net_set(int fd, int level, int option, int value);

#endif
