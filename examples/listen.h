/* SPDX-License-Identifier: MIT */
#ifndef LISTEN_H
#define LISTEN_H

#include <stddef.h>

/* For "[address%interface]:port". */
#define LISTEN_NAME_SIZE 128

/* Listen for TCP connections on a numeric address and port, "0" for any port
 * that is free. Returns the socket, or -errno. */
int listen_on(const char *address, const char *port);

/* Write the address and port of a socket, as they stand in a URL. */
void listen_name(int fd, char *name, size_t size);

#endif
