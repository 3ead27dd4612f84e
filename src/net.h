/* SPDX-License-Identifier: MIT */
#ifndef GREEN__NET_H
#define GREEN__NET_H

/*
 * Network, inside: what the calls of green/net.h have in common.
 */

/* What a call returns for an EAI_* of libc's, right after it: 0 for 0, and
 * EAI_SYSTEM is the errno. */
int green__net_error(int eai);

#endif
