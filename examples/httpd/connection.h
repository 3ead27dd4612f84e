/* SPDX-License-Identifier: MIT */
#ifndef HTTPD_CONNECTION_H
#define HTTPD_CONNECTION_H

struct peer;

/* All that happens on a connection, from its first byte to its last. */
void connection_talk(struct peer *peer, int fd);

#endif
