/* SPDX-License-Identifier: MIT */
#ifndef GREEN__POLL_H
#define GREEN__POLL_H

/*
 * Several descriptors at once, for green_poll() and green_select().
 *
 *	for each: green__fd_look(), green__fd_make()
 *	green__poll_now(); if one is ready, or is stale, that is all
 *	green__poll_watch(), since which changes are counted
 *	for each, under its lock: if it is settled, link a node
 *	if all were: wait, as for any other objects (wait.h)
 *	green__fd_look_again() at each, and so on with green__poll_now()
 *
 * Whatever changes after a look makes the descriptor unsettled, or finds the
 * node.
 */

#include <poll.h>
#include <stddef.h>

#include "fd.h"

/* poll(2), without waiting, which neither a signal nor a low limit of
 * descriptors disturbs. Returns how many are ready, or -ENOMEM. */
int green__poll_now(struct pollfd *fds, size_t n);

/* See to it that the calling thread's worker, which is made if there is none,
 * watches those of n with an entry or a number. Returns 0; -ENOMEM, -EMFILE.
 * One that is not open any more is no error: who looks again finds that. */
int green__poll_watch(const struct fd_look *looks, size_t n);

#endif
