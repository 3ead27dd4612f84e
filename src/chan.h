/* SPDX-License-Identifier: MIT */
#ifndef GREEN__CHAN_H
#define GREEN__CHAN_H

/*
 * What a channel is made of; the rules are in chan.c.
 */

#include <stdbool.h>
#include <stddef.h>

#include <green/chan.h>

#include "wait.h"

struct green_chan {
	/* The lock is that of the first. */
	struct wait_queue receivers, senders;
	size_t item_size;
	size_t count;    /* items in the ring */
	size_t capacity; /* so many at most; SIZE_MAX: unbounded */
	size_t room;     /* places of the ring */
	size_t first;    /* place of the oldest item */
	char *ring;
	bool closed;
	bool unbounded;
};

#endif
